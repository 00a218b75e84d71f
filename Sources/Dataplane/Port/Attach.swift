internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute

extension NodeKernel {
  /// Makes all ports of an attachment, each in its routing instance. The filter lets nothing through that was not
  /// declared: its elements are there before the links.
  ///
  /// After a failure ``detach(_:group:pod:)`` undoes what was done.
  ///
  /// - Throws: `instanceMissing` if a bridge or a filter is not there, which ``ensure(_:in:ports:)`` mends.
  package func attach(_ ports: [PlacedPort], in pod: KernelNamespace) throws(DataplaneError) {
    for (instance, members) in byInstance(ports) {
      try instance.confirmGateways()
      try instance.kernel.admit(members)
      if let uplink = instance.nodeUplink { try addHostRoutes(to: members, by: uplink) }
    }
    let ends = if let told = try create(ports, in: pod) { told } else { try ends(of: ports, in: pod) }
    for (instance, members) in byInstance(ports) {
      var batch = Batch()
      for port in members {
        guard let end = ends[port.name] else { continue }
        port.addHostSettings(to: &batch, host: end.host, instance: instance)
      }
      try instance.kernel.route().carryOut(batch)
    }
    // The pod sends nothing before its links are up. A caller that uses its own namespace is no pod to be bounded.
    if pod.identity != node.identity { try pod.limitNeighbors(of: ports.map(\.port)) }
    try settle(ports.map(\.port), ends, in: pod)
  }

  /// One batch makes all pairs: the host end in the instance's namespace, the other one in the pod's.
  ///
  /// - Returns: their indexes, if the kernel told them all by itself.
  private func create(_ ports: [PlacedPort], in pod: KernelNamespace) throws(DataplaneError) -> [String: Ends]? {
    var ends: [String: Ends] = [:]
    // Where somebody has the index that a host end asks for, any other will do.
    let taken = try create(ports, in: pod, choosingIndexes: true, &ends)
    if !taken.isEmpty { _ = try create(taken, in: pod, choosingIndexes: false, &ends) }
    return ends.count == ports.count ? ends : nil
  }

  /// - Returns: the ports whose host end's index was taken.
  private func create(
    _ ports: [PlacedPort], in pod: KernelNamespace, choosingIndexes: Bool, _ ends: inout [String: Ends]
  ) throws(DataplaneError) -> [PlacedPort] {
    var batch = Batch()
    for placed in ports {
      let isElsewhere = placed.instance.kernel !== node
      placed.port.addCreation(
        to: &batch, index: choosingIndexes ? NodeNames.hostIndex(hostName: placed.port.hostName) : 0,
        bridge: placed.instance.bridge,
        hostNamespace: isElsewhere ? placed.instance.kernel.namespace.descriptor.rawValue : nil,
        podNamespace: pod.namespace.descriptor.rawValue)
    }
    var taken: [PlacedPort] = []
    for (placed, outcome) in zip(ports, try node.route().attempt(batch)) {
      if let error = outcome.error, choosingIndexes, try isAboutIndex(error, of: placed) {
        taken.append(placed)
        continue
      }
      if let error = outcome.error { throw try explain(error, placed) }
      guard let link = outcome.replies.first.flatMap(Link.init), let peer = link.peerIndex else { continue }
      ends[placed.port.name] = Ends(host: link.index, pod: peer)
    }
    return taken
  }

  /// Whether a link of the chosen index may be in the way (`EBUSY`). Kernels that look for the index first take the other
  /// link for the one to make (`EEXIST`); which namespace they look in differs.
  private func isAboutIndex(_ error: NetlinkError, of placed: PlacedPort) throws(DataplaneError) -> Bool {
    if error.errno == .busy { return true }
    guard error.errno == .exists else { return false }
    let index = NodeNames.hostIndex(hostName: placed.port.hostName)
    for place in [node, placed.instance.kernel] {
      let connection = try place.route()
      if try asking({ () throws(NetlinkError) in try connection.link(.index(index)) }) != nil { return true }
    }
    return false
  }

  /// Which of the things that the number may mean it does mean.
  private func explain(_ error: NetlinkError, _ placed: PlacedPort) throws(DataplaneError) -> DataplaneError {
    let connection = try placed.instance.kernel.route()
    switch error.errno {
    case .exchangeFull:
      return .bridgeFull(interface: placed.port.name, bridge: NodeNames.bridge, limit: NodeNames.portLimit)
    case .exists:
      let host = try asking { () throws(NetlinkError) in try connection.link(.name(placed.port.hostName)) }
      return host == nil ? .interfaceExists(name: placed.port.name) : .leftover(link: placed.port.hostName)
    case .invalidArgument, .notSupported, .noSuchDevice:
      let master = try asking { () throws(NetlinkError) in try connection.link(.index(placed.instance.bridge)) }
      return master?.kind == Bridge.name ? .netlink(error) : .instanceMissing
    default: return .netlink(error)
    }
  }

  /// The indexes of all pairs: the pod's ends tell those of the host ends.
  private func ends(of ports: [PlacedPort], in pod: KernelNamespace) throws(DataplaneError) -> [String: Ends] {
    var batch = Batch()
    for placed in ports { batch.getLink(.name(placed.port.name)) }
    var ends: [String: Ends] = [:]
    for (placed, outcome) in zip(ports, try pod.route().attempt(batch)) {
      guard let link = outcome.replies.first.flatMap(Link.init), let host = link.peerIndex else {
        throw .netlink(outcome.error ?? NetlinkError(operation: "read \(placed.port.name)", errno: .badMessage))
      }
      ends[placed.port.name] = Ends(host: host, pod: link.index)
    }
    return ends
  }

  private func settle(_ ports: [Port], _ ends: [String: Ends], in pod: KernelNamespace) throws(DataplaneError) {
    var batch = Batch()
    for (index, port) in ports.enumerated() {
      if let end = ends[port.name] { port.addPodSettings(to: &batch, link: end.pod, after: ports[..<index]) }
    }
    let connection = try pod.route()
    do throws(NetlinkError) {
      try connection.perform(batch)
    } catch {
      guard error.errno == .permissionDenied || error.errno == .notSupported else { throw .netlink(error) }
      // A runtime may have switched IPv6 off in the namespace; these interfaces have addresses that need it.
      try enableIPv6(on: ports, in: pod)
      try clearAddresses(of: ends.values.map(\.pod), on: connection)
      try connection.carryOut(batch)
    }
  }

  private func enableIPv6(on ports: [Port], in pod: KernelNamespace) throws(DataplaneError) {
    try pod.inside("enable IPv6") { () throws(Errno) in
      for port in ports { try Sysctl("net/ipv6/conf/\(port.name)/disable_ipv6").ensure("0") }
    }
  }

  /// Takes away what a first attempt had set.
  private func clearAddresses(of links: [UInt32], on connection: Connection) throws(DataplaneError) {
    for link in links {
      let found = try asking { () throws(NetlinkError) in try connection.addresses(link: link) }
      var batch = Batch()
      for address in found { batch.deleteAddress(address) }
      try connection.carryOut(batch)
    }
  }
}

/// The ports of each instance, in the order in which the instances come.
func byInstance(_ ports: [PlacedPort]) -> [(instance: PlacedInstance, ports: [Port])] {
  var groups: [(instance: PlacedInstance, ports: [Port])] = []
  for placed in ports {
    if let index = groups.firstIndex(where: { $0.instance === placed.instance }) {
      groups[index].ports.append(placed.port)
    } else {
      groups.append((placed.instance, [placed.port]))
    }
  }
  return groups
}

/// The interface indexes of a pair, each in its own namespace.
private struct Ends {
  let host: UInt32
  let pod: UInt32
}

extension PlacedInstance {
  /// - Throws: `instanceMissing` if a gateway's address is gone. With its last address the bridge has lost its neighbours
  ///   and routes, so that more is missing than the address.
  fileprivate func confirmGateways() throws(DataplaneError) {
    if gateways.isEmpty { return }
    let connection = try kernel.route()
    let present: [Address]
    do throws(NetlinkError) { present = try connection.addresses(link: bridge) } catch {
      throw error.errno == .noSuchDevice ? .instanceMissing : .netlink(error)
    }
    for gateway in gateways where !present.contains(where: { $0.address == gateway }) { throw .instanceMissing }
  }
}
