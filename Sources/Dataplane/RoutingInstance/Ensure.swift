internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

extension NodeKernel {
  /// Makes the routing instance what it should be, whatever there is of it: bridge, gateways, rules, and the ports of the
  /// pods that are attached.
  ///
  /// - Parameter ports: the attached pods' ports, which a new bridge and new tables have to know.
  /// - Returns: the bridge's interface index.
  package func ensure(_ instance: RoutingInstance, ports: [Port]) throws(DataplaneError) -> UInt32 {
    let route = try route()
    let links = try asking { () throws(NetlinkError) in try route.links() }
    let bridge = try ensureBridge(instance, found: links.first { $0.name == NodeNames.bridge }, links: links)
    let others = links.map(\.name).filter { $0 != NodeNames.bridge }
    try NodeForwarding.enable(Set(instance.subnets.map(\.prefix.family)), links: others + ["default"])
    try replaceRules(of: instance, ports: ports)
    try settle(ports.filter { port in links.contains { $0.name == port.hostName } }, links: links, bridge: bridge)
    return bridge
  }

  /// Removes the routing instance; parts that are gone already are nothing to remove.
  package func removeInstance() throws(DataplaneError) {
    let netfilter = try netfilter()
    var transaction = Transaction()
    for table in [SourceFilter.table, ForwardingRules.table] { transaction.delete(table, ifMissing: .ignore) }
    do throws(NetlinkError) { try transaction.commit(on: netfilter) } catch { throw .netlink(error) }
    let route = try route()
    let bridge = try asking { () throws(NetlinkError) in try route.link(.name(NodeNames.bridge)) }
    // A link of that name that is not a bridge kept the instance from being made.
    guard let bridge, bridge.kind == Bridge.name else { return }
    let watch = try LinkWatch()
    var batch = Batch()
    batch.deleteLink(.index(bridge.index))
    let sender = try send(batch, on: try transport(.route, "open a route socket"))
    try awaitRemoval(of: [NodeNames.bridge], watch: watch, sender: sender)
  }

  // MARK: The bridge

  private func ensureBridge(
    _ instance: RoutingInstance, found: Link?, links: [Link]
  ) throws(DataplaneError) -> UInt32 {
    let index = if let found { try checkedIndex(found) } else { try createBridge(instance, links: links) }
    var batch = Batch()
    batch.setLink(.index(index), Bridge.told)
    batch.setLink(
      .index(index),
      LinkAttributes(mtu: instance.mtu, address: NodeNames.gatewayMAC, addressGeneration: AddressGenerationMode.none))
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
    let route = try route()
    let outcomes = try route.attempt(batch)
    for outcome in outcomes {
      if let error = outcome.error { throw .netlink(error) }
    }
    guard let link = outcomes[1].replies.first.flatMap(Link.init) else {
      throw .netlink(NetlinkError(operation: "read \(NodeNames.bridge)", errno: .badMessage))
    }
    return link.index
  }

  // MARK: Rules and ports

  private func replaceRules(of instance: RoutingInstance, ports: [Port]) throws(DataplaneError) {
    var transaction = Transaction()
    SourceFilter.addTable(to: &transaction, ports: ports)
    ForwardingRules.addTable(to: &transaction, for: instance)
    let connection = try netfilter()
    do throws(NetlinkError) { try transaction.commit(on: connection) } catch { throw .netlink(error) }
  }

  /// Puts host ends that are there back on the bridge, and tells it who is behind them.
  private func settle(_ ports: [Port], links: [Link], bridge: UInt32) throws(DataplaneError) {
    var batch = Batch()
    for port in ports {
      guard let link = links.first(where: { $0.name == port.hostName }) else { continue }
      if link.master != bridge { batch.setLink(.index(link.index), LinkAttributes(master: bridge, isUp: true)) }
      port.addHostSettings(to: &batch, host: link.index, bridge: bridge)
    }
    let route = try route()
    try route.carryOut(batch)
  }
}

extension Bridge {
  /// A bridge that forwards at once, speaks no protocol of its own, and is told where its ports' stations are.
  static let told = Bridge(
    forwardDelay: 0, spanningTree: false, groupForwardMask: 0, multicastSnooping: false, noLinkLocalLearning: true)
}
