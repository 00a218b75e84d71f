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
    let ends = KernelFeatures.families.map { Route.unreachable($0, table: table, priority: priority) }
    return ends + imports.filter { connected.contains($0.exporter) }.flatMap { $0.routes(importer: vni) }
  }

  /// The routes to this instance in another's table.
  func exports(to importer: UInt32) -> [Route] {
    Import(exporter: vni, prefixes: prefixes).routes(importer: importer)
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

extension ConnectedInstance.Import {
  /// The routes of a table to these networks.
  func routes(importer: UInt32) -> [Route] {
    prefixes.map {
      .ours(
        to: $0, via: TransitNames.instanceAddress($0.family), output: TransitNames.linkIndex(exporter),
        table: TransitNames.table(importer), priority: TransitNames.priority(importer))
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

  /// The rules of ours, whether they are as they should be or not.
  func rules() throws(DataplaneError) -> [Rule] {
    let route = try kernel.route()
    var found: [Rule] = []
    for family in KernelFeatures.families {
      found += try asking { () throws(NetlinkError) in try route.rules(family: family) }
        .filter { $0.table.rawValue >= TransitNames.table(0).rawValue }
    }
    return found
  }

  /// Adds what rules are missing.
  func addRules(for instances: [UInt32]) throws(DataplaneError) {
    var batch = Batch()
    for rule in try missingRules(for: instances) { batch.addRule(rule) }
    try kernel.route().carryOut(batch)
  }

  func missingRules(for instances: [UInt32]) throws(DataplaneError) -> [Rule] {
    let present = Set(try rules().map(RuleKey.init))
    return instances.flatMap(ConnectedInstance.rules).filter { !present.contains(RuleKey($0)) }
  }

  /// Empties the tables and takes the rules away.
  func removeTables(_ instances: [UInt32]) throws(DataplaneError) {
    let route = try kernel.route()
    var batch = Batch()
    for vni in instances {
      for rule in ConnectedInstance.rules(vni) { batch.deleteRule(rule) }
      for own in try route.importRoutes(table: TransitNames.table(vni)) { batch.deleteRoute(own) }
    }
    try route.carryOut(batch, except: .noSuchFile, .noSuchProcess)
  }
}

/// What tells one of our rules from another.
private struct RuleKey: Hashable {
  let family: IPFamily
  let priority: UInt32?
  let table: RouteTable
  let inputInterface: String?

  init(_ rule: Rule) {
    family = rule.family
    priority = rule.priority
    table = rule.table
    inputInterface = rule.inputInterface
  }
}
