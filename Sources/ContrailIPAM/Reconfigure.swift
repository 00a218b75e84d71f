import NetworkAddresses

extension Pool {
  /// Takes over a store whose free ranges were made from another configuration, or was never used.
  ///
  /// The free ranges are computed anew: the configuration less what is allocated. Allocations and, within the family, the
  /// cursor stay. Whether running pods survive a new gateway or prefix length is for the caller to judge. Costs as much as
  /// there are allocations; without a change it costs one look-up.
  ///
  /// - Throws: `doesNotFit`, with the holders, if an allocated address may not be handed out any more.
  public func reconfigure<Store: AddressStore & ~Copyable>(in store: inout Store) throws(AllocationError<Store.Failure>)
  {
    let outcome: Outcome<Void>
    do { outcome = try rebuild(&store) } catch { throw .store(error) }
    do { try outcome.get() } catch { throw .refused(error) }
  }

  /// The pool's record; a store that was never used is set up, one of another configuration refused.
  func open<Store: AddressStore & ~Copyable>(_ store: inout Store) throws(Store.Failure) -> Outcome<PoolState> {
    let configuration = self.configuration
    guard let state = try store.state() else {
      let state = PoolState(configuration: configuration)
      try store.reset(state, freeRanges: joined(allocatable))
      return .granted(state)
    }
    guard state.configuration == configuration else {
      return .refused(.configurationChanged(from: state.configuration, to: configuration, pool: name))
    }
    return .granted(state)
  }

  private func rebuild<Store: AddressStore & ~Copyable>(_ store: inout Store) throws(Store.Failure)
    -> Outcome<Void>
  {
    let old = try store.state()
    if old?.configuration == configuration { return .granted(()) }
    var free = FreeRangeBuilder(joined(allocatable))
    var misfits: [Allocation] = []
    var page = try store.allocations(after: nil, limit: pageSize)
    while let last = page.last {
      for allocation in page where !free.take(allocation.address) { misfits.append(allocation) }
      page = try store.allocations(after: last.address, limit: pageSize)
    }
    guard misfits.isEmpty else { return .refused(.doesNotFit(misfits, pool: name)) }
    let cursor = old?.cursor?.family == family ? old?.cursor : nil
    try store.reset(PoolState(configuration: configuration, cursor: cursor), freeRanges: free.finish())
    return .granted(())
  }
}

private let pageSize = 512

/// Adjacent ranges become one, which is what the store's contract wants.
private func joined(_ ranges: [AddressRange]) -> [AddressRange] {
  var result: [AddressRange] = []
  for range in ranges {
    if let last = result.last, last.last < range.first, last.last.successor == range.first {
      result[result.count - 1] = AddressRange(last.first, range.last)
    } else {
      result.append(range)
    }
  }
  return result
}

/// Takes ascending addresses out of ascending ranges.
private struct FreeRangeBuilder {
  private let ranges: [AddressRange]
  /// The first of `ranges` that is not dealt with, and where in it the untaken addresses begin.
  private var index = 0
  private var start: IPAddress?
  private var done: [AddressRange] = []

  init(_ ranges: [AddressRange]) { self.ranges = ranges }

  /// False if the address is in none of the ranges.
  mutating func take(_ address: IPAddress) -> Bool {
    while index < ranges.count, ranges[index].last < address { closeRange() }
    guard index < ranges.count, ranges[index].first <= address else { return false }
    let first = start ?? ranges[index].first
    if first < address { done.append(AddressRange(first, address.predecessor)) }
    if address == ranges[index].last {
      index += 1
      start = nil
    } else {
      start = address.successor
    }
    return true
  }

  mutating func finish() -> [AddressRange] {
    while index < ranges.count { closeRange() }
    return done
  }

  private mutating func closeRange() {
    done.append(AddressRange(start ?? ranges[index].first, ranges[index].last))
    index += 1
    start = nil
  }
}
