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
    var missing: [PlacedConnection] = []
    var broken: [UInt32] = []
    for connection in connections {
      let vni = connection.instance.vni
      if let link = found[vni] {
        if let peer = try connection.kernel.transitEnd(), Self.isPair(link, peer, vni) { continue }
        broken.append(vni)
      }
      missing.append(connection)
    }
    try deleteLinks(broken, names: broken.compactMap { found[$0]?.name })
    if missing.isEmpty { return [] }
    var batch = Batch()
    for connection in missing { connection.addCreation(to: &batch, peerIndex: try connection.kernel.prepareEnd()) }
    try kernel.route().carryOut(batch)
    return missing
  }

  /// Routes to a link end with it being up: one that was down in between is like a new one.
  static func isPair(_ link: Link, _ peer: Link, _ vni: UInt32) -> Bool {
    link.name == TransitNames.link(vni) && link.isUp && link.peerIndex == peer.index && peer.peerIndex == link.index
  }

  /// Settles the transit's ends.
  ///
  /// - Parameter found: what is right is left alone, because the kernel then looks through all IPv6 routes.
  func settleLinks(_ instances: [ConnectedInstance], found: [UInt32: Link]) throws(DataplaneError) {
    var batch = Batch()
    for instance in instances {
      let index = TransitNames.linkIndex(instance.vni)
      let link = found[instance.vni]
      batch.settle(index, link, TransitNames.transitMAC)
      if link?.alias != instance.name { batch.setLink(.index(index), LinkAttributes(alias: instance.name)) }
      for family in KernelFeatures.families {
        batch.replaceNeighbor(
          Neighbor(TransitNames.instanceAddress(family), at: TransitNames.instanceMAC, link: index))
      }
    }
    try kernel.route().carryOut(batch)
  }

  /// Deletes links, and returns when they are out of every table.
  func deleteLinks(_ instances: [UInt32], names: [String]) throws(DataplaneError) {
    if instances.isEmpty { return }
    let watch = try LinkWatch(for: names, in: kernel)
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
  /// Whether a link of an instance ends in this namespace, which is a transit.
  package func hasTransitLinks() throws(DataplaneError) -> Bool {
    let route = try route()
    let links = try asking { () throws(NetlinkError) in try route.links() }
    return links.contains { $0.kind == Veth.name }
  }

  func transitEnd() throws(DataplaneError) -> Link? {
    let route = try route()
    return try asking { () throws(NetlinkError) in try route.link(.name(TransitNames.instanceLink)) }
  }

  /// Makes room for an instance's end: deletes one whose other end is none of the transit's.
  ///
  /// - Returns: the index that the new one can have; 0 lets the kernel choose.
  fileprivate func prepareEnd() throws(DataplaneError) -> UInt32 {
    let route = try route()
    if let link = try transitEnd() {
      guard link.kind == Veth.name, link.address == TransitNames.instanceMAC else {
        throw .foreignLink(name: link.name, kind: link.kind ?? "hardware")
      }
      try route.deleteIfPresent([link.name])
    }
    let other = try asking { () throws(NetlinkError) in try route.link(.index(TransitNames.instanceLinkIndex)) }
    return other == nil ? TransitNames.instanceLinkIndex : 0
  }

  /// Settles the instance's end, and makes its routes to what it imports what they should be.
  func settleTransitEnd(_ instance: ConnectedInstance) throws(DataplaneError) {
    guard let link = try transitEnd() else { throw .instanceMissing }
    var batch = Batch()
    // Without it no route to a router on the link is taken.
    batch.setLink(.name("lo"), LinkAttributes(isUp: true))
    batch.settle(link.index, link, TransitNames.instanceMAC)
    for family in KernelFeatures.families {
      batch.replaceNeighbor(
        Neighbor(TransitNames.transitAddress(family), at: TransitNames.transitMAC, link: link.index))
    }
    let wanted = instance.importedPrefixes.map { Route.toTransit($0, link) }
    let found = link.isUp ? try route().importRoutes(output: link.index) : []
    RouteChanges(from: found, to: wanted).add(to: &batch)
    try route().carryOut(batch)
  }
}

extension Batch {
  /// Makes one end of a link what it should be, if it is not.
  mutating func settle(_ index: UInt32, _ link: Link?, _ mac: MACAddress) {
    let generation = KernelFeatures.addressGeneration(mtu: TransitNames.mtu)
    if let link, link.isUp, link.mtu == TransitNames.mtu, link.address == mac, link.addressGeneration == generation {
      return
    }
    setLink(
      .index(index),
      LinkAttributes(mtu: TransitNames.mtu, address: mac, isUp: true, addressGeneration: generation))
  }
}

extension Route {
  /// An instance's route to a network that it imports.
  static func toTransit(_ prefix: IPPrefix, _ link: Link) -> Route {
    .ours(
      to: prefix, via: TransitNames.transitAddress(prefix.family), output: link.index,
      priority: importPriority(link.index))
  }

  /// The metric of routes to imported networks: after what an interface is connected to, and different for each link.
  static func importPriority(_ link: UInt32) -> UInt32 { 4096 &+ link }
}
