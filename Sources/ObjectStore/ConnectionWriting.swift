internal import NetworkAddresses
internal import NetworkAttachments
internal import SQLite
internal import VirtualNetworks

/// Stores who reaches whom.
extension ObjectTransaction {
  /// Decides it anew, and writes what changed.
  ///
  /// - Returns: what a person should know of the changes.
  func resolveConnections() throws(StoreError) -> [String] {
    let connectivity = try reader.connectivity()
    let circles = connectivity.circles.compactMap { $0.among { connectivity.networks[$0].role.hasPods } }
    try writeCircles(circles, of: connectivity)
    let refusing = try writeNetworks(circles, of: connectivity)
    return try showOnInstances(refusing, connectivity) + showOnRouters(connectivity)
  }

  private func writeCircles(_ circles: [Circle], of connectivity: Connectivity) throws(StoreError) {
    let before = try reader.rows("SELECT id, exporters, importers FROM circle", []) {
      (id: $0.text(0), exporters: $0.text(1), importers: $0.text(2))
    }
    var old: [String: (String, String)] = [:]
    for row in before { old[row.id] = (row.exporters, row.importers) }
    for circle in circles {
      let id = circle.reason.description
      let exporters = circle.exporters.map { position in
        let network = connectivity.networks[position]
        return ([network.name.description, String(network.vni)] + network.prefixes.map(\.description)).joined(
          separator: " ")
      }.joined(separator: "\n")
      let importers = circle.importers.map { connectivity.networks[$0].name.description }.joined(separator: "\n")
      if let known = old.removeValue(forKey: id), known == (exporters, importers) { continue }
      try run("INSERT OR REPLACE INTO circle VALUES (?1, ?2, ?3)", [.text(id), .text(exporters), .text(importers)])
    }
    for id in old.keys { try run("DELETE FROM circle WHERE id = ?1", [.text(id)]) }
  }

  /// - Returns: the networks that refuse an import, or did.
  private func writeNetworks(_ circles: [Circle], of connectivity: Connectivity) throws(StoreError) -> [Int] {
    var wanted = [ObjectReader.ConnectionRow](repeating: .init(), count: connectivity.networks.count)
    for circle in circles {
      let line = circle.reason.description + "\n"
      for importer in circle.importers { wanted[importer].imports += line }
      for exporter in circle.exporters { wanted[exporter].exports += line }
    }
    let before = try reader.rows(
      "SELECT namespace, name, imports, exports, refused FROM network WHERE vni > 0", []
    ) { row in
      (
        NetworkName(namespace: row.text(0), name: row.text(1)),
        ObjectReader.ConnectionRow(imports: row.text(2), exports: row.text(3), refused: row.text(4))
      )
    }
    var refusing: [Int] = []
    for (name, old) in before {
      guard let position = connectivity.position(name) else { continue }
      var new = wanted[position]
      new.refused = connectivity.refusals[position].map { "\($0.exporter)\n" }.joined()
      if !old.refused.isEmpty || !new.refused.isEmpty { refusing.append(position) }
      if old == new { continue }
      try run(
        "UPDATE network SET imports = ?3, exports = ?4, refused = ?5 WHERE namespace = ?1 AND name = ?2",
        [.text(name.namespace), .text(name.name), .text(new.imports), .text(new.exports), .text(new.refused)])
    }
    return refusing
  }

  // MARK: What the objects say

  private func showOnInstances(_ networks: [Int], _ connectivity: Connectivity) throws(StoreError) -> [String] {
    var warnings: [String] = []
    for position in networks {
      let name = connectivity.networks[position].name
      let observation = connectivity.instanceObservation(ofNetworkAt: position)
      warnings += try show(
        ObjectKey(.routingInstance, namespace: name.namespace, name.name),
        state: observation.isEmpty ? "Success" : "Failure", observation)
    }
    // One conflict in a mesh shows on every network of it.
    guard warnings.count > 3, let first = warnings.first else { return warnings }
    return [
      "\(first); and \(warnings.count - 1) more routing instances refuse imports: contrailctl get routinginstance -A -o wide"
    ]
  }

  private func showOnRouters(_ connectivity: Connectivity) throws(StoreError) -> [String] {
    var warnings: [String] = []
    for (position, router) in connectivity.routers.enumerated() {
      let status = connectivity.routerStatus(ofRouterAt: position)
      warnings += try show(
        ObjectKey(.virtualNetworkRouter, namespace: router.name.namespace, router.name.name), state: status.state,
        status.observation)
    }
    return warnings
  }

  private func show(_ key: ObjectKey, state: String, _ observation: String) throws(StoreError) -> [String] {
    guard let before = try reader.object(key) else { return [] }
    let object = before.showing(state: state, observation: observation)
    if object == before { return [] }
    try put(object)
    return observation.isEmpty ? [] : ["\(key): \(observation)"]
  }
}
