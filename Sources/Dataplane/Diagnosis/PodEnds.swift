package import LinuxSystem
internal import Netlink
internal import NetlinkRoute
package import NetworkAddresses

/// The pod's end of an interface.
package struct PodEnd: Equatable, Sendable {
  /// A file that stands for the pod's namespace.
  package let path: String
  package let namespace: NamespaceIdentity
  package let index: UInt32
  package let mac: MACAddress
  package let group: UInt32
  package let addresses: [InterfaceAddress]
  /// The routers of the default routes that leave through it.
  package let defaultRouters: [IPAddress]
}

extension NodeKernel {
  /// The pods' ends of these interfaces, by the names of their host ends, looked for in every network namespace that a
  /// process is in or that is pinned.
  package func podEnds(of hosts: [HostEnd]) throws(DataplaneError) -> [String: PodEnd] {
    var found: [String: PodEnd] = [:]
    if hosts.isEmpty { return found }
    let wanted = Dictionary(grouping: hosts, by: \.index)
    for path in networkNamespacePaths() {
      guard let place = try? namespace(at: path) else { continue }
      let route = try place.route()
      for link in try asking({ () throws(NetlinkError) in try route.links() }) where link.kind == Veth.name {
        guard let peer = link.peerIndex, let mac = link.address,
          let host = wanted[peer]?.first(where: { $0.peerIndex == link.index && $0.interface == link.name })
        else { continue }
        let addresses = try asking { () throws(NetlinkError) in try route.addresses(link: link.index) }
        let routes = try asking { () throws(NetlinkError) in try route.routes() }
        found[host.name] = PodEnd(
          path: path, namespace: place.identity, index: link.index, mac: mac, group: link.group,
          addresses: addresses.map(\.address),
          defaultRouters: routes.filter { $0.destination == nil && $0.output == link.index && $0.table == .main }
            .compactMap(\.gateway))
      }
    }
    return found
  }
}
