internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute
package import NetworkAddresses

/// The node's own way to single pods of an instance that is in a namespace of its own.
package struct NodeUplink: Equatable, Sendable {
  /// Of the instance's uplink.
  package let number: UInt32
  /// What the node's own packets come from, at most one a family.
  package let sources: [IPAddress]

  package init(number: UInt32, sources: [IPAddress]) {
    self.number = number
    self.sources = sources
  }

  var link: UInt32 { UplinkNames.nodeIndex(number) }

  fileprivate func routes(to ports: [Port]) -> [Route] {
    ports.filter(\.isMain).flatMap(\.addresses).map { Route(toPod: $0.address, from: sources, output: link) }
  }
}

extension NodeKernel {
  /// Leads the node's packets to the main interfaces among the ports.
  ///
  /// - Throws: `instanceMissing` where the uplink is not there or has lost its addresses.
  func addHostRoutes(to ports: [Port], by uplink: NodeUplink) throws(DataplaneError) {
    var batch = Batch()
    for route in uplink.routes(to: ports) { batch.replaceRoute(route) }
    if batch.isEmpty { return }
    for outcome in try node.route().attempt(batch) {
      guard let error = outcome.error else { continue }
      // The link, its other end or the source address is gone.
      let missing: [Errno] = [.noSuchDevice, .networkDown, .networkUnreachable, .invalidArgument]
      if missing.contains(error.errno) { throw .instanceMissing }
      throw .netlink(error)
    }
  }

  /// Takes the ways back; those that are not there are nothing to take.
  func removeHostRoutes(to ports: [Port], by uplink: NodeUplink) throws(DataplaneError) {
    var batch = Batch()
    for route in uplink.routes(to: ports) { batch.deleteRoute(route) }
    if batch.isEmpty { return }
    try node.route().carryOut(
      batch, except: .noSuchProcess, .noSuchDevice, .networkDown, .networkUnreachable, .invalidArgument)
  }

  func hostRouteProblems(_ port: Port, _ uplink: NodeUplink) throws(DataplaneError) -> [String] {
    guard port.isMain else { return [] }
    let found: [Route]
    do throws(DataplaneError) { found = try node.route().importRoutes(output: uplink.link) } catch {
      guard case .netlink(let reason) = error, reason.errno == .noSuchDevice else { throw error }
      found = []
    }
    return uplink.routes(to: [port]).compactMap { route in
      let isThere = found.contains { $0.destination == route.destination && $0.source == route.source }
      return isThere ? nil : "the node has no route to \(port.name), \(route.destination?.description ?? "")"
    }
  }
}

extension Route {
  /// Pods of two networks may have the same address: the metrics differ, and the node reaches the one whose network has
  /// the lower number.
  init(toPod address: IPAddress, from sources: [IPAddress], output: UInt32) {
    self = .ours(
      to: IPPrefix(containing: address, length: address.family.bits),
      via: TransitNames.instanceAddress(address.family), output: output, priority: Route.importPriority(output))
    source = sources.first { $0.family == address.family }
  }
}
