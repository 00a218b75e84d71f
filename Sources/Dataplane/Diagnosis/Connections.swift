internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute
package import NetworkAddresses

// What is not as it should be between instances, and between them and the node. Nothing is changed.

extension Transit {
  /// - Parameter connections: all instances that are connected.
  package func problems(_ connections: [PlacedConnection]) throws(DataplaneError) -> [String] {
    var found = try kernel.differences(from: Self.settings)
    found += try missingRules(for: connections.map(\.instance.vni)).map {
      "no \($0.family) rule leads what comes by \($0.inputInterface ?? "") to its table"
    }
    let links = try links()
    let connected = Set(links.filter(\.value.isUp).keys)
    for connection in connections {
      let vni = connection.instance.vni
      let end = try connection.kernel.transitEnd()
      guard let link = links[vni], let end, Self.isPair(link, end, vni), end.isUp else {
        found.append("the link of \(connection.instance.name), \(TransitNames.link(vni)), is not there or down")
        continue
      }
      for family in KernelFeatures.families {
        let isKnown = try kernel.knows(
          TransitNames.instanceAddress(family), at: TransitNames.instanceMAC, on: link.index)
        let knows = try connection.kernel.knows(
          TransitNames.transitAddress(family), at: TransitNames.transitMAC, on: end.index)
        if !isKnown || !knows {
          found.append("the ends of \(link.name) do not know each other's \(family) address")
        }
      }
      let routes = try kernel.route().importRoutes(table: TransitNames.table(vni))
      found += RouteChanges(from: routes, to: connection.instance.table(connected: connected))
        .problems("the table of \(connection.instance.name)")
      let own = try connection.kernel.route().importRoutes(output: end.index)
      found += RouteChanges(from: own, to: connection.instance.importedPrefixes.map { Route.toTransit($0, end) })
        .problems("instance \(connection.instance.name)")
    }
    let wanted = Set(connections.map(\.instance.vni))
    for (vni, link) in links where !wanted.contains(vni) { found.append("link \(link.name) belongs to no instance") }
    return found
  }
}

extension NodeKernel {
  /// What is not as ``ensureUplink(_:in:_:pods:)`` left it.
  package func uplinkProblems(
    of uplink: Uplink, in instance: KernelNamespace, _ settings: UplinkSettings, pods: [IPAddress]
  ) throws(DataplaneError) -> [String] {
    guard let outside = try uplinks().first(where: { $0.name == uplink.nodeLink }),
      let inside = try instance.uplinkEnd(), inside.peerIndex == outside.index, inside.isUp, outside.isUp
    else { return ["the uplink \(uplink.nodeLink) is not there or down"] }
    let route = try node.route()
    let present = try asking { () throws(NetlinkError) in try route.addresses(link: outside.index) }.map(
      \.address.address)
    var found = settings.nodeAddresses.filter { uplink.families.contains($0.family) && !present.contains($0) }
      .map { "uplink \(uplink.nodeLink) lacks the address \($0)" }
    found += RouteChanges(
      from: try route.importRoutes(output: outside.index), to: uplink.routesIn(outside.index, settings, pods)
    ).problems("the node")
    found += RouteChanges(
      from: try instance.route().importRoutes(output: inside.index), to: uplink.routesOut(inside.index)
    ).problems("instance \(uplink.name)")
    return found
  }

  /// What is not as ``updateRoutes(in:interface:gateways:prefixes:)`` leaves it.
  package func routeProblems(
    in pod: KernelNamespace, interface: String, gateways: [IPAddress], prefixes: [IPPrefix]
  ) throws(DataplaneError) -> [String] {
    let connection = try pod.route()
    guard let link = try asking({ () throws(NetlinkError) in try connection.link(.name(interface)) }) else { return [] }
    return RouteChanges(
      from: try connection.importRoutes(output: link.index),
      to: Route.imports(aggregated(prefixes), gateways: gateways, output: link.index)
    ).problems("interface \(interface)")
  }
}

extension KernelNamespace {
  fileprivate func knows(_ address: IPAddress, at mac: MACAddress, on link: UInt32) throws(DataplaneError) -> Bool {
    let route = try route()
    let found = try asking { () throws(NetlinkError) in try route.neighbors(family: address.family, link: link) }
    return found.contains { $0.link == link && $0.address == address && $0.mac == mac && $0.state == .permanent }
  }
}

extension RouteChanges {
  /// In words; one for all that is missing and one for all that is too much.
  fileprivate func problems(_ place: String) -> [String] {
    func words(_ routes: [Route], _ verb: String) -> [String] {
      guard let first = routes.first else { return [] }
      let more = routes.count > 1 ? " and \(routes.count - 1) more" : ""
      let to = first.destination?.description ?? (first.family == .v4 ? "0.0.0.0/0" : "::/0")
      return ["\(place) \(verb) the route to \(to)\(more)"]
    }
    return words(added, "lacks") + words(deleted, "has too much:")
  }
}
