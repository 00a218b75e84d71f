import ContrailIPAM
import NetworkAddresses

/// A pool by brute force: the set of its addresses, and who holds which. Only for small pools.
struct PoolModel {
  var pool: Pool
  var allocatable: [IPAddress]
  var held: [IPAddress: Holder] = [:]
  var cursor: IPAddress?

  init(_ pool: Pool) {
    self.pool = pool
    allocatable = Self.addresses(of: pool)
  }

  /// By the definition, address by address.
  static func addresses(of pool: Pool) -> [IPAddress] {
    let gateways = pool.subnets.map(\.gateway)
    return pool.subnets.flatMap { subnet in
      (subnet.prefix.first...subnet.prefix.last).filter { number in
        let address = IPAddress(family: pool.family, number: number)
        let isEdge = number == subnet.prefix.first || (pool.family == .v4 && number == subnet.prefix.last)
        return !isEdge && !gateways.contains(address) && subnet.ranges.contains { $0.contains(address) }
          && !subnet.excludes.contains { $0.contains(address) }
      }.map { IPAddress(family: pool.family, number: $0) }
    }
  }

  func addresses(of holder: Holder) -> [IPAddress] {
    held.filter { $0.value.owner == holder.owner && $0.value.interface == holder.interface }.keys.sorted()
  }

  var nextFree: IPAddress? {
    let free = allocatable.filter { held[$0] == nil }
    switch pool.order {
    case .ascending:
      if let cursor, let above = free.first(where: { $0 > cursor }) { return above }
      return free.first
    case .descending:
      if let cursor, let below = free.last(where: { $0 < cursor }) { return below }
      return free.last
    }
  }

  /// The free addresses as the longest possible ranges.
  var freeRanges: [AddressRange] {
    var ranges: [AddressRange] = []
    for address in allocatable where held[address] == nil {
      if let last = ranges.last, last.last.number + 1 == address.number {
        ranges[ranges.count - 1] = AddressRange(last.first, address)
      } else {
        ranges.append(AddressRange(address, address))
      }
    }
    return ranges
  }

  /// Compares everything that the store says with the model.
  func compare<Store: AddressStore & ~Copyable>(with store: inout Store) throws {
    let wanted = freeRanges
    let lowest = IPAddress(family: pool.family, number: 0)
    let highest = IPAddress(family: pool.family, number: .max)
    var upwards: [AddressRange] = []
    var next = try store.freeRange(endingAtOrAfter: lowest)
    while let range = next, upwards.count <= wanted.count {
      upwards.append(range)
      next = try store.freeRange(endingAtOrAfter: IPAddress(family: pool.family, number: range.last.number + 1))
    }
    try expect(upwards, wanted, "free ranges")
    var downwards: [AddressRange] = []
    next = try store.freeRange(endingAtOrBefore: highest)
    while let range = next, downwards.count <= wanted.count {
      downwards.append(range)
      next = try store.freeRange(endingAtOrBefore: IPAddress(family: pool.family, number: range.last.number - 1))
    }
    try expect(downwards, wanted.reversed(), "free ranges downwards")
    let allocations = held.sorted { $0.key < $1.key }.map { Allocation($0.key, $0.value) }
    try expect(store.allocations(after: nil, limit: allocations.count + 1), allocations, "allocations")
    try expect(store.state(), PoolState(configuration: pool.configuration, cursor: cursor), "state")
  }
}
