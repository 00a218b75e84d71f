/// The packets that a table sees.
///
/// The corresponding C constants are `NFPROTO_*` of `<linux/netfilter.h>`.
public struct TableFamily: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public var rawValue: UInt8

  /// The value with this number, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Every family: for listing only. The corresponding C constant is `NFPROTO_UNSPEC`.
  public static let any = TableFamily(rawValue: 0)
  /// IPv4 and IPv6 packets. The corresponding C constant is `NFPROTO_INET`.
  public static let inet = TableFamily(rawValue: 1)
  /// IPv4 packets. The corresponding C constant is `NFPROTO_IPV4`.
  public static let ipv4 = TableFamily(rawValue: 2)
  /// ARP packets. The corresponding C constant is `NFPROTO_ARP`.
  public static let arp = TableFamily(rawValue: 3)
  /// Frames on one device, before anything else. The corresponding C constant is `NFPROTO_NETDEV`.
  public static let netdev = TableFamily(rawValue: 5)
  /// Frames that pass a bridge. The corresponding C constant is `NFPROTO_BRIDGE`.
  public static let bridge = TableFamily(rawValue: 7)
  /// IPv6 packets. The corresponding C constant is `NFPROTO_IPV6`.
  public static let ipv6 = TableFamily(rawValue: 10)
}

extension TableFamily: CustomStringConvertible {
  /// The name that `nft` gives the family.
  public var description: String {
    switch self {
    case .any: "any"
    case .inet: "inet"
    case .ipv4: "ip"
    case .arp: "arp"
    case .netdev: "netdev"
    case .bridge: "bridge"
    case .ipv6: "ip6"
    default: "family \(rawValue)"
    }
  }
}

/// A table of nf_tables: a family and a name that is unique in it.
///
/// A table holds chains and sets; deleting it deletes them all.
public struct Table: Hashable, Sendable {
  /// The packets that the table sees.
  public let family: TableFamily
  /// At most 255 bytes (`NFT_NAME_MAXLEN`).
  public let name: String

  /// The table of this family and name, whether it exists or not.
  public init(_ family: TableFamily, _ name: String) {
    self.family = family
    self.name = name
  }
}

extension Table: CustomStringConvertible {
  /// Family and name as `nft` writes them: `bridge contrail`.
  public var description: String { "\(family) \(name)" }
}
