/// What the kernel does, or shall not do, with an address.
///
/// The corresponding C constants are the `IFA_F_…` of `<linux/if_addr.h>`.
public struct AddressFlags: OptionSet, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt32

  /// The value with this number, known here or not.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// IPv6: usable at once, without duplicate address detection. The corresponding C constant is `IFA_F_NODAD`.
  public static let noDuplicateDetection = AddressFlags(rawValue: 0x02)
  /// IPv6: somebody else has it. The corresponding C constant is `IFA_F_DADFAILED`.
  public static let duplicate = AddressFlags(rawValue: 0x08)
  /// IPv6: not usable yet. The corresponding C constant is `IFA_F_TENTATIVE`.
  public static let tentative = AddressFlags(rawValue: 0x40)
  /// It has no end of life. The corresponding C constant is `IFA_F_PERMANENT`.
  public static let permanent = AddressFlags(rawValue: 0x80)
  /// No route to its prefix comes with it. The corresponding C constant is `IFA_F_NOPREFIXROUTE`.
  public static let noPrefixRoute = AddressFlags(rawValue: 0x200)
}

/// How far an address or a route's destination is.
///
/// The corresponding C constants are the `RT_SCOPE_…` of `<linux/rtnetlink.h>`.
public struct Scope: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt8

  /// The value with this number, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Anywhere. The corresponding C constant is `RT_SCOPE_UNIVERSE`.
  public static let universe = Scope(rawValue: 0)
  /// On the attached network. The corresponding C constant is `RT_SCOPE_LINK`.
  public static let link = Scope(rawValue: 253)
  /// On this host. The corresponding C constant is `RT_SCOPE_HOST`.
  public static let host = Scope(rawValue: 254)
  /// In a deletion: whatever it is. The corresponding C constant is `RT_SCOPE_NOWHERE`.
  public static let any = Scope(rawValue: 255)
}
