internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

// What the kernel is asked for to make a port, as values: batches that know nothing of sockets.

extension Port {
  /// Makes the pair, the host end up and on its bridge, the other end in the pod's namespace under its final name.
  ///
  /// The pod's end cannot be brought up here (`ENOTCONN`). Single queues save the kernel an expedited grace period.
  ///
  /// - Parameter index: of the host end; 0 for the kernel's choice.
  func addCreation(
    to batch: inout Batch, index: UInt32, bridge: UInt32, hostNamespace: Int32?, podNamespace: Int32
  ) {
    let peer = LinkAttributes(
      name: name, mtu: mtu, address: mac, transmitQueues: 1, receiveQueues: 1, group: group, namespace: podNamespace)
    batch.createLink(
      LinkAttributes(
        index: index, name: hostName, mtu: mtu, address: hostMAC, master: bridge, isUp: true, transmitQueues: 1,
        receiveQueues: 1, namespace: hostNamespace),
      Veth(peer: peer), echo: hostNamespace == nil)
  }

  /// Settles the host end: its alias, no address of its own, what the bridge does with it, and who is behind it.
  ///
  /// The bridge learns nothing: it is told.
  func addHostSettings(to batch: inout Batch, host: UInt32, instance: PlacedInstance) {
    batch.setLink(
      .index(host), LinkAttributes(alias: alias, addressGeneration: KernelFeatures.addressGeneration(mtu: mtu)),
      port: BridgePort(self, in: instance))
    batch.replaceNeighbor(.forwarding(mac, port: host))
    for address in addresses {
      batch.replaceNeighbor(Neighbor(address.address, at: mac, link: instance.bridge))
    }
  }

  /// Undoes what ``addHostSettings(to:host:instance:)`` left on the bridge itself; the rest goes with the link.
  func addNeighborRemoval(to batch: inout Batch, bridge: UInt32) {
    // The gateway may have learnt the link-local address by itself.
    for address in addresses.map(\.address) + [.v6(.linkLocal(from: mac))] {
      batch.deleteNeighbor(Neighbor(address, at: mac, link: bridge))
    }
  }

  /// Settles the pod's end: addresses without duplicate detection, up, default routes.
  ///
  /// - Parameter earlier: the pod's ports that are settled before.
  func addPodSettings(to batch: inout Batch, link: UInt32, after earlier: some Sequence<Port>) {
    if addresses.contains(where: { $0.address.family == .v6 }) {
      batch.setLink(.index(link), LinkAttributes(addressGeneration: AddressGenerationMode.none))
    }
    for address in addresses { batch.addAddress(Address(address, onPod: link, hasNeighbors: !isRouted)) }
    for address in allAddresses.dropFirst(addresses.count) { batch.addAddress(Address(address, onPod: link)) }
    batch.setLink(.index(link), LinkAttributes(isUp: true))
    if isRouted { addRoutesToNeighbors(to: &batch, link: link, after: earlier) }
    for gateway in gateways {
      batch.addRoute(Route(to: Route.everywhere(gateway.family), gateway: gateway, output: link))
    }
    for route in Route.imports(aggregated(imported), gateways: importRouters, output: link) { batch.addRoute(route) }
  }
}

extension Port {
  /// Everybody but the gateway is behind the gateway.
  ///
  /// Where an earlier interface leads to the same, its route comes first, as among those that the kernel makes of
  /// addresses; IPv6's have 1024 where nothing is said.
  private func addRoutesToNeighbors(to batch: inout Batch, link: UInt32, after earlier: some Sequence<Port>) {
    func addRoute(to destination: IPPrefix, gateway: IPAddress? = nil) {
      let isSecond = earlier.contains { $0.hasRoute(to: destination) }
      batch.addRoute(
        Route(to: destination, gateway: gateway, output: link, priority: isSecond ? 1024 &+ link : nil))
    }
    for router in routers {
      addRoute(to: IPPrefix(containing: router, length: router.family.bits))
      for address in addresses where address.address.family == router.family {
        addRoute(to: address.network, gateway: router)
      }
    }
  }

  private func hasRoute(to destination: IPPrefix) -> Bool {
    addresses.contains { $0.network == destination }
      || isRouted && routers.contains { IPPrefix(containing: $0, length: $0.family.bits) == destination }
  }
}

extension BridgePort {
  /// A port that the bridge learns nothing from, unless it may send from any address, or from a MAC that moves from port
  /// to port. Those who share an address hear each other, and are asked for it.
  ///
  /// Hairpin, because a pod may reach itself through a service address that the node translates on the bridge.
  init(_ port: Port, in instance: PlacedInstance) {
    let (delivery, checksSources) = (instance.delivery, instance.checksSources)
    let floods = delivery == .flooded
    let hears = floods || !port.pairs.isEmpty
    self.init(
      hairpin: delivery == .told, learning: !checksSources || !port.pairMACs.isEmpty,
      unicastFlood: floods && !checksSources, multicastFlood: hears, broadcastFlood: hears,
      isolated: delivery == .routed)
  }
}

extension Address {
  /// An address as pods and bridges have it.
  ///
  /// - Parameter hasNeighbors: whether the others of its network are on the link.
  init(_ address: InterfaceAddress, onPod link: UInt32, hasNeighbors: Bool = true) {
    let flags: AddressFlags = hasNeighbors ? [] : .noPrefixRoute
    switch address.address {
    case .v4:
      let broadcast = IPv4Address(rawValue: UInt32(truncatingIfNeeded: address.network.last))
      self.init(address, link: link, broadcast: address.prefixLength < 31 ? broadcast : nil, flags: flags)
    case .v6(let number):
      let isLinkLocal = number.rawValue >> 118 == 0xfe80 >> 6
      self.init(
        address, link: link, scope: isLinkLocal ? .link : .universe,
        flags: flags.union(.noDuplicateDetection))
    }
  }
}
