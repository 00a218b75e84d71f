package import NetworkAttachments

/// Who reaches whom, as the route targets and routers of a cluster say.
///
/// A network imports another when it imports a target that the other exports, or when routers connect the two. Packets
/// are exchanged where each imports the other and neither import is refused.
package struct Connectivity: Sendable {
  /// By name.
  package let networks: [NetworkNode]
  /// By name.
  package let routers: [RouterNode]
  /// Of all networks, those without pods too; in order of their reasons.
  package let circles: [Circle]
  /// Of each network, in order of the exporters.
  package let refusals: [[Refusal]]
  /// Imports between routers that connect nothing, and why; by router.
  let idleImports: [[String]]
  /// Of each network, the circles that it imports from.
  let importCircles: [[Int]]

  /// - Parameter namespaces: the labels of each namespace.
  package init(networks: [NetworkNode], routers: [RouterNode], namespaces: [String: [String: String]]) {
    let networks = networks.sorted { ordered($0.name, $1.name) }
    let routers = routers.sorted { ordered($0.name, $1.name) }
    self.networks = networks
    self.routers = routers
    let members = Self.members(of: routers, networks)
    let (routerCircles, idleImports) = Self.circles(of: routers, members, namespaces)
    self.idleImports = idleImports
    circles = Self.targetCircles(networks) + routerCircles
    var importCircles = [[Int]](repeating: [], count: networks.count)
    for (position, circle) in circles.enumerated() {
      for importer in circle.importers { importCircles[importer].append(position) }
    }
    self.importCircles = importCircles
    refusals = refusedImports(networks, circles, importCircles)
  }

  // MARK: Circles

  private static func targetCircles(_ networks: [NetworkNode]) -> [Circle] {
    var exporters: [String: [Int]] = [:]
    var importers: [String: [Int]] = [:]
    for (position, network) in networks.enumerated() where network.hasGateway {
      for target in network.exportTargets { exporters[target, default: []].append(position) }
      for target in network.importTargets { importers[target, default: []].append(position) }
    }
    return exporters.keys.sorted().compactMap { target in
      Circle(.routeTarget(target), exporters: exporters[target] ?? [], importers: importers[target] ?? [])
    }
  }

  /// The networks that each router picks.
  private static func members(of routers: [RouterNode], _ networks: [NetworkNode]) -> [[Int]] {
    let byNamespace = Dictionary(grouping: networks.indices) { networks[$0].name.namespace }
    return routers.map { router in
      (byNamespace[router.name.namespace] ?? []).filter {
        networks[$0].hasGateway && router.networks.matches(networks[$0].labels)
      }
    }
  }

  private static func circles(
    of routers: [RouterNode], _ members: [[Int]], _ namespaces: [String: [String: String]]
  ) -> ([Circle], idle: [[String]]) {
    var circles: [Circle] = []
    var idle = [[String]](repeating: [], count: routers.count)
    for (one, router) in routers.enumerated() {
      if router.type == .mesh {
        circles += Circle(.router(router.name), exporters: members[one], importers: members[one]).map { [$0] } ?? []
      }
      guard !router.imports.isEmpty else { continue }
      let labels = namespaces[router.name.namespace] ?? [:]
      for (two, other) in routers.enumerated() where two != one {
        guard router.imports(other, namespaceLabels: namespaces[other.name.namespace] ?? [:]) else { continue }
        if !router.type.connects(to: other.type) {
          idle[one].append(
            "imports \(other.name), but a \(router.type.rawValue) and a \(other.type.rawValue) do not connect")
        } else if !other.imports(router, namespaceLabels: labels) {
          idle[one].append("imports \(other.name), which does not import it")
        } else {
          let reason = ConnectionReason.routers(
            exporter: other.name, exporterType: other.type, importer: router.name, importerType: router.type)
          circles += Circle(reason, exporters: members[two], importers: members[one]).map { [$0] } ?? []
        }
      }
    }
    return (circles, idle)
  }
}

/// One import as a person sees it.
package struct NetworkImport: Hashable, Sendable {
  package var exporter: NetworkNode
  /// In order; more than one where several rules say the same.
  package var reasons: [ConnectionReason]
  /// Why it does not happen.
  package var refusal: Refusal?
}

extension Connectivity {
  /// What the network imports, refused imports among them, by name.
  package func imports(of network: NetworkName) -> [NetworkImport] {
    position(network).map { imports(ofNetworkAt: $0) } ?? []
  }

  /// Whether both networks import each other, and neither refuses.
  package func exchangePackets(_ one: NetworkName, _ other: NetworkName) -> Bool {
    func takes(_ importer: NetworkName, _ exporter: NetworkName) -> Bool {
      imports(of: importer).contains { $0.exporter.name == exporter && $0.refusal == nil }
    }
    return takes(one, other) && takes(other, one)
  }

  package func imports(ofNetworkAt position: Int) -> [NetworkImport] {
    var reasons: [Int: [ConnectionReason]] = [:]
    for circle in importCircles[position] {
      for exporter in circles[circle].exporters where exporter != position {
        reasons[exporter, default: []].append(circles[circle].reason)
      }
    }
    return reasons.keys.sorted().map { exporter in
      NetworkImport(
        exporter: networks[exporter], reasons: reasons[exporter] ?? [],
        refusal: refusals[position].first { $0.exporter == networks[exporter].name })
    }
  }

  /// Where the network stands in ``networks``.
  package func position(_ name: NetworkName) -> Int? {
    let index = networks.partitioningIndex { !ordered($0.name, name) }
    return index < networks.count && networks[index].name == name ? index : nil
  }
}

extension Array {
  /// The first index from which on the predicate holds.
  fileprivate func partitioningIndex(_ isBehind: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

func ordered(_ one: NetworkName, _ other: NetworkName) -> Bool {
  (one.namespace, one.name) < (other.namespace, other.name)
}
