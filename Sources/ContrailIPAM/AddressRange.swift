public import NetworkAddresses

/// Neighbouring addresses of one family, from `first` to `last`, both included.
public struct AddressRange: Hashable, Sendable {
  /// The lowest address.
  public let first: IPAddress
  /// The highest address.
  public let last: IPAddress

  /// - Precondition: both of one family, `first` not above `last`.
  public init(_ first: IPAddress, _ last: IPAddress) {
    precondition(first.family == last.family && first <= last, "not a range of addresses")
    self.first = first
    self.last = last
  }

  /// Every address of `prefix`.
  public init(_ prefix: IPPrefix) {
    self.init(prefix.address, IPAddress(family: prefix.family, number: prefix.last))
  }

  /// The family of all its addresses.
  public var family: IPFamily { first.family }

  /// Whether `address` is of the range's family and within its bounds.
  public func contains(_ address: IPAddress) -> Bool { first <= address && address <= last }

  /// Whether the two ranges share an address.
  public func overlaps(_ other: AddressRange) -> Bool { first <= other.last && other.first <= last }
}

extension AddressRange: CustomStringConvertible {
  /// `10.0.0.10-10.0.0.19`
  public var description: String { "\(first)-\(last)" }
}

extension AddressRange {
  init(family: IPFamily, _ first: UInt128, _ last: UInt128) {
    self.init(IPAddress(family: family, number: first), IPAddress(family: family, number: last))
  }

  /// The part of the range that is in `other` as well.
  func intersection(_ other: AddressRange) -> AddressRange? {
    overlaps(other) ? AddressRange(max(first, other.first), min(last, other.last)) : nil
  }

  /// What is left of the range without `holes`, ascending.
  func subtracting(_ holes: [AddressRange]) -> [AddressRange] {
    var left: [AddressRange] = []
    var next = first.number
    for hole in holes.sorted(by: { $0.first < $1.first }) where overlaps(hole) && hole.last.number >= next {
      if hole.first.number > next {
        left.append(AddressRange(family: family, next, hole.first.number - 1))
      }
      if hole.last >= last { return left }
      next = hole.last.number + 1
    }
    left.append(AddressRange(family: family, next, last.number))
    return left
  }
}
