internal import NetlinkRoute
internal import NetworkAddresses

/// The names, numbers and addresses by which instances and the transit know each other.
///
/// Both ends of every link are told everything: no address, no ARP, no neighbour discovery. All links are alike, because
/// a next hop only has to lead to the link's other end.
package enum TransitNames {
  /// The namespace's name; those of instances have a dot.
  package static let namespace = "transit"
  /// The instance's end of its link.
  package static let instanceLink = "tr0"
  /// The index that the instance's end asks for.
  static let instanceLinkIndex = NodeNames.bridgeIndex + 1
  /// Addresses that the project gives links by itself have 02:00:5e in front.
  static let instanceMAC = MACAddress(rawValue: 0x0200_5e00_0202)
  static let transitMAC = MACAddress(rawValue: 0x0200_5e00_0201)
  /// The largest there is: an instance's own networks say what fits.
  static let mtu: UInt32 = 65535
  /// Who made our routes, so that they can be told from those of others.
  package static let origin: UInt8 = 196
  static let routeOrigin = RouteProtocol(rawValue: origin)
  /// Every rule's; what is neither the local table nor ours is not looked at.
  static let rulePriority: UInt32 = 1000

  /// The transit's end of an instance's link.
  static func link(_ vni: UInt32) -> String { "vni\(vni)" }
  /// The index of the transit's end: nothing has to be looked up to lead a route there.
  static func linkIndex(_ vni: UInt32) -> UInt32 { 0x100_0000 + vni }
  /// The table for what comes from an instance.
  static func table(_ vni: UInt32) -> RouteTable { RouteTable(rawValue: 0x100_0000 + vni) }
  /// The metric of a table's routes: no two tables have the same, because the kernel finds equal next hops by a hash of
  /// link and metric, and would have to compare those of all tables.
  static func priority(_ vni: UInt32) -> UInt32 { vni << 8 | 1 }

  /// Where the transit finds an instance, on any link.
  static func instanceAddress(_ family: IPFamily) -> IPAddress {
    family == .v4 ? .v4(IPv4Address(rawValue: 0xa9fe_0002)) : .v6(IPv6Address(rawValue: 0xfe80 << 112 | 2))
  }

  /// Where an instance finds the transit.
  static func transitAddress(_ family: IPFamily) -> IPAddress {
    family == .v4 ? .v4(IPv4Address(rawValue: 0xa9fe_0001)) : .v6(IPv6Address(rawValue: 0xfe80 << 112 | 1))
  }
}

extension KernelFeatures {
  /// The families that the kernel routes.
  static var families: [IPFamily] { hasIPv6 ? [.v4, .v6] : [.v4] }
}
