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
    try node.replaceTable(UplinkRules.nodeTable) { UplinkRules.addNodeTable(to: &$0, settings, links: names.sorted()) }
    try instance.replaceTable(UplinkRules.instanceTable) { UplinkRules.addInstanceTable(to: &$0, for: uplink) }
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

  /// Takes an instance's uplink away, and with the last one the node's rules; what is gone already is nothing to take
  /// away.
  ///
  /// - Parameter instance: `nil` where its namespace is gone.
  /// - Returns: whether there is no uplink left.
  @discardableResult
  package func removeUplink(number: UInt32, in instance: KernelNamespace?) throws(DataplaneError) -> Bool {
    let links = try uplinks()
    let own = links.filter { $0.isUplink(of: number) }
    // The rules know it before it is made, under whichever of its names.
    if own.count < links.count { try forgetUplinks(UplinkNames.prefixes.map { "\($0)\(number)" }) }
    try deleteUplinks(own)
    if let instance { try instance.deleteTable(UplinkRules.instanceTable) }
    guard own.count == links.count else { return false }
    try node.deleteTable(UplinkRules.nodeTable)
    return true
  }

  /// Takes uplinks out of the node's rules. Where the table is gone there is nothing to take away.
  private func forgetUplinks(_ names: [String]) throws(DataplaneError) {
    var transaction = Transaction()
    UplinkRules.remove(links: names, from: &transaction)
    let netfilter = try node.netfilter()
    do throws(NetlinkError) { try transaction.commit(on: netfilter) } catch {
      if error.errno != .noSuchFile { throw .netlink(error) }
    }
  }

  /// The numbers of the uplinks.
  package func uplinkNumbers() throws(DataplaneError) -> [UInt32] { try uplinks().compactMap(\.uplinkNumber) }

  func uplinks() throws(DataplaneError) -> [Link] {
    let route = try node.route()
    return try asking { () throws(NetlinkError) in try route.links() }.filter { $0.uplinkNumber != nil }
  }

  private func deleteUplinks(_ links: [Link]) throws(DataplaneError) {
    for link in links {
      let watch = try LinkWatch(for: [link.name], in: node)
      var batch = Batch()
      batch.deleteLink(.index(link.index))
      let kept = node.netfilterDescriptor.map { [$0] } ?? []
      let sender = try send(batch, on: try node.routeTransport(), keeping: kept)
      try awaitRemoval([watch], sender: sender)
    }
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

extension Link {
  /// The number of the uplink that the link is an end of.
  var uplinkNumber: UInt32? {
    guard kind == Veth.name, address == UplinkNames.nodeMAC else { return nil }
    for prefix in UplinkNames.prefixes where name.hasPrefix(prefix) {
      return UInt32(name.dropFirst(prefix.utf8.count))
    }
    return nil
  }

  fileprivate func isUplink(of number: UInt32) -> Bool { uplinkNumber == number }
}

extension KernelNamespace {
  func uplinkEnd() throws(DataplaneError) -> Link? {
    let route = try route()
    return try asking { () throws(NetlinkError) in try route.link(.name(UplinkNames.instanceLink)) }
  }

  /// Makes a table anew.
  func replaceTable(
    _ table: Table, _ body: (inout Transaction) -> Void
  ) throws(DataplaneError) {
    let connection = try netfilter()
    let present = try asking { () throws(NetlinkError) in try connection.tables() }
    var transaction = Transaction()
    // Only what is there is deleted: closing the socket after a deletion waits 10 ms.
    if present.contains(table) { transaction.delete(table) }
    body(&transaction)
    do throws(NetlinkError) { try transaction.commit(on: connection) } catch { throw .netlink(error) }
  }

  func deleteTable(_ table: Table) throws(DataplaneError) {
    let connection = try netfilter()
    guard try asking({ () throws(NetlinkError) in try connection.tables() }).contains(table) else { return }
    var transaction = Transaction()
    transaction.delete(table, ifMissing: .ignore)
    do throws(NetlinkError) { try transaction.commit(on: connection) } catch { throw .netlink(error) }
  }
}
