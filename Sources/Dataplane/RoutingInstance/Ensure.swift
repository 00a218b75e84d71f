internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

extension NodeKernel {
  /// Makes the routing instance what it should be, whatever there is of it: namespace, bridge, gateways, rules, and the
  /// ports of the pods that are attached.
  ///
  /// - Parameters:
  ///   - kernel: the instance's namespace (``open(_:recorded:)``).
  ///   - ports: the attached pods' ports, which a new bridge and new tables have to know.
  package func ensure(
    _ instance: RoutingInstance, in kernel: KernelNamespace, ports: [Port]
  ) throws(DataplaneError) -> PlacedInstance {
    let route = try kernel.route()
    let links = try asking { () throws(NetlinkError) in try route.links() }
    let bridge = try kernel.ensureBridge(instance, found: links.first { $0.name == NodeNames.bridge }, links: links)
    try enableForwarding(for: instance, in: kernel, links: links)
    try kernel.replaceRules(of: instance, ports: ports)
    let placed = PlacedInstance(
      name: instance.name, kernel: kernel, bridge: bridge, delivery: instance.delivery,
      checksSources: instance.checksSources, isRouter: instance.isRouter)
    try placed.settle(ports, links: links)
    return placed
  }

  private func enableForwarding(
    for instance: RoutingInstance, in kernel: KernelNamespace, links: [Link]
  ) throws(DataplaneError) {
    switch instance.placement {
    case .node:
      let others = links.map(\.name).filter { $0 != NodeNames.bridge }
      try NodeForwarding.enable(Set(instance.subnets.map(\.prefix.family)), links: others + ["default"])
    case .pinned:
      try kernel.inside("set the parameters of the instance") { () throws(Errno) in
        try InstanceSettings.apply(forwarding: instance.isRouter)
      }
    }
  }
}

extension KernelNamespace {
  fileprivate func ensureBridge(
    _ instance: RoutingInstance, found: Link?, links: [Link]
  ) throws(DataplaneError) -> UInt32 {
    let index = if let found { try checkedIndex(found) } else { try createBridge(instance, links: links) }
    var batch = Batch()
    // With the protocol on the kernel refuses to forward at once (ERANGE).
    if found?.bridge?.spanningTree == true { batch.setLink(.index(index), Bridge(spanningTree: false)) }
    batch.setLink(.index(index), Bridge.told)
    batch.setLink(
      .index(index),
      LinkAttributes(
        mtu: instance.mtu, address: NodeNames.gatewayMAC,
        addressGeneration: KernelFeatures.addressGeneration(mtu: instance.mtu)))
    let route = try route()
    let present = found == nil ? [] : try asking { () throws(NetlinkError) in try route.addresses(link: index) }
    let wanted = instance.gatewayAddresses
    for address in present where !wanted.contains(address.address) { batch.deleteAddress(address) }
    for address in wanted { batch.replaceAddress(Address(address, onPod: index)) }
    batch.setLink(.index(index), LinkAttributes(isUp: true))
    try route.carryOut(batch)
    return index
  }

  private func checkedIndex(_ link: Link) throws(DataplaneError) -> UInt32 {
    guard link.kind == Bridge.name else { throw .foreignLink(name: link.name, kind: link.kind ?? "hardware") }
    return link.index
  }

  private func createBridge(_ instance: RoutingInstance, links: [Link]) throws(DataplaneError) -> UInt32 {
    let isFree = !links.contains { $0.index == NodeNames.bridgeIndex }
    var batch = Batch()
    batch.createLink(
      LinkAttributes(
        index: isFree ? NodeNames.bridgeIndex : 0, name: NodeNames.bridge, mtu: instance.mtu,
        address: NodeNames.gatewayMAC),
      Bridge.told)
    batch.getLink(.name(NodeNames.bridge))
    let outcomes = try route().attempt(batch)
    for outcome in outcomes {
      if let error = outcome.error { throw .netlink(error) }
    }
    guard let link = outcomes[1].replies.first.flatMap(Link.init) else {
      throw .netlink(NetlinkError(operation: "read \(NodeNames.bridge)", errno: .badMessage))
    }
    return link.index
  }

  func replaceRules(of instance: RoutingInstance, ports: [Port]) throws(DataplaneError) {
    try replaceTables(instance.tables) { transaction in
      SourceFilter.addTable(
        to: &transaction, ports: ports,
        chains: SourceFilter.chains(instance.delivery, checksSources: instance.checksSources))
      NeighborLimit.addTable(to: &transaction, ports: ports, knowsPorts: instance.checksSources)
      if instance.placement == .node { ForwardingRules.addTable(to: &transaction, for: instance) }
    }
  }
}

extension PlacedInstance {
  /// Puts host ends that are there back on the bridge, and tells it who is behind them.
  fileprivate func settle(_ ports: [Port], links: [Link]) throws(DataplaneError) {
    var batch = Batch()
    for port in ports {
      guard let link = links.first(where: { $0.name == port.hostName }) else { continue }
      if link.master != bridge || !link.isUp {
        batch.setLink(.index(link.index), LinkAttributes(master: bridge, isUp: true))
      }
      port.addHostSettings(to: &batch, host: link.index, instance: self)
    }
    try kernel.route().carryOut(batch)
  }
}

extension RoutingInstance {
  /// The tables of its own that it has in its namespace.
  var tables: [Table] {
    [SourceFilter.table, NeighborLimit.table] + (placement == .node ? [ForwardingRules.table] : [])
  }
}

extension Bridge {
  /// A bridge that forwards at once, speaks no protocol of its own, and is told where its ports' stations are. What it
  /// learns, it keeps while the port is there: nothing is flooded to find a station that was silent for a while. Pods that
  /// may send from any address cannot make it learn without end.
  static let told = Bridge(
    forwardDelay: 0, ageingTime: 8_640_000, spanningTree: false, groupForwardMask: 0, multicastSnooping: false,
    noLinkLocalLearning: true, learningLimit: 16_384)
}
