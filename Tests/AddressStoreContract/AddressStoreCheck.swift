package import ContrailIPAM
import NetworkAddresses

/// What every ``AddressStore`` must do. Each check wants a store whose pool was never used, and throws what it found wrong.
package enum AddressStoreCheck: String, CaseIterable, Sendable {
  case unusedPoolHasNothing
  case resetWritesStateAndRanges
  case resetKeepsAllocations
  case cursorIsRemembered
  case rangesAreFoundFromBelow
  case rangesAreFoundFromAbove
  case rangesAreInsertedReplacedRemoved
  case highestAddressesSortAsNumbers
  case allocationsAreFoundByAddress
  case allocationsAreFoundByOwner
  case allocationsArePaged
  case allocationsAreCounted

  package func run<Store: AddressStore & ~Copyable>(on store: inout Store) throws {
    switch self {
    case .unusedPoolHasNothing: try checkUnusedPoolHasNothing(&store)
    case .resetWritesStateAndRanges: try checkResetWritesStateAndRanges(&store)
    case .resetKeepsAllocations: try checkResetKeepsAllocations(&store)
    case .cursorIsRemembered: try checkCursorIsRemembered(&store)
    case .rangesAreFoundFromBelow: try checkRangesAreFoundFromBelow(&store)
    case .rangesAreFoundFromAbove: try checkRangesAreFoundFromAbove(&store)
    case .rangesAreInsertedReplacedRemoved: try checkRangesAreInsertedReplacedRemoved(&store)
    case .highestAddressesSortAsNumbers: try checkHighestAddressesSortAsNumbers(&store)
    case .allocationsAreFoundByAddress: try checkAllocationsAreFoundByAddress(&store)
    case .allocationsAreFoundByOwner: try checkAllocationsAreFoundByOwner(&store)
    case .allocationsArePaged: try checkAllocationsArePaged(&store)
    case .allocationsAreCounted: try checkAllocationsAreCounted(&store)
    }
  }
}

/// What a store did wrong.
package struct ContractViolation: Error, CustomStringConvertible {
  package let description: String
}

func expect<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws {
  if found != wanted { throw ContractViolation(description: "\(what): \(found) instead of \(wanted)") }
}

func ip(_ text: String) -> IPAddress { IPAddress(text)! }
func range(_ first: String, _ last: String) -> AddressRange { AddressRange(ip(first), ip(last)) }

private let holder = Holder(owner: "c1", interface: "eth0", label: "pod a/b")
private let low = range("10.0.0.2", "10.0.0.4")
private let high = range("10.0.0.200", "10.0.1.9")

private func checkUnusedPoolHasNothing<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try expect(store.state(), nil, "state")
  try expect(store.freeRange(endingAtOrAfter: ip("0.0.0.0")), nil, "free range from below")
  try expect(store.freeRange(endingAtOrBefore: ip("255.255.255.255")), nil, "free range from above")
  try expect(store.holder(of: ip("10.0.0.2")), nil, "holder")
  try expect(store.addresses(owner: "c1", interface: nil), [], "addresses of an owner")
  try expect(store.allocations(after: nil, limit: 10), [], "allocations")
  try expect(store.allocationCount(in: range("0.0.0.0", "255.255.255.255")), 0, "count")
}

private func checkResetWritesStateAndRanges<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try store.reset(PoolState(configuration: "one"), freeRanges: [low, high])
  try expect(store.state(), PoolState(configuration: "one"), "state")
  let second = PoolState(configuration: "two é", cursor: ip("10.0.0.3"))
  let other = range("10.0.0.4", "10.0.0.5")
  try store.reset(second, freeRanges: [other])
  try expect(store.state(), second, "state after a second reset")
  try expect(store.freeRange(endingAtOrAfter: ip("0.0.0.0")), other, "lowest free range")
  try expect(store.freeRange(endingAtOrBefore: ip("255.255.255.255")), other, "highest free range")
}

private func checkResetKeepsAllocations<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try store.reset(PoolState(configuration: "one"), freeRanges: [low])
  try store.insertAllocation(Allocation(ip("10.0.0.9"), holder))
  try store.reset(PoolState(configuration: "two"), freeRanges: [])
  try expect(store.holder(of: ip("10.0.0.9")), holder, "holder")
  try expect(store.freeRange(endingAtOrAfter: ip("0.0.0.0")), nil, "free range")
}

private func checkCursorIsRemembered<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try store.reset(PoolState(configuration: "one"), freeRanges: [low])
  for cursor in ["10.0.0.2", "10.0.0.4"] {
    try store.setCursor(ip(cursor))
    try expect(store.state(), PoolState(configuration: "one", cursor: ip(cursor)), "state")
  }
}

private func checkRangesAreFoundFromBelow<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try store.reset(PoolState(configuration: "one"), freeRanges: [low, high])
  for address in ["0.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"] {
    try expect(store.freeRange(endingAtOrAfter: ip(address)), low, "at or after \(address)")
  }
  for address in ["10.0.0.5", "10.0.0.199", "10.0.0.200", "10.0.0.255", "10.0.1.9"] {
    try expect(store.freeRange(endingAtOrAfter: ip(address)), high, "at or after \(address)")
  }
  for address in ["10.0.1.10", "255.255.255.255"] {
    try expect(store.freeRange(endingAtOrAfter: ip(address)), nil, "at or after \(address)")
  }
}

private func checkRangesAreFoundFromAbove<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try store.reset(PoolState(configuration: "one"), freeRanges: [low, high])
  for address in ["0.0.0.0", "10.0.0.2", "10.0.0.3"] {
    try expect(store.freeRange(endingAtOrBefore: ip(address)), nil, "at or before \(address)")
  }
  for address in ["10.0.0.4", "10.0.0.5", "10.0.0.200", "10.0.1.8"] {
    try expect(store.freeRange(endingAtOrBefore: ip(address)), low, "at or before \(address)")
  }
  for address in ["10.0.1.9", "10.0.1.10", "255.255.255.255"] {
    try expect(store.freeRange(endingAtOrBefore: ip(address)), high, "at or before \(address)")
  }
}

private func checkRangesAreInsertedReplacedRemoved<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try store.reset(PoolState(configuration: "one"), freeRanges: [low])
  try store.insertFreeRange(high)
  try expect(store.freeRange(endingAtOrAfter: ip("10.0.0.5")), high, "inserted range")
  let sameKey = range("10.0.0.250", "10.0.1.9")
  try store.replaceFreeRange(high, with: sameKey)
  try expect(store.freeRange(endingAtOrAfter: ip("10.0.0.5")), sameKey, "range with another first address")
  let otherKey = range("10.0.0.250", "10.0.1.2")
  try store.replaceFreeRange(sameKey, with: otherKey)
  try expect(store.freeRange(endingAtOrAfter: ip("10.0.0.5")), otherKey, "range with another last address")
  try expect(store.freeRange(endingAtOrAfter: ip("10.0.1.3")), nil, "what the range has lost")
  try store.removeFreeRange(low)
  try expect(store.freeRange(endingAtOrAfter: ip("0.0.0.0")), otherKey, "lowest range")
  try store.removeFreeRange(otherKey)
  try expect(store.freeRange(endingAtOrAfter: ip("0.0.0.0")), nil, "lowest range of none")
}

private func checkHighestAddressesSortAsNumbers<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  let small = range("::2", "::ffff")
  let middle = range("7fff::", "7fff::ffff")
  let large = range("fd00::2", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
  try store.reset(PoolState(configuration: "six", cursor: large.last), freeRanges: [small, middle, large])
  try expect(store.state()?.cursor, large.last, "cursor")
  try expect(store.freeRange(endingAtOrAfter: ip("::")), small, "lowest")
  try expect(store.freeRange(endingAtOrAfter: ip("8000::")), large, "at or after 8000::")
  try expect(store.freeRange(endingAtOrBefore: ip("8000::")), middle, "at or before 8000::")
  try expect(store.freeRange(endingAtOrBefore: large.last), large, "highest")
  try store.insertAllocation(Allocation(ip("fd00::1"), holder))
  try store.insertAllocation(Allocation(ip("::1"), holder))
  try expect(store.addresses(owner: "c1", interface: nil), [ip("::1"), ip("fd00::1")], "addresses of an owner")
}

private func checkAllocationsAreFoundByAddress<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try store.reset(PoolState(configuration: "one"), freeRanges: [])
  try store.insertAllocation(Allocation(ip("10.0.0.2"), holder))
  try expect(store.holder(of: ip("10.0.0.2")), holder, "holder")
  try expect(store.holder(of: ip("10.0.0.3")), nil, "holder of another address")
  try store.removeAllocation(of: ip("10.0.0.2"))
  try expect(store.holder(of: ip("10.0.0.2")), nil, "holder after removal")
  try expect(store.addresses(owner: "c1", interface: nil), [], "addresses after removal")
  try store.insertAllocation(Allocation(ip("10.0.0.2"), Holder(owner: "c2", interface: "eth0")))
  try expect(store.holder(of: ip("10.0.0.2")), Holder(owner: "c2", interface: "eth0"), "the next holder")
}

private func checkAllocationsAreFoundByOwner<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try store.reset(PoolState(configuration: "one"), freeRanges: [])
  let other = Holder(owner: "c1", interface: "eth1")
  try store.insertAllocation(Allocation(ip("10.0.0.4"), holder))
  try store.insertAllocation(Allocation(ip("10.0.0.3"), other))
  try store.insertAllocation(Allocation(ip("10.0.0.2"), holder))
  try store.insertAllocation(Allocation(ip("10.0.0.5"), Holder(owner: "c10", interface: "eth0")))
  try expect(store.addresses(owner: "c1", interface: "eth0"), [ip("10.0.0.2"), ip("10.0.0.4")], "of c1 eth0")
  try expect(store.addresses(owner: "c1", interface: "eth1"), [ip("10.0.0.3")], "of c1 eth1")
  try expect(store.addresses(owner: "c1", interface: "eth"), [], "of c1 eth")
  try expect(store.addresses(owner: "c", interface: nil), [], "of c")
  try expect(
    store.addresses(owner: "c1", interface: nil), [ip("10.0.0.2"), ip("10.0.0.3"), ip("10.0.0.4")], "of c1")
}

private func checkAllocationsArePaged<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try store.reset(PoolState(configuration: "one"), freeRanges: [])
  let all = ["10.0.0.2", "10.0.0.4", "10.0.0.200"].map { Allocation(ip($0), holder) }
  for allocation in all.reversed() { try store.insertAllocation(allocation) }
  try expect(store.allocations(after: nil, limit: 10), all, "all")
  try expect(store.allocations(after: nil, limit: 2), Array(all[..<2]), "the first two")
  try expect(store.allocations(after: ip("10.0.0.3"), limit: 2), Array(all[1...]), "after .3")
  try expect(store.allocations(after: ip("10.0.0.4"), limit: 2), Array(all[2...]), "after .4")
  try expect(store.allocations(after: ip("10.0.0.200"), limit: 2), [], "after the last")
}

private func checkAllocationsAreCounted<Store: AddressStore & ~Copyable>(_ store: inout Store) throws {
  try store.reset(PoolState(configuration: "one"), freeRanges: [])
  for address in ["10.0.0.2", "10.0.0.4", "10.0.0.200"] { try store.insertAllocation(Allocation(ip(address), holder)) }
  try expect(store.allocationCount(in: range("10.0.0.0", "10.0.0.255")), 3, "all")
  try expect(store.allocationCount(in: range("10.0.0.2", "10.0.0.4")), 2, "at both bounds")
  try expect(store.allocationCount(in: range("10.0.0.3", "10.0.0.3")), 0, "between")
}
