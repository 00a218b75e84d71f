package import NetworkAttachments

/// A rule that connects networks, as a picture of the cluster shows it: a route target or a mesh with its networks, or two
/// routers with theirs.
package struct ConnectingRule: Hashable, Sendable {
  package enum Direction: Hashable, Sendable {
    case importsAndExports, imports, exports
  }

  /// The networks on one side of the rule.
  package struct Side: Hashable, Sendable {
    /// `target:23:4561`, `mesh a/r`.
    package var title: String
    /// Positions in ``Connectivity/networks``, ascending.
    package var members: [Member]
  }

  package struct Member: Hashable, Sendable {
    package var network: Int
    package var direction: Direction
  }

  /// One, whose networks reach each other, or two, whose networks reach those of the other side.
  package var sides: [Side]
}

/// What two networks are to each other.
package struct NetworkPair: Hashable, Sendable {
  package var one: NetworkName
  package var other: NetworkName
  /// What the first one imports of the second.
  package var oneImports: NetworkImport?
  package var otherImports: NetworkImport?

  /// Whether packets are exchanged.
  package var isConnected: Bool {
    [oneImports, otherImports].allSatisfy { $0.map { $0.refusal == nil } ?? false }
  }
}

extension Connectivity {
  /// The rules, targets first; what connects nothing is left out.
  package var rules: [ConnectingRule] {
    var rules: [ConnectingRule] = []
    for circle in circles {
      switch circle.reason {
      case .routeTarget(let target):
        let (exporters, importers) = (Set(circle.exporters), Set(circle.importers))
        let members = exporters.union(importers).sorted().map { network in
          ConnectingRule.Member(
            network: network,
            direction: !importers.contains(network)
              ? .exports : exporters.contains(network) ? .importsAndExports : .imports)
        }
        rules.append(ConnectingRule(sides: [.init(title: target, members: members)]))
      case .router(let name):
        rules.append(ConnectingRule(sides: [side("mesh \(name)", circle.importers)]))
      case .routers(let exporter, let exporterType, let importer, let importerType):
        // The same two routers make a circle the other way round.
        guard ordered(importer, exporter) else { continue }
        rules.append(
          ConnectingRule(sides: [
            side("\(importerType.rawValue) \(importer)", circle.importers),
            side("\(exporterType.rawValue) \(exporter)", circle.exporters),
          ]))
      }
    }
    return rules
  }

  private func side(_ title: String, _ networks: [Int]) -> ConnectingRule.Side {
    .init(title: title, members: networks.map { .init(network: $0, direction: .importsAndExports) })
  }

  /// The pairs of networks of which one imports the other, by name.
  package var pairs: [NetworkPair] {
    var pairs: [[Int]: NetworkPair] = [:]
    for importer in networks.indices {
      for entry in imports(ofNetworkAt: importer) {
        guard let exporter = position(entry.exporter.name) else { continue }
        let key = [min(importer, exporter), max(importer, exporter)]
        var pair = pairs[key] ?? NetworkPair(one: networks[key[0]].name, other: networks[key[1]].name)
        if importer == key[0] { pair.oneImports = entry } else { pair.otherImports = entry }
        pairs[key] = pair
      }
    }
    return pairs.sorted { ($0.key[0], $0.key[1]) < ($1.key[0], $1.key[1]) }.map(\.value)
  }
}
