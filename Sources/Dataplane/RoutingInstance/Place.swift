package import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute

extension NodeKernel {
  /// The namespace of a routing instance, made if there is none yet.
  ///
  /// - Parameter recorded: which namespace the store says it is; `nil` if it has none.
  /// - Throws: `foreignPin` where the pin is not the recorded namespace: it was made in a mount namespace that this one
  ///   does not share. A second instance of a network is never made.
  package func open(
    _ placement: RoutingInstance.Placement, recorded: NamespaceIdentity?
  ) throws(DataplaneError) -> KernelNamespace {
    guard case .pinned(let directory, let name) = placement else { return node }
    let path = directory + "/" + name
    if let recorded {
      guard let found = try namespace(at: path, recorded: recorded) else { throw .foreignPin(path: path) }
      return found
    }
    do throws(Errno) {
      try NamespacePin.remove(path)
      let made = try NamespacePin.create(name, in: directory, home: node.namespace)
      return try KernelNamespace(adopting: made, path: path, home: node)
    } catch {
      throw .system(operation: "make the network namespace \(path)", error)
    }
  }

  /// Removes a routing instance; parts that are gone already are nothing to remove.
  package func remove(_ placement: RoutingInstance.Placement) throws(DataplaneError) {
    switch placement {
    case .node: try removeFromNode()
    case .pinned(let directory, let name):
      let path = directory + "/" + name
      do throws(Errno) { try NamespacePin.remove(path) } catch {
        throw .system(operation: "remove the network namespace \(path)", error)
      }
    }
  }

  private func removeFromNode() throws(DataplaneError) {
    var transaction = Transaction()
    for table in [SourceFilter.table, NeighborLimit.table, ForwardingRules.table] {
      transaction.delete(table, ifMissing: .ignore)
    }
    try node.commit(transaction)
    let route = try node.route()
    let bridge = try asking { () throws(NetlinkError) in try route.link(.name(NodeNames.bridge)) }
    // A link of that name that is not a bridge kept the instance from being made.
    guard let bridge, bridge.kind == Bridge.name else { return }
    var links = [bridge]
    // The transit may have gone, and its namespace ends in its own time.
    let end = try asking { () throws(NetlinkError) in try route.link(.name(TransitNames.instanceLink)) }
    if let end, end.address == TransitNames.instanceMAC { links.append(end) }
    let watch = try LinkWatch(for: links.map(\.name), in: node)
    var batch = Batch()
    for link in links { batch.deleteLink(.index(link.index)) }
    let sender = try send(batch, on: try node.routeTransport(), keeping: node.netfilterDescriptor.map { [$0] } ?? [])
    try awaitRemoval([watch], sender: sender)
  }
}
