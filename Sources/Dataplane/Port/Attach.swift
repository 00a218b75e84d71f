internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute

extension NodeKernel {
  /// Makes all ports of an attachment in a routing instance. The filter lets nothing through that was not declared: its
  /// elements are there before the links.
  ///
  /// After a failure ``detach(_:bridge:pod:)`` undoes what was done.
  ///
  /// - Throws: `instanceMissing` if the bridge or the filter is not there, which ``ensure(_:ports:)`` mends.
  package func attach(
    _ ports: [Port], bridge: UInt32, in pod: PodNamespace
  ) throws(DataplaneError) {
    try admit(ports)
    let ends = try create(ports, bridge: bridge, in: pod)
    var batch = Batch()
    for (port, end) in zip(ports, ends) { port.addHostSettings(to: &batch, host: end.host, bridge: bridge) }
    try route().carryOut(batch)
    try settlePod(ports, ends, in: pod)
  }

  private func create(
    _ ports: [Port], bridge: UInt32, in pod: PodNamespace
  ) throws(DataplaneError) -> [Ends] {
    var batch = Batch()
    for port in ports {
      port.addCreation(to: &batch, bridge: bridge, podNamespace: pod.namespace.descriptor.rawValue)
    }
    let outcomes = try route().attempt(batch)
    var ends: [Ends] = []
    for (index, port) in ports.enumerated() {
      if let error = outcomes[2 * index].error { throw try explain(error, port, bridge: bridge) }
      guard let link = outcomes[2 * index + 1].replies.first.flatMap(Link.init), let peer = link.peerIndex else {
        throw .netlink(outcomes[2 * index + 1].error ?? NetlinkError(operation: "read \(port.hostName)", errno: .badMessage))
      }
      ends.append(Ends(host: link.index, pod: peer))
    }
    return ends
  }

  /// Which of the things that the number may mean it does mean.
  private func explain(
    _ error: NetlinkError, _ port: Port, bridge: UInt32
  ) throws(DataplaneError) -> DataplaneError {
    let connection = try route()
    switch error.errno {
    case .exchangeFull: return .bridgeFull(bridge: NodeNames.bridge, limit: NodeNames.portLimit)
    case .exists:
      let host = try asking { () throws(NetlinkError) in try connection.link(.name(port.hostName)) }
      return host == nil ? .interfaceExists(name: port.name) : .leftover(link: port.hostName)
    case .invalidArgument, .notSupported, .noSuchDevice:
      let master = try asking { () throws(NetlinkError) in try connection.link(.index(bridge)) }
      return master?.kind == Bridge.name ? .netlink(error) : .instanceMissing
    default: return .netlink(error)
    }
  }

  private func settlePod(
    _ ports: [Port], _ ends: [Ends], in pod: PodNamespace
  ) throws(DataplaneError) {
    let connection = Connection(try routeTransport(in: pod))
    var batch = Batch()
    for (port, end) in zip(ports, ends) { port.addPodSettings(to: &batch, link: end.pod) }
    do throws(NetlinkError) {
      try connection.perform(batch)
    } catch {
      guard error.errno == .permissionDenied || error.errno == .notSupported else { throw .netlink(error) }
      // A runtime may have switched IPv6 off in the namespace; these interfaces have addresses that need it.
      try enableIPv6(on: ports, in: pod)
      try clearAddresses(of: ends, on: connection)
      try connection.carryOut(batch)
    }
  }

  private func enableIPv6(on ports: [Port], in pod: PodNamespace) throws(DataplaneError) {
    func failure(_ errno: Errno) -> DataplaneError { .system(operation: "enable IPv6 in \(pod.path)", errno) }
    try pod.namespace.enter(from: home, orThrow: failure) { () throws(DataplaneError) in
      for port in ports {
        do throws(Errno) {
          try Sysctl("net/ipv6/conf/\(port.name)/disable_ipv6").ensure("0")
        } catch {
          throw failure(error)
        }
      }
    }
  }

  /// Takes away what a first attempt had set.
  private func clearAddresses(of ends: [Ends], on connection: Connection) throws(DataplaneError) {
    for end in ends {
      let found = try asking { () throws(NetlinkError) in try connection.addresses(link: end.pod) }
      var batch = Batch()
      for address in found { batch.deleteAddress(address) }
      try connection.carryOut(batch)
    }
  }
}

/// The interface indexes of a pair, each in its own namespace.
private struct Ends {
  let host: UInt32
  let pod: UInt32
}
