package import NetworkAttachments

/// Why one network imports another.
package enum ConnectionReason: Hashable, Sendable {
  /// One exports the target, the other imports it.
  case routeTarget(String)
  /// A mesh picks both.
  case router(NetworkName)
  /// One router picks the exporter, the other one the importer, and each imports the other.
  case routers(exporter: NetworkName, exporterType: RouterType, importer: NetworkName, importerType: RouterType)

  /// The routers that are at work.
  package var routers: [NetworkName] {
    switch self {
    case .routeTarget: []
    case .router(let name): [name]
    case .routers(let exporter, _, let importer, _): [exporter, importer]
    }
  }
}

extension ConnectionReason: CustomStringConvertible {
  /// Different for different reasons: the store calls a circle so.
  package var description: String {
    switch self {
    case .routeTarget(let target): "\(target)"
    case .router(let name): "mesh \(name)"
    case .routers(let exporter, let exporterType, let importer, let importerType):
      "\(exporterType.rawValue) \(exporter) to \(importerType.rawValue) \(importer)"
    }
  }
}

/// Networks that import from others for one reason: every importer from every exporter but itself.
///
/// Circles are what makes a large mesh cheap: 300 networks are one circle and not 89,700 pairs.
package struct Circle: Hashable, Sendable {
  package let reason: ConnectionReason
  /// Positions in ``Connectivity/networks``, ascending.
  package let exporters: [Int]
  /// Positions in ``Connectivity/networks``, ascending.
  package let importers: [Int]

  /// `nil` where nobody imports anything.
  init?(_ reason: ConnectionReason, exporters: [Int], importers: [Int]) {
    guard let first = exporters.first, !importers.isEmpty,
      exporters.count > 1 || importers.count > 1 || importers[0] != first
    else { return nil }
    self.reason = reason
    self.exporters = exporters
    self.importers = importers
  }

  /// The same among some of the networks.
  package func among(_ isWanted: (Int) -> Bool) -> Circle? {
    Circle(reason, exporters: exporters.filter(isWanted), importers: importers.filter(isWanted))
  }
}
