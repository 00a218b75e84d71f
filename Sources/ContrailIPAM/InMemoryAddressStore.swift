public import NetworkAddresses

/// A pool's state in memory: for tests, and for programs that need no memory beyond their own life.
///
/// It never fails, and checks what the library promises to a store: a broken promise is a programming error and stops the
/// program.
public struct InMemoryAddressStore: AddressStore, Sendable {
  /// The free ranges, ascending.
  public private(set) var freeRanges: [AddressRange] = []
  /// Who holds what, ascending by address.
  public private(set) var allocations: [Allocation] = []
  private var record: PoolState?
  private var held: [String: [IPAddress]] = [:]

  /// A store of a pool that was never used.
  public init() {}

  /// The pool's record.
  public func state() -> PoolState? { record }

  /// Replaces the record and the free ranges.
  public mutating func reset(_ state: PoolState, freeRanges: [AddressRange]) {
    for (left, right) in zip(freeRanges, freeRanges.dropFirst()) {
      precondition(left.last < right.first && left.last.successor != right.first, "ranges touch or do not ascend")
    }
    record = state
    self.freeRanges = freeRanges
  }

  /// Changes the record's cursor.
  public mutating func setCursor(_ cursor: IPAddress) {
    precondition(record != nil, "the pool was never set up")
    record?.cursor = cursor
  }

  /// The first free range that ends at `address` or above.
  public func freeRange(endingAtOrAfter address: IPAddress) -> AddressRange? {
    let index = rangeIndex(endingAtOrAfter: address)
    return index < freeRanges.count ? freeRanges[index] : nil
  }

  /// The last free range that ends at `address` or below.
  public func freeRange(endingAtOrBefore address: IPAddress) -> AddressRange? {
    let index = rangeIndex(endingAtOrAfter: address)
    if index < freeRanges.count, freeRanges[index].last == address { return freeRanges[index] }
    return index > 0 ? freeRanges[index - 1] : nil
  }

  /// Adds a free range, which overlaps no other.
  public mutating func insertFreeRange(_ range: AddressRange) {
    let index = rangeIndex(endingAtOrAfter: range.last)
    precondition(index == freeRanges.count || freeRanges[index].first > range.last, "free ranges overlap")
    precondition(index == 0 || freeRanges[index - 1].last < range.first, "free ranges overlap")
    freeRanges.insert(range, at: index)
  }

  /// Changes the bounds of a free range.
  public mutating func replaceFreeRange(_ old: AddressRange, with new: AddressRange) {
    removeFreeRange(old)
    insertFreeRange(new)
  }

  /// Removes a free range.
  public mutating func removeFreeRange(_ range: AddressRange) {
    let index = rangeIndex(endingAtOrAfter: range.last)
    precondition(index < freeRanges.count && freeRanges[index] == range, "no such free range")
    freeRanges.remove(at: index)
  }

  /// Who holds `address`.
  public func holder(of address: IPAddress) -> Holder? {
    let index = allocationIndex(atOrAfter: address)
    return index < allocations.count && allocations[index].address == address ? allocations[index].holder : nil
  }

  /// What `owner` holds, ascending.
  public func addresses(owner: String, interface: String?) -> [IPAddress] {
    let all = held[owner, default: []]
    guard let interface else { return all }
    return all.filter { holder(of: $0)?.interface == interface }
  }

  /// Records an allocation.
  public mutating func insertAllocation(_ allocation: Allocation) {
    precondition(holder(of: allocation.address) == nil, "the address is allocated")
    allocations.insert(allocation, at: allocationIndex(atOrAfter: allocation.address))
    held[allocation.holder.owner, default: []].append(allocation.address)
    held[allocation.holder.owner]?.sort()
  }

  /// Removes an allocation.
  public mutating func removeAllocation(of address: IPAddress) {
    guard let owner = holder(of: address)?.owner else { preconditionFailure("the address is not allocated") }
    allocations.remove(at: allocationIndex(atOrAfter: address))
    held[owner]?.removeAll { $0 == address }
    if held[owner]?.isEmpty == true { held[owner] = nil }
  }

  /// The allocations above `address`, ascending, at most `limit`.
  public func allocations(after address: IPAddress?, limit: Int) -> [Allocation] {
    var start = address.map { allocationIndex(atOrAfter: $0) } ?? 0
    if start < allocations.count, allocations[start].address == address { start += 1 }
    return Array(allocations[start...].prefix(limit))
  }

  /// How many addresses of `range` are allocated.
  public func allocationCount(in range: AddressRange) -> Int {
    let end = allocationIndex(atOrAfter: range.last)
    let past = end < allocations.count && allocations[end].address == range.last ? end + 1 : end
    return past - allocationIndex(atOrAfter: range.first)
  }

  private func rangeIndex(endingAtOrAfter address: IPAddress) -> Int {
    partitionPoint(freeRanges.count) { freeRanges[$0].last >= address }
  }

  private func allocationIndex(atOrAfter address: IPAddress) -> Int {
    partitionPoint(allocations.count) { allocations[$0].address >= address }
  }

  /// The first index for which `reached` holds, which it does for all after it.
  private func partitionPoint(_ count: Int, _ reached: (Int) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if reached(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
