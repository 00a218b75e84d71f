internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
package import NetworkAddresses

extension NodeKernel {
  /// Makes an instance's uplink what it should be, whatever there is of it, and the node a router for its families.
  ///
  /// The rules come before the link.
  ///
  /// - Parameter pods: those that the node reaches by it.
  package func ensureUplink(
    _ uplink: Uplink, in instance: KernelNamespace, _ settings: UplinkSettings, pods: [IPAddress] = []
  ) throws(DataplaneError) {
    let links = try uplinks()
    let names = Set(links.map(\.name) + [uplink.nodeLink])
    try node.replaceTables([UplinkRules.nodeTable]) {
      UplinkRules.addNodeTable(to: &$0, settings, links: names.sorted())
    }
    try instance.replaceTables([UplinkRules.instanceTable]) { UplinkRules.addInstanceTable(to: &$0, for: uplink) }
    try enableForwarding(Set(uplink.prefixes.map(\.family)))
    let inside = try instance.uplinkEnd()
    let isWhole = links.contains { $0.name == uplink.nodeLink && inside?.peerIndex == $0.index }
    if !isWhole {
      try deleteUplinks(links.filter { $0.isUplink(of: uplink.number) })
      if let inside { try instance.route().deleteIfPresent([inside.name]) }
      try create(uplink, in: instance)
    }
    try settle(uplink, in: instance, settings, pods)
  }

  private func enableForwarding(_ families: Set<IPFamily>) throws(DataplaneError) {
    let route = try node.route()
    let links = try asking { () throws(NetlinkError) in try route.links() }
    try NodeForwarding.enable(families, links: links.map(\.name) + ["default"])
  }

  private func create(_ uplink: Uplink, in instance: KernelNamespace) throws(DataplaneError) {
    let peer = LinkAttributes(
      index: UplinkNames.instanceLinkIndex, name: UplinkNames.instanceLink, mtu: uplink.mtu,
      address: UplinkNames.instanceMAC, transmitQueues: 1, receiveQueues: 1,
      namespace: instance.namespace.descriptor.rawValue)
    var batch = Batch()
    batch.createLink(
      LinkAttributes(
        index: UplinkNames.nodeIndex(uplink.number), name: uplink.nodeLink, mtu: uplink.mtu,
        address: UplinkNames.nodeMAC, transmitQueues: 1, receiveQueues: 1),
      Veth(peer: peer))
    try node.route().carryOut(batch)
  }

  private func settle(
    _ uplink: Uplink, in instance: KernelNamespace, _ settings: UplinkSettings, _ pods: [IPAddress]
  ) throws(DataplaneError) {
    let route = try node.route()
    guard let inside = try instance.uplinkEnd(), let outside = inside.peerIndex else { throw .instanceMissing }
    var inner = Batch()
    inner.setLink(.name("lo"), LinkAttributes(isUp: true))
    inner.settleEnd(
      uplink, inside.index, UplinkNames.instanceMAC, neighbor: TransitNames.transitAddress, UplinkNames.nodeMAC)
    let defaults = uplink.routesOut(inside.index)
    let presentInside = inside.isUp ? try instance.route().importRoutes(output: inside.index) : []
    RouteChanges(from: presentInside, to: defaults).add(to: &inner)
    var outer = Batch()
    outer.settleEnd(
      uplink, outside, UplinkNames.nodeMAC, neighbor: TransitNames.instanceAddress, UplinkNames.instanceMAC,
      alias: uplink.name)
    // Before the routes, which name it as the source of the node's own packets.
    for address in settings.nodeAddresses where uplink.families.contains(address.family) {
      outer.replaceAddress(Address(InterfaceAddress(address, prefixLength: address.family.bits), onPod: outside))
    }
    let wanted = uplink.routesIn(outside, settings, pods)
    RouteChanges(from: try route.importRoutes(output: outside), to: wanted).add(to: &outer)
    try route.carryOut(outer)
    try instance.route().carryOut(inner)
  }
}

extension Uplink {
  /// The instance's routes to the node.
  func routesOut(_ link: UInt32) -> [Route] {
    Set(prefixes.map(\.family)).map {
      Route.ours(
        to: Route.everywhere($0), via: TransitNames.transitAddress($0), output: link,
        priority: Route.importPriority(link))
    }
  }

  /// The node's routes to the instance and to its pods.
  func routesIn(_ link: UInt32, _ settings: UplinkSettings, _ pods: [IPAddress]) -> [Route] {
    let networks = nodePrefixes.map {
      Route.ours(
        to: $0, via: TransitNames.instanceAddress($0.family), output: link, priority: Route.importPriority(link))
    }
    return networks
      + (isOpenToNode ? pods.map { Route(toPod: $0, from: settings.nodeAddresses, output: link) } : [])
  }
}

extension Batch {
  /// One end of a link without addresses, whose other end is known to it.
  fileprivate mutating func settleEnd(
    _ uplink: Uplink, _ link: UInt32, _ mac: MACAddress, neighbor: (IPFamily) -> IPAddress, _ neighborMAC: MACAddress,
    alias: String? = nil
  ) {
    setLink(
      .index(link),
      LinkAttributes(
        mtu: uplink.mtu, address: mac, isUp: true, alias: alias,
        addressGeneration: KernelFeatures.addressGeneration(mtu: uplink.mtu)))
    for family in uplink.families {
      replaceNeighbor(Neighbor(neighbor(family), at: neighborMAC, link: link))
    }
  }
}

extension KernelNamespace {
  func uplinkEnd() throws(DataplaneError) -> Link? {
    let route = try route()
    return try asking { () throws(NetlinkError) in try route.link(.name(UplinkNames.instanceLink)) }
  }
}
