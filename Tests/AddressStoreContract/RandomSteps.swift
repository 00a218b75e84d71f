package import ContrailIPAM
import NetworkAddresses
import SeededRandom

/// Makes random calls on `pools[0]`, and compares each outcome and the whole store with the model after each step.
///
/// - Parameters:
///   - pools: alternative configurations of one pool, between which it is reconfigured at times.
///   - seed: the same seed makes the same steps; it is in the error.
/// - Returns: how often each kind of outcome was seen.
package func runRandomSteps<Store: AddressStore & ~Copyable>(
  _ count: Int, seed: UInt64, pools: [Pool], on store: inout Store
) throws -> [String: Int] {
  var run = RandomRun(pools: pools, random: SplitMix(seed: seed))
  for step in 0..<count {
    do {
      try run.step(&store)
      if run.isTouched { try run.model.compare(with: &store) }
    } catch {
      throw ContractViolation(description: "seed \(seed), step \(step), \(run.action): \(error)")
    }
  }
  return run.seen
}

private struct RandomRun {
  let pools: [Pool]
  var random: SplitMix
  var model: PoolModel
  var action = ""
  var seen: [String: Int] = [:]
  var isTouched = false

  init(pools: [Pool], random: SplitMix) {
    self.pools = pools
    self.random = random
    model = PoolModel(pools[0])
  }

  mutating func step<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
    let number = Int.random(in: 0..<12, using: &random)
    let outcome: String
    switch number {
    case 0..<5: outcome = try allocate(&store)
    case 5..<6: outcome = try request(&store)
    case 6..<7: outcome = try reserve(&store)
    case 7..<9: outcome = try releaseAddress(&store)
    case 9..<11: outcome = try releaseOwner(&store)
    default: outcome = try reconfigure(&store)
    }
    seen[outcome, default: 0] += 1
  }

  private mutating func anyHolder() -> Holder {
    let owner = Int.random(in: 0..<12, using: &random)
    return Holder(
      owner: "c\(owner)", interface: Bool.random(using: &random) ? "eth0" : "eth1", label: "pod n/p\(owner)")
  }

  /// An address of the pool's subnets or just beside them, half of the time one that could be handed out.
  private mutating func anyAddress() -> IPAddress {
    if Bool.random(using: &random), let address = model.allocatable.randomElement(using: &random) { return address }
    let prefix = model.pool.subnets.randomElement(using: &random)!.prefix
    return IPAddress(family: prefix.family, number: .random(in: prefix.first - 1...prefix.last + 1, using: &random))
  }

  private mutating func allocate<Store: AddressStore & ~Copyable>(_ store: inout Store) throws -> String {
    let holder = anyHolder()
    action = "allocate for \(holder)"
    isTouched = true
    let name = model.pool.name
    let wanted: Result<IPAddress, Refusal> =
      if let first = model.addresses(of: holder).first {
        .failure(.alreadyAllocated(Allocation(first, holder), pool: name))
      } else if let next = model.nextFree {
        .success(next)
      } else {
        .failure(.exhausted(pool: name))
      }
    let found = try outcome { () throws(AllocationError<Store.Failure>) in
      try model.pool.allocate(for: holder, in: &store)
    }
    try expect(found, wanted, "outcome")
    guard case .success(let address) = found else { return "allocate refused" }
    model.held[address] = holder
    model.cursor = address
    return "allocated"
  }

  private mutating func request<Store: AddressStore & ~Copyable>(_ store: inout Store) throws -> String {
    let holder = anyHolder()
    let addresses = (0..<Int.random(in: 1...3, using: &random)).map { _ in anyAddress() }
    action = "request \(addresses) for \(holder)"
    isTouched = true
    let isPossible =
      addresses.allSatisfy { model.allocatable.contains($0) && model.held[$0] == nil }
      && Set(addresses).count == addresses.count && model.addresses(of: holder).isEmpty
    let found = try outcome { () throws(AllocationError<Store.Failure>) in
      try model.pool.allocate(addresses, for: holder, in: &store)
    }
    guard case .success(let granted) = found else {
      try expect(false, isPossible, "granted")
      return "request refused"
    }
    try expect(granted, addresses, "granted addresses")
    try expect(true, isPossible, "granted")
    for address in addresses { model.held[address] = holder }
    return "requested"
  }

  private mutating func reserve<Store: AddressStore & ~Copyable>(_ store: inout Store) throws -> String {
    let holder = anyHolder()
    let address = anyAddress()
    action = "reserve \(address) for \(holder)"
    isTouched = true
    let isOwn = model.addresses(of: holder).contains(address)
    let isPossible = model.allocatable.contains(address) && model.held[address] == nil
    let found = try outcome { () throws(AllocationError<Store.Failure>) in
      try model.pool.reserve(address, for: holder, in: &store)
    }
    switch found {
    case .success(let isNew):
      try expect(isNew, isPossible, "newly reserved")
      try expect(true, isPossible || isOwn, "reserved")
      model.held[address] = holder
      return isNew ? "reserved" : "reserved before"
    case .failure(let refusal):
      try expect(false, isPossible || isOwn, "reserved")
      if let other = model.held[address] {
        try expect(refusal, .held(Allocation(address, other), pool: model.pool.name), "refusal")
      }
      return "reserve refused"
    }
  }

  private mutating func releaseAddress<Store: AddressStore & ~Copyable>(_ store: inout Store) throws -> String {
    let address = anyAddress()
    action = "release \(address)"
    let wasHeld = model.held.removeValue(forKey: address) != nil
    try expect(store.release(address), wasHeld, "released")
    return wasHeld ? "released" : "nothing released"
  }

  private mutating func releaseOwner<Store: AddressStore & ~Copyable>(_ store: inout Store) throws -> String {
    let holder = anyHolder()
    let interface = Bool.random(using: &random) ? holder.interface : nil
    action = "release \(holder.owner) \(interface ?? "all")"
    let gone = model.held.filter {
      $0.value.owner == holder.owner && (interface ?? $0.value.interface) == $0.value.interface
    }
    for address in gone.keys { model.held[address] = nil }
    try expect(store.release(owner: holder.owner, interface: interface), gone.keys.sorted(), "released")
    return gone.isEmpty ? "no owner released" : "owner released"
  }

  private mutating func reconfigure<Store: AddressStore & ~Copyable>(_ store: inout Store) throws -> String {
    let pool = pools.randomElement(using: &random)!
    action = "reconfigure to \(pool.configuration)"
    isTouched = true
    let allocatable = PoolModel.addresses(of: pool)
    let misfits = model.held.filter { !allocatable.contains($0.key) }.sorted { $0.key < $1.key }
    let found = try outcome { () throws(AllocationError<Store.Failure>) in try pool.reconfigure(in: &store) }
    switch found {
    case .success:
      try expect(misfits.isEmpty, true, "reconfigured")
      model.pool = pool
      model.allocatable = allocatable
      return "reconfigured"
    case .failure(let refusal):
      try expect(
        refusal, .doesNotFit(misfits.map { Allocation($0.key, $0.value) }, pool: pool.name), "refusal")
      return "reconfigure refused"
    }
  }
}

private func outcome<Value, Failure: Error>(_ call: () throws(AllocationError<Failure>) -> Value) throws
  -> Result<Value, Refusal>
{
  do {
    return .success(try call())
  } catch {
    switch error {
    case .refused(let refusal): return .failure(refusal)
    case .store(let failure): throw failure
    }
  }
}
