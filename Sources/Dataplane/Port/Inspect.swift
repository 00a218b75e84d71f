internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

extension NodeKernel {
  /// What is not as ``attach(_:bridge:in:)`` left it; nothing where all is well.
  ///
  /// Later plugins of a chain may change MAC and MTU of the pod's end and add to it; what the pod needs to be reached
  /// must still be there.
  package func problems(of ports: [Port], bridge: UInt32, in pod: PodNamespace) throws(DataplaneError) -> [String] {
    let inside = Connection(try routeTransport(in: pod))
    var problems: [String] = []
    for port in ports {
      problems += try podProblems(port, inside)
      problems += try hostProblems(port, bridge: bridge)
      problems += try filterProblems(port)
    }
    return problems
  }

  private func podProblems(_ port: Port, _ connection: Connection) throws(DataplaneError) -> [String] {
    guard let link = try asking({ () throws(NetlinkError) in try connection.link(.name(port.name)) }) else {
      return ["interface \(port.name) is missing"]
    }
    var problems = link.isUp ? [] : ["interface \(port.name) is down"]
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

  private func hostProblems(_ port: Port, bridge: UInt32) throws(DataplaneError) -> [String] {
    let connection = try route()
    guard let link = try asking({ () throws(NetlinkError) in try connection.link(.name(port.hostName)) }) else {
      return ["host end \(port.hostName) is missing"]
    }
    var problems = link.isUp ? [] : ["host end \(port.hostName) is down"]
    if link.master != bridge { problems.append("host end \(port.hostName) is no port of \(NodeNames.bridge)") }
    return problems
  }

  private func filterProblems(_ port: Port) throws(DataplaneError) -> [String] {
    let connection = try netfilter()
    var problems: [String] = []
    for (set, elements) in SourceFilter.filterElements(of: [port]) {
      for element in elements {
        do {
          if try connection.element(element, of: set, in: SourceFilter.table) != nil { continue }
        } catch {
          if error.errno != .noSuchFile { throw .netlink(error) }
        }
        problems.append("set \(SourceFilter.table) \(set.name) lacks an element of \(port.hostName)")
      }
    }
    return problems
  }
}
