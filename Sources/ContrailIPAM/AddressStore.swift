public import NetworkAddresses

/// The state of one pool: which of its addresses are free, who holds the others, and where allocation stands.
///
/// What is stored is the free *ranges*, disjoint and not adjacent, under their last address. All look-ups are single
/// steps in an index ordered by that address; `IPAddress.bytes` makes a key that sorts by memory comparison. A store
/// holds no addresses in memory for the library's sake, so that a process which makes one allocation reads a few records.
///
/// Transactions are the caller's: the library checks before it writes, so a refusal leaves nothing to roll back, but after
/// a ``Failure`` of the store itself the caller must roll back what the call had written.
///
/// A store for several pools conforms with a value that names one of them.
public protocol AddressStore: ~Copyable {
  /// The store's own error, which passes through unchanged in ``AllocationError/store(_:)``.
  associatedtype Failure: Error

  /// The pool's record, `nil` if the pool has never been used.
  mutating func state() throws(Failure) -> PoolState?

  /// Writes the pool's record and replaces all its free ranges; allocations stay. `freeRanges` ascend.
  mutating func reset(_ state: PoolState, freeRanges: [AddressRange]) throws(Failure)

  /// Changes the record's cursor.
  mutating func setCursor(_ cursor: IPAddress) throws(Failure)

  /// The first free range with `last >= address`: it holds `address` or is the nearest one above.
  mutating func freeRange(endingAtOrAfter address: IPAddress) throws(Failure) -> AddressRange?

  /// The last free range with `last <= address`.
  mutating func freeRange(endingAtOrBefore address: IPAddress) throws(Failure) -> AddressRange?

  /// Adds a free range.
  mutating func insertFreeRange(_ range: AddressRange) throws(Failure)

  /// Changes the bounds of the free range `old`, which exists; either bound may differ.
  mutating func replaceFreeRange(_ old: AddressRange, with new: AddressRange) throws(Failure)

  /// Removes a free range, which exists.
  mutating func removeFreeRange(_ range: AddressRange) throws(Failure)

  /// Who holds `address`.
  mutating func holder(of address: IPAddress) throws(Failure) -> Holder?

  /// The pool's addresses that `owner` holds, for one interface or (`nil`) for all, ascending.
  mutating func addresses(owner: String, interface: String?) throws(Failure) -> [IPAddress]

  /// Records an allocation; the address has none yet.
  mutating func insertAllocation(_ allocation: Allocation) throws(Failure)

  /// Removes the allocation of `address`, which has one.
  mutating func removeAllocation(of address: IPAddress) throws(Failure)

  /// The allocations above `address` (`nil`: from the lowest), ascending, at most `limit` of them.
  mutating func allocations(after address: IPAddress?, limit: Int) throws(Failure) -> [Allocation]

  /// How many addresses of `range` are allocated.
  mutating func allocationCount(in range: AddressRange) throws(Failure) -> Int
}

/// A pool's record in its store.
public struct PoolState: Hashable, Sendable {
  /// ``Pool/configuration`` at the time the free ranges were written.
  public var configuration: String
  /// The address that was handed out last; requested addresses do not count.
  public var cursor: IPAddress?

  /// The record of a pool of which nothing, or `cursor`, was handed out.
  public init(configuration: String, cursor: IPAddress? = nil) {
    self.configuration = configuration
    self.cursor = cursor
  }
}

/// Who holds an address. Owner and interface identify the holder; the label is for messages.
public struct Holder: Hashable, Sendable {
  /// A container ID, for a container runtime's plugin.
  public var owner: String
  /// The interface's name in the container.
  public var interface: String
  /// What a person would call the owner: `pod shop/web`. May be empty.
  public var label: String

  /// The holder that `owner` and `interface` identify.
  public init(owner: String, interface: String, label: String = "") {
    self.owner = owner
    self.interface = interface
    self.label = label
  }
}

extension Holder: CustomStringConvertible {
  /// `pod shop/web (4f5a, interface eth0)`, or without a label `4f5a, interface eth0`.
  public var description: String {
    label.isEmpty ? "\(owner), interface \(interface)" : "\(label) (\(owner), interface \(interface))"
  }
}

/// An address and its holder.
public struct Allocation: Hashable, Sendable {
  /// The address that is taken.
  public let address: IPAddress
  /// Who has it.
  public let holder: Holder

  /// `address`, taken by `holder`.
  public init(_ address: IPAddress, _ holder: Holder) {
    self.address = address
    self.holder = holder
  }
}

extension Allocation: CustomStringConvertible {
  /// `10.0.0.2, held by …`
  public var description: String { "\(address), held by \(holder)" }
}
