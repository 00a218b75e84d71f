/// A routing table.
///
/// The corresponding C constants are the `RT_TABLE_…` of `<linux/rtnetlink.h>`.
public struct RouteTable: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses; any 32-bit number is a table.
  public let rawValue: UInt32

  /// The value with this number, known here or not.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The one that is used unless a rule says otherwise. The corresponding C constant is `RT_TABLE_MAIN`.
  public static let main = RouteTable(rawValue: 254)
  /// The kernel's own, for this host's addresses. The corresponding C constant is `RT_TABLE_LOCAL`.
  public static let local = RouteTable(rawValue: 255)

  /// The table in a fixed header's byte, where it fits: a larger one needs an attribute.
  var byte: UInt8 { rawValue <= 255 ? UInt8(rawValue) : 0 }
}

/// Who made a route.
///
/// The corresponding C constants are the `RTPROT_…` of `<linux/rtnetlink.h>`.
public struct RouteProtocol: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt8

  /// The value with this number, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// In a deletion: whoever it was. The corresponding C constant is `RTPROT_UNSPEC`.
  public static let any = RouteProtocol(rawValue: 0)
  /// The kernel, along with an address. The corresponding C constant is `RTPROT_KERNEL`.
  public static let kernel = RouteProtocol(rawValue: 2)
  /// The host's configuration: what `ip` says unless told otherwise. The corresponding C constant is `RTPROT_BOOT`.
  public static let boot = RouteProtocol(rawValue: 3)
  /// The administrator. The corresponding C constant is `RTPROT_STATIC`.
  public static let `static` = RouteProtocol(rawValue: 4)
}

/// What happens to packets that a route is for.
///
/// The corresponding C constants are the `RTN_…` of `<linux/rtnetlink.h>`.
public struct RouteType: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt8

  /// The value with this number, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// In a deletion: whatever it is. The corresponding C constant is `RTN_UNSPEC`.
  public static let any = RouteType(rawValue: 0)
  /// They are sent on. The corresponding C constant is `RTN_UNICAST`.
  public static let unicast = RouteType(rawValue: 1)
  /// They are this host's. The corresponding C constant is `RTN_LOCAL`.
  public static let local = RouteType(rawValue: 2)
  /// They vanish. The corresponding C constant is `RTN_BLACKHOLE`.
  public static let blackhole = RouteType(rawValue: 6)
  /// They are answered as unreachable. The corresponding C constant is `RTN_UNREACHABLE`.
  public static let unreachable = RouteType(rawValue: 7)
  /// They are answered as prohibited. The corresponding C constant is `RTN_PROHIBIT`.
  public static let prohibit = RouteType(rawValue: 8)
}
