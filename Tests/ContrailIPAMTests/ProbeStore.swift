import ContrailIPAM
import NetworkAddresses

/// A store that counts the operations and fails at one of them.
struct ProbeStore: AddressStore {
  struct Failure: Error, Equatable {
    var operation: Int
  }

  var base = InMemoryAddressStore()
  var operations = 0
  var failsAt: Int?

  private mutating func count() throws(Failure) {
    operations += 1
    if operations == failsAt { throw Failure(operation: operations) }
  }

  mutating func state() throws(Failure) -> PoolState? {
    try count()
    return base.state()
  }
  mutating func reset(_ state: PoolState, freeRanges: [AddressRange]) throws(Failure) {
    try count()
    base.reset(state, freeRanges: freeRanges)
  }
  mutating func setCursor(_ cursor: IPAddress) throws(Failure) {
    try count()
    base.setCursor(cursor)
  }
  mutating func freeRange(endingAtOrAfter address: IPAddress) throws(Failure) -> AddressRange? {
    try count()
    return base.freeRange(endingAtOrAfter: address)
  }
  mutating func freeRange(endingAtOrBefore address: IPAddress) throws(Failure) -> AddressRange? {
    try count()
    return base.freeRange(endingAtOrBefore: address)
  }
  mutating func insertFreeRange(_ range: AddressRange) throws(Failure) {
    try count()
    base.insertFreeRange(range)
  }
  mutating func replaceFreeRange(_ old: AddressRange, with new: AddressRange) throws(Failure) {
    try count()
    base.replaceFreeRange(old, with: new)
  }
  mutating func removeFreeRange(_ range: AddressRange) throws(Failure) {
    try count()
    base.removeFreeRange(range)
  }
  mutating func holder(of address: IPAddress) throws(Failure) -> Holder? {
    try count()
    return base.holder(of: address)
  }
  mutating func addresses(owner: String, interface: String?) throws(Failure) -> [IPAddress] {
    try count()
    return base.addresses(owner: owner, interface: interface)
  }
  mutating func insertAllocation(_ allocation: Allocation) throws(Failure) {
    try count()
    base.insertAllocation(allocation)
  }
  mutating func removeAllocation(of address: IPAddress) throws(Failure) {
    try count()
    base.removeAllocation(of: address)
  }
  mutating func allocations(after address: IPAddress?, limit: Int) throws(Failure) -> [Allocation] {
    try count()
    return base.allocations(after: address, limit: limit)
  }
  mutating func allocationCount(in range: AddressRange) throws(Failure) -> Int {
    try count()
    return base.allocationCount(in: range)
  }
}
