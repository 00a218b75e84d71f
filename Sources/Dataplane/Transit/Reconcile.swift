internal import Netlink
internal import NetlinkRoute

extension Transit {
  /// Makes the transit exactly this, whatever there is of it: links, tables, rules, and the instances' own routes.
  ///
  /// Only what differs is touched. What nobody needs any more is removed.
  package func reconcile(_ connections: [PlacedConnection]) throws(DataplaneError) {
    try ensure()
    let wanted = Set(connections.map(\.instance.vni))
    var found = try links()
    var stale = Set(found.keys).subtracting(wanted)
    stale.formUnion(Set(try rules().map { $0.table.rawValue - TransitNames.table(0).rawValue }).subtracting(wanted))
    try removeTables(stale.sorted())
    try deleteLinks(found, stale)
    for vni in stale { found[vni] = nil }
    try settle(connections, found: found) { _ in [] }
  }

  /// Makes what concerns these instances what it should be: their links, their tables, their own routes.
  ///
  /// For an instance that is new, for one whose imports changed, and for those that import from one whose networks
  /// changed.
  ///
  /// - Parameter importers: which instances, by their numbers, import an instance: they get routes to it.
  package func update(
    _ connections: [PlacedConnection], importers: (ConnectedInstance) -> [UInt32]
  ) throws(DataplaneError) {
    try settle(connections, found: try links(), importers: importers)
  }

  /// Takes instances out; those that are not in are nothing to take out. What others' tables had of them goes with the
  /// links.
  package func disconnect(_ instances: [UInt32]) throws(DataplaneError) {
    let found = try links()
    try removeTables(instances)
    try deleteLinks(found, Set(instances))
  }

  private func deleteLinks(_ found: [UInt32: Link], _ instances: Set<UInt32>) throws(DataplaneError) {
    let present = found.filter { instances.contains($0.key) }
    try deleteLinks(Array(present.keys), names: present.values.map(\.name))
  }

  private func settle(
    _ connections: [PlacedConnection], found: [UInt32: Link], importers: (ConnectedInstance) -> [UInt32]
  ) throws(DataplaneError) {
    let new = try ensureLinks(connections, found: found)
    // A link that is down carries no route; when it is made anew, the others are told.
    let connected = Set(found.filter(\.value.isUp).keys).union(new.map(\.instance.vni))
    let kept = found.filter { link in !new.contains { $0.instance.vni == link.key } }
    try settleLinks(connections.map(\.instance), found: kept)
    // A next hop is only taken while its link is up at this end, and there is no way back without the other one.
    for connection in connections { try connection.kernel.settleTransitEnd(connection.instance) }
    // Before the tables: for each rule the kernel looks through all IPv6 routes. What finds no route goes nowhere.
    try addRules(for: connections.map(\.instance.vni))
    for connection in connections { try updateTable(of: connection.instance, connected: connected) }
    let settled = Set(connections.map(\.instance.vni))
    for connection in connections {
      // Also where the link was there: whoever made it may have come no further.
      let others = importers(connection.instance).filter { !settled.contains($0) && connected.contains($0) }
      try announce(connection.instance, to: others)
    }
  }

  /// Adds the routes to an instance to the tables of those that import it.
  private func announce(
    _ instance: ConnectedInstance, to importers: [UInt32]
  ) throws(DataplaneError) {
    if importers.isEmpty { return }
    var batch = Batch()
    for importer in importers {
      for route in instance.exports(to: importer) { batch.replaceRoute(route) }
    }
    try kernel.route().carryOut(batch)
  }
}
