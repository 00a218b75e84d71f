internal import Netlink
internal import NetlinkRoute
package import NetworkAddresses

/// One end of a way: an interface of a pod and the address that is meant.
package struct TraceEnd {
  /// `namespace/name`.
  package let pod: String
  /// The pod's namespace; `nil` if it is not the recorded one any more.
  package let kernel: KernelNamespace?
  package let port: Port
  package let address: IPAddress
  /// `namespace/network`.
  package let instanceName: String

  package init(pod: String, kernel: KernelNamespace?, port: Port, address: IPAddress, instanceName: String) {
    self.pod = pod
    self.kernel = kernel
    self.port = port
    self.address = address
    self.instanceName = instanceName
  }

  /// Whether the address is the port's own, rather than one of an allowed address pair.
  var isOwn: Bool { port.allAddresses.contains { $0.address == address } }
}

extension KernelNamespace {
  /// The interface by which this namespace sends to an address; `nil` if it does not.
  package func outputName(to address: IPAddress) throws(DataplaneError) -> String? {
    let connection = try route()
    guard let route = try lookUp(to: address), let output = route.output else { return nil }
    return try asking { () throws(NetlinkError) in try connection.link(.index(output)) }?.name
  }

  func lookUp(
    to address: IPAddress, from source: IPAddress? = nil, input: UInt32? = nil
  ) throws(DataplaneError) -> Route? {
    let connection = try route()
    return try asking { () throws(NetlinkError) in try connection.route(to: address, from: source, input: input) }
  }

  func findLink(_ selector: LinkSelector) throws(DataplaneError) -> Link? {
    let connection = try route()
    return try asking { () throws(NetlinkError) in try connection.link(selector) }
  }

  /// `via 10.1.0.1 dev eth0`.
  func text(_ route: Route) throws(DataplaneError) -> String {
    let name = try route.output.flatMap { (index) throws(DataplaneError) in try findLink(.index(index))?.name } ?? "?"
    return (route.gateway.map { "via \($0) " } ?? "") + "dev \(name)"
  }
}
