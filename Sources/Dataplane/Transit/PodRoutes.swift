internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute
package import NetworkAddresses

extension NodeKernel {
  /// Makes the routes of a running pod to imported networks these, by one interface; touches no others.
  ///
  /// - Parameters:
  ///   - gateways: the routers on that interface, at most one a family. A family without one gets no routes; so does one
  ///     whose default route the interface has, if the caller leaves its router out.
  ///   - former: the networks that it has routes to now; `nil` has the kernel asked.
  ///   - prefixes: the imported networks.
  /// - Returns: whether anything had to be changed.
  @discardableResult
  package func updateRoutes(
    in pod: KernelNamespace, interface: String, gateways: [IPAddress], from former: [IPPrefix]? = nil,
    to prefixes: [IPPrefix]
  ) throws(DataplaneError) -> Bool {
    let connection = try pod.route()
    let link = try asking { () throws(NetlinkError) in try connection.link(.name(interface)) }
    guard let link else { throw .system(operation: "interface \(interface) of the pod", .noSuchDevice) }
    let found: [Route]
    if let former {
      found = Route.imports(aggregated(former), gateways: gateways, output: link.index)
    } else {
      found = try connection.importRoutes(output: link.index)
    }
    let changes = RouteChanges(
      from: found, to: Route.imports(aggregated(prefixes), gateways: gateways, output: link.index))
    try connection.change(changes)
    return !changes.isEmpty
  }
}

extension Connection {
  /// Makes the changes; a route that somebody deleted already is none that has to be deleted.
  func change(_ changes: RouteChanges) throws(DataplaneError) {
    if changes.isEmpty { return }
    var batch = Batch()
    changes.add(to: &batch)
    try carryOut(batch, except: .noSuchProcess)
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
