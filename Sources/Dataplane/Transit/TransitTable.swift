internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

// What is where for packets from one instance: the table in the transit, and the rules that lead to it.

extension ConnectedInstance {
  /// The routes of the instance's table.
  ///
  /// - Parameter connected: the instances that have a link; what others export is unreachable.
  func table(connected: Set<UInt32>) -> [Route] {
    let (table, priority) = (TransitNames.table(vni), TransitNames.priority(vni))
    var routes = KernelFeatures.families.map { Route.unreachable($0, table: table, priority: priority) }
    for imported in imports where connected.contains(imported.exporter) {
      for prefix in imported.prefixes {
        routes.append(Self.route(to: prefix, exporter: imported.exporter, importer: vni))
      }
    }
    return routes
  }

  /// The routes to this instance in another's table.
  func exports(to importer: UInt32) -> [Route] {
    prefixes.map { Self.route(to: $0, exporter: vni, importer: importer) }
  }

  private static func route(to prefix: IPPrefix, exporter: UInt32, importer: UInt32) -> Route {
    .ours(
      to: prefix, via: TransitNames.instanceAddress(prefix.family), output: TransitNames.linkIndex(exporter),
      table: TransitNames.table(importer), priority: TransitNames.priority(importer))
  }

  /// Packets that come by the instance's link are looked up in its table.
  static func rules(_ vni: UInt32) -> [Rule] {
    KernelFeatures.families.map {
      Rule(
        family: $0, priority: TransitNames.rulePriority, table: TransitNames.table(vni),
        inputInterface: TransitNames.link(vni))
    }
  }
}

extension Transit {
  /// Makes the table of an instance what it should be.
  func updateTable(of instance: ConnectedInstance, connected: Set<UInt32>) throws(DataplaneError) {
    let route = try kernel.route()
    let found = try route.importRoutes(table: TransitNames.table(instance.vni))
    let changes = RouteChanges(from: found, to: instance.table(connected: connected))
    if changes.isEmpty { return }
    var batch = Batch()
    changes.add(to: &batch)
    try route.carryOut(batch)
  }

  /// Adds what rules are missing.
  func addRules(for instances: [UInt32]) throws(DataplaneError) {
    var batch = Batch()
    for vni in instances {
      for rule in ConnectedInstance.rules(vni) { batch.addRule(rule) }
    }
    for outcome in try kernel.route().attempt(batch) {
      if let error = outcome.error, error.errno != .exists { throw .netlink(error) }
    }
  }

  /// Empties the tables and takes the rules away.
  func removeTables(_ instances: [UInt32]) throws(DataplaneError) {
    let route = try kernel.route()
    var batch = Batch()
    for vni in instances {
      for rule in ConnectedInstance.rules(vni) { batch.deleteRule(rule) }
      for own in try route.importRoutes(table: TransitNames.table(vni)) { batch.deleteRoute(own) }
    }
    for outcome in try route.attempt(batch) {
      guard let error = outcome.error else { continue }
      if error.errno != .noSuchFile && error.errno != .noSuchProcess { throw .netlink(error) }
    }
  }
}
