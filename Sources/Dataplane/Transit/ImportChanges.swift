internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

/// What an instance imports now and did not before, and the other way round.
package struct ImportChange {
  /// As it is to be.
  package let connection: PlacedConnection
  package let added: [ConnectedInstance.Import]
  package let removed: [ConnectedInstance.Import]

  package init(
    _ connection: PlacedConnection, added: [ConnectedInstance.Import], removed: [ConnectedInstance.Import]
  ) {
    self.connection = connection
    self.added = added
    self.removed = removed
  }
}

extension Transit {
  /// Applies changes to instances that are connected, without looking at what did not change.
  ///
  /// ``reconcile(_:)`` and ``update(_:importers:)`` make sure of everything; this is for the case that many instances
  /// change a little at once. They have links.
  package func apply(_ changes: [ImportChange]) throws(DataplaneError) {
    if changes.isEmpty { return }
    let connected = try linked()
    for start in stride(from: 0, to: changes.count, by: Self.changesAtOnce) {
      var batch = Batch()
      for change in changes[start..<min(start + Self.changesAtOnce, changes.count)] {
        change.add(to: &batch, connected: connected)
      }
      for outcome in try kernel.route().attempt(batch) {
        // A route that somebody has deleted already.
        if let error = outcome.error, error.errno != .noSuchProcess { throw .netlink(error) }
      }
    }
    for change in changes { try change.connection.kernel.apply(change) }
  }

  /// The instances that have a link, by their numbers.
  package func linked() throws(DataplaneError) -> Set<UInt32> { Set(try links().keys) }

  /// So that all answers fit into the socket's buffer, should every route be gone already.
  private static let changesAtOnce = 32
}

extension ImportChange {
  fileprivate func add(to batch: inout Batch, connected: Set<UInt32>) {
    let vni = connection.instance.vni
    for route in added.filter({ connected.contains($0.exporter) }).flatMap({ $0.routes(importer: vni) }) {
      batch.replaceRoute(route)
    }
    for route in removed.filter({ connected.contains($0.exporter) }).flatMap({ $0.routes(importer: vni) }) {
      batch.deleteRoute(route)
    }
  }
}

extension KernelNamespace {
  /// Changes the instance's own routes.
  fileprivate func apply(_ change: ImportChange) throws(DataplaneError) {
    let imports = change.connection.instance.imports
    let before = aggregated((imports.filter { !change.added.contains($0) } + change.removed).flatMap(\.prefixes))
    let after = change.connection.instance.importedPrefixes
    if before == after { return }
    guard let link = try transitEnd() else { throw .instanceMissing }
    try route().change(
      RouteChanges(from: before.map { .toTransit($0, link) }, to: after.map { .toTransit($0, link) }))
  }
}
