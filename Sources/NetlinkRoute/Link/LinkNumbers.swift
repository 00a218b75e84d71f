/// What a link is at present.
///
/// The corresponding C constants are the `IFF_…` of `<linux/if.h>`.
public struct LinkFlags: OptionSet, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt32

  /// The value with this number, known here or not.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The administrator wants it up. The corresponding C constant is `IFF_UP`.
  public static let up = LinkFlags(rawValue: 0x1)
  /// It is the loopback link. The corresponding C constant is `IFF_LOOPBACK`.
  public static let loopback = LinkFlags(rawValue: 0x8)
  /// It is operational. The corresponding C constant is `IFF_RUNNING`.
  public static let running = LinkFlags(rawValue: 0x40)
  /// The driver has a carrier. The corresponding C constant is `IFF_LOWER_UP`.
  public static let lowerUp = LinkFlags(rawValue: 0x1_0000)
}

/// Whether a link can carry packets (RFC 2863).
///
/// The corresponding C constants are the `IF_OPER_…` of `<linux/if.h>`.
public struct OperationalState: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt8

  /// The value with this number, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The driver does not say. The corresponding C constant is `IF_OPER_UNKNOWN`.
  public static let unknown = OperationalState(rawValue: 0)
  /// The corresponding C constant is `IF_OPER_DOWN`.
  public static let down = OperationalState(rawValue: 2)
  /// The link below is down: a veth whose peer is down. The corresponding C constant is `IF_OPER_LOWERLAYERDOWN`.
  public static let lowerLayerDown = OperationalState(rawValue: 3)
  /// The corresponding C constant is `IF_OPER_UP`.
  public static let up = OperationalState(rawValue: 6)
}

/// How a link gets its IPv6 link-local address.
///
/// The corresponding C constants are the `IN6_ADDR_GEN_MODE_…` of `<linux/if_link.h>`.
public struct AddressGenerationMode: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt8

  /// The value with this number, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// From its MAC address. The corresponding C constant is `IN6_ADDR_GEN_MODE_EUI64`.
  public static let eui64 = AddressGenerationMode(rawValue: 0)
  /// Not at all. The corresponding C constant is `IN6_ADDR_GEN_MODE_NONE`.
  public static let none = AddressGenerationMode(rawValue: 1)
}

/// Which link a request is about.
public enum LinkSelector: Hashable, Sendable {
  /// The link with this interface index.
  case index(UInt32)
  /// The link with this name.
  case name(String)
}

extension LinkSelector: CustomStringConvertible {
  /// `vmi0123`, or `link 7` where the name is not known.
  public var description: String {
    switch self {
    case .index(let index): "link \(index)"
    case .name(let name): name
    }
  }
}
