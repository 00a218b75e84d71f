internal import JSON
package import NetworkAddresses
package import NetworkAttachments
internal import SQLite
package import VirtualNetworks

/// A network whose routes another one imports.
package struct ImportedNetwork: Hashable, Sendable {
  package var name: NetworkName
  /// Its number.
  package var vni: UInt32
  /// Of its subnets, IPv4 first.
  package var prefixes: [IPPrefix]
}

/// What a network imports.
package struct NetworkConnections: Hashable, Sendable {
  package var network: NetworkName
  /// By name.
  package var imports: [ImportedNetwork]
}

// What was decided is stored as circles (``VirtualNetworks/Circle``): a row for each, with its exporters and importers a
// line each, and in a network's row the circles that it takes part in, and the networks that it refuses, a line each.
// Only networks that have pods are in there.

/// Circles that were read already: they are the same for all their members.
final class CircleCache {
  /// By the circles' names.
  var exporters: [String: [ImportedNetwork]] = [:]
}

extension ObjectReader {
  /// The networks whose routes `network` imports, by name; refused ones are left out.
  ///
  /// ``NetworkFacts/importsRoutes`` says without this question whether there are any.
  package func connections(of network: NetworkName) throws(StoreError) -> [ImportedNetwork] {
    guard let row = try connectionRow(network) else { return [] }
    return try imports(row, network, circles ?? CircleCache())
  }

  /// The networks that import the routes of `network`, by name: where packets for it may come from.
  package func importers(of network: NetworkName) throws(StoreError) -> [NetworkName] {
    guard let row = try connectionRow(network) else { return [] }
    var names: Set<NetworkName> = []
    for circle in lines(row.exports) {
      for text in try rows("SELECT importers FROM circle WHERE id = ?1", [.text(circle)], row: { $0.text(0) }) {
        names.formUnion(lines(text).compactMap { networkName($0) })
      }
    }
    names.remove(network)
    if names.isEmpty { return [] }
    let refusing = try rows("SELECT namespace, name, refused FROM network WHERE refused <> ''", []) {
      (name: NetworkName(namespace: $0.text(0), name: $0.text(1)), refused: $0.text(2))
    }
    for row in refusing where names.contains(row.name) && lines(row.refused).contains(network.description) {
      names.remove(row.name)
    }
    return names.sorted { ($0.namespace, $0.name) < ($1.namespace, $1.name) }
  }

  /// The imports of all networks that have any, by name, a page at a time.
  ///
  /// - Parameter after: the last one of the page before.
  package func allConnections(
    after: NetworkName? = nil, limit: Int = 100
  ) throws(StoreError) -> [NetworkConnections] {
    let page = try rows(
      """
      SELECT namespace, name, imports, exports, refused FROM network
      WHERE imports <> '' AND (namespace, name) > (?1, ?2) ORDER BY namespace, name LIMIT ?3
      """, [.text(after?.namespace ?? ""), .text(after?.name ?? ""), .integer(Int64(limit))]
    ) { row in
      (
        NetworkName(namespace: row.text(0), name: row.text(1)),
        ConnectionRow(imports: row.text(2), exports: row.text(3), refused: row.text(4))
      )
    }
    let known = circles ?? CircleCache()
    var result: [NetworkConnections] = []
    for (name, row) in page {
      result.append(NetworkConnections(network: name, imports: try imports(row, name, known)))
    }
    return result
  }

  /// Who reaches whom and why, resolved anew from the stored objects: for people's questions.
  package func connectivity() throws(StoreError) -> Connectivity {
    var routers: [RouterNode] = []
    for router in try all(.virtualNetworkRouter) {
      do { routers.append(try RouterNode(router)) } catch { throw .unreadableObject(path: path, "\(error)") }
    }
    return Connectivity(networks: try networkNodes(), routers: routers, namespaces: try namespaceLabels())
  }

  // MARK: Rows

  struct ConnectionRow: Equatable {
    var imports = ""
    var exports = ""
    var refused = ""
  }

  private func connectionRow(_ network: NetworkName) throws(StoreError) -> ConnectionRow? {
    try rows(
      "SELECT imports, exports, refused FROM network WHERE namespace = ?1 AND name = ?2",
      [.text(network.namespace), .text(network.name)]
    ) { ConnectionRow(imports: $0.text(0), exports: $0.text(1), refused: $0.text(2)) }.first
  }

  private func imports(
    _ row: ConnectionRow, _ network: NetworkName, _ known: CircleCache
  ) throws(StoreError) -> [ImportedNetwork] {
    let circles = lines(row.imports)
    let refused = Set(lines(row.refused).compactMap { networkName($0) })
    var result: [ImportedNetwork] = []
    for circle in circles {
      if known.exporters[circle] == nil { known.exporters[circle] = try exporters(of: circle) }
      result += known.exporters[circle] ?? []
    }
    result.removeAll { $0.name == network || (!refused.isEmpty && refused.contains($0.name)) }
    // The exporters of one circle are in order already, and each is there once.
    if circles.count < 2 { return result }
    var seen: Set<NetworkName> = []
    result.removeAll { !seen.insert($0.name).inserted }
    return result.sorted { ($0.name.namespace, $0.name.name) < ($1.name.namespace, $1.name.name) }
  }

  private func exporters(of circle: String) throws(StoreError) -> [ImportedNetwork] {
    let texts = try rows("SELECT exporters FROM circle WHERE id = ?1", [.text(circle)]) { $0.text(0) }
    return texts.flatMap { text in
      // Octets: what is read here is read by every ADD into a connected network.
      Array(text.utf8).split(separator: UInt8(ascii: "\n")).compactMap { line -> ImportedNetwork? in
        let words = line.split(separator: UInt8(ascii: " "))
        guard let first = words.first, let slash = first.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let name = NetworkName(
          namespace: String(decoding: first[..<slash], as: UTF8.self),
          name: String(decoding: first[(slash + 1)...], as: UTF8.self))
        return ImportedNetwork(
          name: name, vni: words.dropFirst().first.map { decimal($0) } ?? 0,
          prefixes: words.dropFirst(2).compactMap { IPPrefix(utf8: $0) })
      }
    }
  }

  func all(_ kind: Kind) throws(StoreError) -> [APIObject] {
    var objects: [APIObject] = []
    while true {
      let page = try self.objects(of: kind, after: objects.last?.key, limit: 500)
      objects += page
      if page.count < 500 { return objects }
    }
  }

  /// The labels of each namespace, with those that follow from what it is.
  private func namespaceLabels() throws(StoreError) -> [String: [String: String]] {
    let namespaces = try all(.namespace)
    let cluster = namespaces.lazy.compactMap { $0.metadata.labels[SystemKey.clusterName] }.first
    return Dictionary(namespaces.map { ($0.metadata.name, $0.effectiveLabels(clusterName: cluster)) }) { $1 }
  }
}

func lines(_ text: String) -> [String] {
  text.utf8.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
}

private func networkName(_ text: String) -> NetworkName? { networkName(Substring(text).utf8) }

private func networkName(_ text: Substring.UTF8View) -> NetworkName? {
  guard let slash = text.firstIndex(of: UInt8(ascii: "/")) else { return nil }
  return NetworkName(
    namespace: String(decoding: text[..<slash], as: UTF8.self),
    name: String(decoding: text[text.index(after: slash)...], as: UTF8.self))
}

/// A number that was written by this module.
private func decimal(_ text: ArraySlice<UInt8>) -> UInt32 {
  text.reduce(0) { $0 &* 10 &+ UInt32($1 &- UInt8(ascii: "0")) }
}
