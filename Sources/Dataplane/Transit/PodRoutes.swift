internal import Netlink
internal import NetlinkRoute
package import NetworkAddresses

extension NodeKernel {
  /// Makes the routes of a running pod to imported networks these, by one interface; touches no others.
  ///
  /// - Parameters:
  ///   - gateways: the routers on that interface, at most one a family. A family without one gets no routes; so does one
  ///     whose default route the interface has, if the caller leaves its router out.
  ///   - prefixes: the imported networks.
  /// - Returns: whether anything had to be changed.
  @discardableResult
  package func updateRoutes(
    in pod: KernelNamespace, interface: String, gateways: [IPAddress], prefixes: [IPPrefix]
  ) throws(DataplaneError) -> Bool {
    let connection = try pod.route()
    let link = try asking { () throws(NetlinkError) in try connection.link(.name(interface)) }
    guard let link else { throw .instanceMissing }
    let found = try connection.importRoutes(output: link.index)
    let changes = RouteChanges(
      from: found, to: Route.imports(aggregated(prefixes), gateways: gateways, output: link.index))
    if changes.isEmpty { return false }
    var batch = Batch()
    changes.add(to: &batch)
    try connection.carryOut(batch)
    return true
  }
}

extension Route {
  /// A pod's routes to imported networks.
  static func imports(_ prefixes: [IPPrefix], gateways: [IPAddress], output: UInt32) -> [Route] {
    prefixes.compactMap { prefix in
      guard let gateway = gateways.first(where: { $0.family == prefix.family }) else { return nil }
      return .ours(to: prefix, via: gateway, output: output, priority: importPriority(output))
    }
  }
}
