/// The two address families.
public enum IPFamily: UInt8, Hashable, Sendable, CaseIterable {
  case v4 = 4
  case v6 = 6

  /// The number of bits in an address: 32 or 128.
  public var bits: Int { self == .v4 ? 32 : 128 }
}

extension IPFamily: CustomStringConvertible {
  /// `IPv4` or `IPv6`.
  public var description: String { self == .v4 ? "IPv4" : "IPv6" }
}

/// An address of either family.
///
/// IPv4 addresses order before IPv6 addresses.
public enum IPAddress: Hashable, Sendable {
  case v4(IPv4Address)
  case v6(IPv6Address)

  /// The address in the text form of its family; `nil` for anything else.
  public init?(_ text: some StringProtocol) { self.init(ascii: Array(text.utf8)[...]) }

  init?(ascii: ArraySlice<UInt8>) {
    if let address = IPv4Address(ascii: ascii) {
      self = .v4(address)
    } else if let address = IPv6Address(ascii: ascii) {
      self = .v6(address)
    } else {
      return nil
    }
  }

  /// The address of `family` with this number; bits beyond the family's width are cut off.
  public init(family: IPFamily, number: UInt128) {
    switch family {
    case .v4: self = .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)))
    case .v6: self = .v6(IPv6Address(rawValue: number))
    }
  }

  /// The address in the given octets (network order), 4 or 16 of them; `nil` for any other count.
  public init?(bytes: some Collection<UInt8>) {
    let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    switch bytes.count {
    case 4: self.init(family: .v4, number: number)
    case 16: self.init(family: .v6, number: number)
    default: return nil
    }
  }

  /// The family it belongs to.
  public var family: IPFamily {
    switch self {
    case .v4: .v4
    case .v6: .v6
    }
  }

  /// The address as a number, whatever its family.
  public var number: UInt128 {
    switch self {
    case .v4(let address): UInt128(address.rawValue)
    case .v6(let address): address.rawValue
    }
  }

  /// The octets in network order: 4 or 16.
  public var bytes: [UInt8] {
    switch self {
    case .v4(let address): address.bytes
    case .v6(let address): address.bytes
    }
  }
}

extension IPAddress: Comparable {
  /// By family, then by number.
  public static func < (left: Self, right: Self) -> Bool {
    (left.family.rawValue, left.number) < (right.family.rawValue, right.number)
  }
}

extension IPAddress: CustomStringConvertible {
  /// The text form of its family.
  public var description: String {
    switch self {
    case .v4(let address): address.description
    case .v6(let address): address.description
    }
  }
}
