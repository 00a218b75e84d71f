internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

extension NodeKernel {
  /// What is not as ``attach(_:in:)`` left it; nothing where all is well.
  ///
  /// Later plugins of a chain may change the MTU of the pod's end and add to it; what the pod needs to be reached must
  /// still be there. A MAC that a later plugin set is in the ports.
  package func problems(of ports: [PlacedPort], in pod: KernelNamespace) throws(DataplaneError) -> [String] {
    try podProblems(of: ports.map(\.port), in: pod) + nodeProblems(of: ports)
  }

  /// What is not as it was left inside the pod.
  package func podProblems(of ports: [Port], in pod: KernelNamespace) throws(DataplaneError) -> [String] {
    let inside = try pod.route()
    var problems: [String] = []
    for port in ports { problems += try podProblems(port, inside) }
    return problems
  }

  /// What is not as it was left on the node: in the instances, and on the way to them.
  package func nodeProblems(of ports: [PlacedPort]) throws(DataplaneError) -> [String] {
    var problems: [String] = []
    for (instance, members) in byInstance(ports) { problems += try instanceProblems(instance, members) }
    for placed in ports {
      problems += try hostProblems(placed.port, placed.instance)
      problems += try filterProblems(placed.port, placed.instance)
      if let uplink = placed.instance.nodeUplink { problems += try hostRouteProblems(placed.port, uplink) }
    }
    return problems
  }

  private func instanceProblems(
    _ instance: PlacedInstance, _ ports: [Port]
  ) throws(DataplaneError) -> [String] {
    let connection = try instance.kernel.route()
    guard let bridge = try asking({ () throws(NetlinkError) in try connection.link(.index(instance.bridge)) }) else {
      return ["bridge \(NodeNames.bridge) is missing"]
    }
    var problems = bridge.isUp ? [] : ["bridge \(NodeNames.bridge) is down"]
    let addresses = try asking { () throws(NetlinkError) in try connection.addresses(link: bridge.index) }
    for gateway in Set(ports.flatMap(\.routers)).sorted()
    where !addresses.contains(where: { $0.address.address == gateway }) {
      problems.append("bridge \(NodeNames.bridge) lacks the gateway \(gateway)")
    }
    return problems + (try stationProblems(instance, ports))
  }

  /// What the bridge was told of the ports.
  private func stationProblems(_ instance: PlacedInstance, _ ports: [Port]) throws(DataplaneError) -> [String] {
    let connection = try instance.kernel.route()
    let (entries, neighbors) = try asking { () throws(NetlinkError) in
      (
        try connection.forwardingEntries(bridge: instance.bridge),
        try connection.neighbors(link: instance.bridge).filter { $0.link == instance.bridge }
      )
    }
    var problems: [String] = []
    for port in ports {
      guard let link = try asking({ () throws(NetlinkError) in try connection.link(.name(port.hostName)) }) else {
        continue
      }
      if !entries.contains(where: { $0.mac == port.mac && $0.link == link.index }) {
        problems.append("no forwarding entry of \(NodeNames.bridge) leads \(port.mac) to \(port.hostName)")
      }
      for address in port.addresses.map(\.address)
      where !neighbors.contains(where: { $0.address == address && $0.mac == port.mac }) {
        problems.append("\(NodeNames.bridge) does not know the neighbour \(address) at \(port.mac)")
      }
    }
    return problems
  }

  private func podProblems(_ port: Port, _ connection: Connection) throws(DataplaneError) -> [String] {
    guard let link = try asking({ () throws(NetlinkError) in try connection.link(.name(port.name)) }) else {
      return ["interface \(port.name) is missing"]
    }
    var problems = link.isUp ? [] : ["interface \(port.name) is down"]
    if let mac = link.address, mac != port.mac {
      problems.append("interface \(port.name) has the MAC \(mac) instead of \(port.mac)")
    }
    let addresses = try asking { () throws(NetlinkError) in try connection.addresses(link: link.index) }
    for address in port.addresses where !addresses.contains(where: { $0.address == address }) {
      problems.append("interface \(port.name) lacks the address \(address)")
    }
    for gateway in port.gateways {
      let routes = try asking { () throws(NetlinkError) in try connection.routes(family: gateway.family) }
      let isThere = routes.contains {
        $0.destination == nil && $0.gateway == gateway && $0.output == link.index && $0.table == .main
      }
      if !isThere { problems.append("the default route via \(gateway) dev \(port.name) is missing") }
    }
    return problems
  }

  private func hostProblems(_ port: Port, _ instance: PlacedInstance) throws(DataplaneError) -> [String] {
    let connection = try instance.kernel.route()
    guard let link = try asking({ () throws(NetlinkError) in try connection.link(.name(port.hostName)) }) else {
      return ["host end \(port.hostName) is missing"]
    }
    var problems = link.isUp ? [] : ["host end \(port.hostName) is down"]
    if link.master != instance.bridge { problems.append("host end \(port.hostName) is no port of \(NodeNames.bridge)") }
    return problems
  }

  private func filterProblems(_ port: Port, _ instance: PlacedInstance) throws(DataplaneError) -> [String] {
    let connection = try instance.kernel.netfilter()
    let tables = try asking { () throws(NetlinkError) in try connection.tables() }
    var problems: [String] = []
    // An older version's instances have no such table until they are made what they should be; `doctor` knows of them.
    for known in TableElements.of([port]) where known.table != NeighborLimit.table || tables.contains(known.table) {
      for element in known.elements {
        do {
          if try connection.element(element, of: known.set, in: known.table) != nil { continue }
        } catch {
          if error.errno != .noSuchFile { throw .netlink(error) }
        }
        problems.append("set \(known.table) \(known.set.name) lacks an element of \(port.hostName)")
      }
    }
    return problems
  }
}
