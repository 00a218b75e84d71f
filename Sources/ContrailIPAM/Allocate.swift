public import NetworkAddresses

extension Pool {
  /// Gives `holder` the next free address in the pool's order.
  ///
  /// - Throws: `exhausted`; `alreadyAllocated`, with the address, if the holder has one of this pool;
  ///   `configurationChanged`.
  @discardableResult
  public func allocate<Store: AddressStore & ~Copyable>(for holder: Holder, in store: inout Store)
    throws(AllocationError<Store.Failure>) -> IPAddress
  {
    let outcome: Outcome<IPAddress>
    do { outcome = try takeNext(for: holder, in: &store) } catch { throw .store(error) }
    do { return try outcome.get() } catch { throw .refused(error) }
  }

  /// Gives `holder` exactly the requested addresses: all of them or, on any error, none.
  ///
  /// A requested address does not change where the next automatic allocation starts.
  ///
  /// - Throws: the reason why the first impossible address cannot be had; `alreadyAllocated` if the holder has an address
  ///   of this pool; `configurationChanged`.
  @discardableResult
  public func allocate<Store: AddressStore & ~Copyable>(
    _ requested: [IPAddress], for holder: Holder, in store: inout Store
  ) throws(AllocationError<Store.Failure>) -> [IPAddress] {
    let outcome: Outcome<[IPAddress]>
    do { outcome = try take(requested, for: holder, in: &store) } catch { throw .store(error) }
    do { return try outcome.get() } catch { throw .refused(error) }
  }

  /// Records that `holder` has `address`, beside whatever else it holds: for addresses that are in use already.
  ///
  /// - Returns: false if the holder had it before.
  /// - Throws: the reason why the address cannot be had; `configurationChanged`.
  @discardableResult
  public func reserve<Store: AddressStore & ~Copyable>(_ address: IPAddress, for holder: Holder, in store: inout Store)
    throws(AllocationError<Store.Failure>) -> Bool
  {
    let outcome: Outcome<Bool>
    do { outcome = try takeOnce(address, for: holder, in: &store) } catch { throw .store(error) }
    do { return try outcome.get() } catch { throw .refused(error) }
  }

  private func takeNext<Store: AddressStore & ~Copyable>(for holder: Holder, in store: inout Store)
    throws(Store.Failure) -> Outcome<IPAddress>
  {
    let cursor: IPAddress?
    switch try open(&store) {
    case .refused(let refusal): return .refused(refusal)
    case .granted(let state): cursor = state.cursor?.family == family ? state.cursor : nil
    }
    if let held = try store.addresses(owner: holder.owner, interface: holder.interface).first {
      return .refused(.alreadyAllocated(Allocation(held, holder), pool: name))
    }
    guard let (address, range) = try store.nextFree(after: cursor, family: family, order: order) else {
      return .refused(.exhausted(pool: name))
    }
    try store.take(address, from: range)
    try store.insertAllocation(Allocation(address, holder))
    try store.setCursor(address)
    return .granted(address)
  }

  private func take<Store: AddressStore & ~Copyable>(
    _ requested: [IPAddress], for holder: Holder, in store: inout Store
  ) throws(Store.Failure) -> Outcome<[IPAddress]> {
    if case .refused(let refusal) = try open(&store) { return .refused(refusal) }
    for (index, address) in requested.enumerated() {
      if requested[..<index].contains(address) { return .refused(.duplicateRequest(address, pool: name)) }
      if let refusal = try obstacle(to: address, in: &store) { return .refused(refusal) }
    }
    if let held = try store.addresses(owner: holder.owner, interface: holder.interface).first {
      return .refused(.alreadyAllocated(Allocation(held, holder), pool: name))
    }
    for address in requested { try take(address, for: holder, in: &store) }
    return .granted(requested)
  }

  private func takeOnce<Store: AddressStore & ~Copyable>(
    _ address: IPAddress, for holder: Holder, in store: inout Store
  ) throws(Store.Failure) -> Outcome<Bool> {
    if case .refused(let refusal) = try open(&store) { return .refused(refusal) }
    switch try obstacle(to: address, in: &store) {
    case .held(let allocation, _)?
    where allocation.holder.owner == holder.owner && allocation.holder.interface == holder.interface:
      return .granted(false)
    case let refusal?: return .refused(refusal)
    case nil:
      try take(address, for: holder, in: &store)
      return .granted(true)
    }
  }

  private func take<Store: AddressStore & ~Copyable>(_ address: IPAddress, for holder: Holder, in store: inout Store)
    throws(Store.Failure)
  {
    guard let range = try store.freeRange(containing: address) else { return }
    try store.take(address, from: range)
    try store.insertAllocation(Allocation(address, holder))
  }

  /// Why `address` cannot be handed out now; `nil` if it is free.
  private func obstacle<Store: AddressStore & ~Copyable>(to address: IPAddress, in store: inout Store)
    throws(Store.Failure) -> Refusal?
  {
    if let refusal = refusal(of: address) { return refusal }
    if try store.freeRange(containing: address) != nil { return nil }
    guard let holder = try store.holder(of: address) else { return .unaccounted(address, pool: name) }
    return .held(Allocation(address, holder), pool: name)
  }

  /// Why the configuration never lets `address` be handed out.
  private func refusal(of address: IPAddress) -> Refusal? {
    guard let subnet = subnet(containing: address) else {
      return .notInSubnet(address, subnets: subnets.map(\.prefix), pool: name)
    }
    if address == subnet.gateway { return .gateway(address, pool: name) }
    if !subnet.hosts.contains(address) { return .notAHostAddress(address, subnet.prefix, pool: name) }
    if let exclude = subnet.excludes.first(where: { $0.contains(address) }) {
      return .excluded(address, by: exclude, pool: name)
    }
    if !subnet.ranges.contains(where: { $0.contains(address) }) {
      return .outsideRanges(address, subnet.ranges, pool: name)
    }
    return nil
  }
}
