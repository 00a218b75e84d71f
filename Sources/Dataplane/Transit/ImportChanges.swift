internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

/// What an instance imports now and did not before, and the other way round.
package struct ImportChange {
  /// As it is to be.
  package let connection: PlacedConnection
  let added: [ConnectedInstance.Import]
  let removed: [ConnectedInstance.Import]

  /// What pods and the instance itself had routes to.
  let formerPrefixes: [IPPrefix]

  package init(_ connection: PlacedConnection, from former: ConnectedInstance) {
    self.connection = connection
    formerPrefixes = former.importedPrefixes
    (removed, added) = differences(former.imports, connection.instance.imports)
  }
}

/// What is only in the one and what is only in the other of two lists, which are alike for the most part.
private func differences<Element: Hashable>(_ one: [Element], _ other: [Element]) -> ([Element], [Element]) {
  let start = zip(one, other).prefix { $0 == $1 }.count
  let end = zip(one[start...].reversed(), other[start...].reversed()).prefix { $0 == $1 }.count
  let (left, right) = (one[start..<(one.count - end)], other[start..<(other.count - end)])
  let (leftSet, rightSet) = (Set(left), Set(right))
  return (left.filter { !rightSet.contains($0) }, right.filter { !leftSet.contains($0) })
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
      // A route that somebody has deleted already.
      try kernel.route().carryOut(batch, except: .noSuchProcess)
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
    func routes(_ imports: [ConnectedInstance.Import]) -> [Route] {
      imports.filter { connected.contains($0.exporter) }.flatMap { $0.routes(importer: connection.instance.vni) }
    }
    RouteChanges(from: routes(removed), to: routes(added)).add(to: &batch)
  }
}

extension KernelNamespace {
  /// Changes the instance's own routes.
  fileprivate func apply(_ change: ImportChange) throws(DataplaneError) {
    let before = change.formerPrefixes
    let after = change.connection.instance.importedPrefixes
    if before == after { return }
    guard let link = try transitEnd() else { throw .instanceMissing }
    try route().change(
      RouteChanges(from: before.map { .toTransit($0, link) }, to: after.map { .toTransit($0, link) }))
  }
}
