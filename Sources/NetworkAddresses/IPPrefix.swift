/// A network: an address without host bits and the length of its prefix (`10.32.0.0/12`, `2001:db8::/64`).
public struct IPPrefix: Hashable, Sendable {
  /// The network's first address.
  public let address: IPAddress
  /// The prefix length in bits, 0 to 32 or 128.
  public let length: Int

  /// Why a text is not a network.
  public enum ParseError: Error, Hashable {
    /// Not `ADDRESS/LENGTH`.
    case malformed
    /// Host bits are set; the network that was probably meant.
    case hostBits(network: IPPrefix)
  }

  /// The network that holds `address`: host bits are cleared.
  ///
  /// - Precondition: `length` is within the family's width.
  public init(containing address: IPAddress, length: Int) {
    precondition((0...address.family.bits).contains(length), "prefix length out of range")
    let mask = Self.mask(family: address.family, length: length)
    self.address = IPAddress(family: address.family, number: address.number & mask)
    self.length = length
  }

  /// Reads `ADDRESS/LENGTH` and insists on cleared host bits.
  public init(parsing text: some StringProtocol) throws(ParseError) {
    guard let (address, length) = parseAddressAndLength(Array(text.utf8)[...]) else { throw .malformed }
    self.init(containing: address, length: length)
    if self.address != address { throw .hostBits(network: self) }
  }

  /// Reads `ADDRESS/LENGTH` with cleared host bits from a part of a longer text; `nil` for anything else.
  package init?(utf8 text: ArraySlice<UInt8>) {
    guard let (address, length) = parseAddressAndLength(text) else { return nil }
    self.init(containing: address, length: length)
    if self.address != address { return nil }
  }

  /// The family of all its addresses.
  public var family: IPFamily { address.family }

  /// The network's first address as a number.
  public var first: UInt128 { address.number }

  /// The network's last address as a number.
  public var last: UInt128 {
    address.number | (Self.ones(family.bits) & ~Self.mask(family: family, length: length))
  }

  /// Whether `other` is of the same family and in the network.
  public func contains(_ other: IPAddress) -> Bool {
    other.family == family && (first...last).contains(other.number)
  }

  /// Whether the two networks share an address.
  public func overlaps(_ other: IPPrefix) -> Bool {
    family == other.family && first <= other.last && other.first <= last
  }

  /// The network bits of an address.
  private static func mask(family: IPFamily, length: Int) -> UInt128 {
    ones(family.bits) & ~ones(family.bits - length)
  }

  /// The lowest `count` bits; a shift by all 128 gives zero.
  private static func ones(_ count: Int) -> UInt128 { (1 << count) &- 1 }
}

extension IPPrefix: CustomStringConvertible {
  /// `ADDRESS/LENGTH`
  public var description: String { "\(address)/\(length)" }
}

/// An address on an interface, with the length of its on-link prefix (`10.32.0.2/12`).
public struct InterfaceAddress: Hashable, Sendable {
  /// The interface's own address.
  public var address: IPAddress
  /// The on-link prefix's length in bits.
  public var prefixLength: Int

  /// - Precondition: `prefixLength` is within the family's width.
  public init(_ address: IPAddress, prefixLength: Int) {
    precondition((0...address.family.bits).contains(prefixLength), "prefix length out of range")
    self.address = address
    self.prefixLength = prefixLength
  }

  /// Reads `ADDRESS/LENGTH`, host bits and all; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    guard let (address, length) = parseAddressAndLength(Array(text.utf8)[...]) else { return nil }
    self.init(address, prefixLength: length)
  }

  /// The network the address is in.
  public var network: IPPrefix { IPPrefix(containing: address, length: prefixLength) }
}

extension InterfaceAddress: CustomStringConvertible {
  /// `ADDRESS/LENGTH`
  public var description: String { "\(address)/\(prefixLength)" }
}
