/// How far the kernel believes in a neighbour.
///
/// The corresponding C constants are the `NUD_…` of `<linux/neighbour.h>`.
public struct NeighborState: OptionSet, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt16

  /// The value with this number, known here or not.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// It answered lately; a learnt forwarding entry. The corresponding C constant is `NUD_REACHABLE`.
  public static let reachable = NeighborState(rawValue: 0x02)
  /// It is asked at the next packet. The corresponding C constant is `NUD_STALE`.
  public static let stale = NeighborState(rawValue: 0x04)
  /// It did not answer. The corresponding C constant is `NUD_FAILED`.
  public static let failed = NeighborState(rawValue: 0x20)
  /// It is never asked; a static forwarding entry. The corresponding C constant is `NUD_NOARP`.
  public static let noARP = NeighborState(rawValue: 0x40)
  /// It stays until it is deleted; a forwarding entry of the bridge's own. The corresponding C constant is
  /// `NUD_PERMANENT`.
  public static let permanent = NeighborState(rawValue: 0x80)
}

/// Whose entry it is, and of which sort.
///
/// The corresponding C constants are the `NTF_…` of `<linux/neighbour.h>`.
public struct NeighborFlags: OptionSet, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt8

  /// The value with this number, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The entry is the link's own. The corresponding C constant is `NTF_SELF`.
  public static let ownedBySelf = NeighborFlags(rawValue: 0x02)
  /// The entry is the bridge's that the link is a port of. The corresponding C constant is `NTF_MASTER`.
  public static let ownedByMaster = NeighborFlags(rawValue: 0x04)
  /// This host answers for the address. The corresponding C constant is `NTF_PROXY`.
  public static let proxy = NeighborFlags(rawValue: 0x08)
  /// A control plane keeps it, the kernel does not age it. The corresponding C constant is `NTF_EXT_LEARNED`.
  public static let externallyLearned = NeighborFlags(rawValue: 0x10)
  /// It is a router. The corresponding C constant is `NTF_ROUTER`.
  public static let router = NeighborFlags(rawValue: 0x80)
}
