internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

// The pair of links between an instance and the transit.

extension Transit {
  /// The transit's ends by the numbers of their instances.
  func links() throws(DataplaneError) -> [UInt32: Link] {
    let route = try kernel.route()
    let all = try asking { () throws(NetlinkError) in try route.links() }
    var found: [UInt32: Link] = [:]
    for link in all where link.kind == Veth.name && link.index >= TransitNames.linkIndex(0) {
      found[link.index - TransitNames.linkIndex(0)] = link
    }
    return found
  }

  /// Makes the links of the instances that have none or a broken one, and sets all of them up.
  ///
  /// - Parameter found: the transit's ends as they are.
  /// - Returns: the new ones: the routes to them in other instances' tables are gone.
  func ensureLinks(
    _ connections: [PlacedConnection], found: [UInt32: Link]
  ) throws(DataplaneError) -> [PlacedConnection] {
    var missing: [(PlacedConnection, peerIndex: UInt32)] = []
    var broken: [UInt32] = []
    for connection in connections {
      let vni = connection.instance.vni
      let end = try connection.kernel.transitEnd()
      if let link = found[vni], let peer = end.link, Self.isPair(link, peer, vni) { continue }
      if found[vni] != nil { broken.append(vni) }
      missing.append((connection, end.freeIndex))
    }
    try deleteLinks(broken)
    if missing.isEmpty { return [] }
    for (connection, _) in missing { try connection.kernel.removeStrayEnd() }
    var batch = Batch()
    for (connection, peerIndex) in missing { connection.addCreation(to: &batch, peerIndex: peerIndex) }
    try kernel.route().carryOut(batch)
    return missing.map(\.0)
  }

  private static func isPair(_ link: Link, _ peer: Link, _ vni: UInt32) -> Bool {
    link.name == TransitNames.link(vni) && link.peerIndex == peer.index && peer.peerIndex == link.index
  }

  /// Settles the transit's ends.
  func settleLinks(_ instances: [ConnectedInstance]) throws(DataplaneError) {
    var batch = Batch()
    for instance in instances {
      let index = TransitNames.linkIndex(instance.vni)
      batch.setLink(
        .index(index),
        LinkAttributes(
          mtu: TransitNames.mtu, address: TransitNames.transitMAC, isUp: true, alias: instance.name,
          addressGeneration: KernelFeatures.addressGeneration(mtu: TransitNames.mtu)))
      for family in KernelFeatures.families {
        batch.replaceNeighbor(
          Neighbor(TransitNames.instanceAddress(family), at: TransitNames.instanceMAC, link: index))
      }
    }
    try kernel.route().carryOut(batch)
  }

  /// Deletes links, and returns when they are out of every table.
  func deleteLinks(_ instances: [UInt32]) throws(DataplaneError) {
    if instances.isEmpty { return }
    let watch = try LinkWatch(for: instances.map(TransitNames.link), in: kernel)
    var batch = Batch()
    if instances.count == 1 {
      batch.deleteLink(.index(TransitNames.linkIndex(instances[0])))
    } else {
      // The kernel waits once for each message, however many links it is about.
      for vni in instances { batch.setLink(.index(TransitNames.linkIndex(vni)), LinkAttributes(group: 1)) }
      batch.deleteLinks(group: 1)
    }
    let sender = try home.send(batch, on: try kernel.routeTransport(), keeping: [])
    try home.awaitRemoval([watch], sender: sender)
  }
}

extension PlacedConnection {
  /// Makes the pair: the transit's end, up, where the message is sent, the other one in the instance's namespace.
  fileprivate func addCreation(to batch: inout Batch, peerIndex: UInt32) {
    let peer = LinkAttributes(
      index: peerIndex, name: TransitNames.instanceLink, mtu: TransitNames.mtu, address: TransitNames.instanceMAC,
      transmitQueues: 1, receiveQueues: 1, namespace: kernel.namespace.descriptor.rawValue)
    batch.createLink(
      LinkAttributes(
        index: TransitNames.linkIndex(instance.vni), name: TransitNames.link(instance.vni), mtu: TransitNames.mtu,
        address: TransitNames.transitMAC, transmitQueues: 1, receiveQueues: 1),
      Veth(peer: peer))
  }
}

extension KernelNamespace {
  /// The instance's end, and the index that a new one can have: 0 lets the kernel choose.
  fileprivate func transitEnd() throws(DataplaneError) -> (link: Link?, freeIndex: UInt32) {
    var batch = Batch()
    batch.getLink(.name(TransitNames.instanceLink))
    batch.getLink(.index(TransitNames.instanceLinkIndex))
    let found = try route().attempt(batch).map { outcome throws(DataplaneError) in
      if let error = outcome.error, error.errno != .noSuchDevice { throw .netlink(error) }
      return outcome.replies.first.flatMap(Link.init)
    }
    let isFree = found[1] == nil || found[1]?.name == TransitNames.instanceLink
    return (found[0], isFree ? TransitNames.instanceLinkIndex : 0)
  }

  /// Deletes an instance's end whose other end is none of the transit's.
  fileprivate func removeStrayEnd() throws(DataplaneError) {
    guard let link = try transitEnd().link else { return }
    guard link.kind == Veth.name, link.address == TransitNames.instanceMAC else {
      throw .foreignLink(name: link.name, kind: link.kind ?? "hardware")
    }
    try route().deleteIfPresent([link.name])
  }

  /// Settles the instance's end, and makes its routes to what it imports what they should be.
  func settleTransitEnd(_ instance: ConnectedInstance) throws(DataplaneError) {
    let connection = try route()
    guard let link = try transitEnd().link else { throw .instanceMissing }
    var batch = Batch()
    batch.setLink(
      .index(link.index),
      LinkAttributes(
        mtu: TransitNames.mtu, address: TransitNames.instanceMAC, isUp: true,
        addressGeneration: KernelFeatures.addressGeneration(mtu: TransitNames.mtu)))
    for family in KernelFeatures.families {
      batch.replaceNeighbor(
        Neighbor(TransitNames.transitAddress(family), at: TransitNames.transitMAC, link: link.index))
    }
    let wanted = instance.importedPrefixes.map {
      Route.ours(
        to: $0, via: TransitNames.transitAddress($0.family), output: link.index,
        priority: Route.importPriority(link.index))
    }
    let found = link.isUp ? try connection.ownRoutes(table: .main, output: link.index) : []
    RouteChanges(from: found, to: wanted).add(to: &batch)
    try connection.carryOut(batch)
  }
}

extension Route {
  /// The metric of routes to imported networks: after what an interface is connected to, and different for each link.
  static func importPriority(_ link: UInt32) -> UInt32 { 4096 &+ link }
}
