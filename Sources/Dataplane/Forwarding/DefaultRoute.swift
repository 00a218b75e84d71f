internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

extension KernelNamespace {
  /// The MTU of the interface that the node's default route leaves through, IPv4's before IPv6's; `nil` without a
  /// default route.
  package func defaultRouteMTU() throws(DataplaneError) -> UInt32? {
    let connection = try route()
    for family in IPFamily.allCases {
      let routes = try asking { () throws(NetlinkError) in try connection.routes(family: family) }
      let defaults = routes.filter { $0.destination == nil && $0.table == .main && $0.type == .unicast }
      let best = defaults.min { ($0.priority ?? 0) < ($1.priority ?? 0) }
      guard let output = best?.output ?? best?.nextHops.first?.output else { continue }
      return try asking { () throws(NetlinkError) in try connection.link(.index(output)) }?.mtu
    }
    return nil
  }
}
