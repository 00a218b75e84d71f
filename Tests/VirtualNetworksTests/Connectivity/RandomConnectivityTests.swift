import NetworkAddresses
import NetworkAttachments
import SeededRandom
import Testing
import VirtualNetworks

/// The rules once more, pair by pair and without any cleverness, against what is computed.
struct RandomConnectivityTests {
  @Test(arguments: 0..<40) func pairByPair(_: Int) throws {
    let seed = UInt64.random(in: 0...9_999_999)
    var generator = SplitMix(seed: seed)
    let networks = try (0..<Int.random(in: 2...14, using: &generator)).map { try network($0, &generator) }
    let routers = (0..<Int.random(in: 0...6, using: &generator)).map { router($0, &generator) }
    let namespaces = ["a": ["n": "1"], "b": ["n": "2"], "c": [:]]
    let connectivity = Connectivity(networks: networks, routers: routers, namespaces: namespaces)
    let rules = Rules(networks: networks, routers: routers, namespaces: namespaces)
    for importer in networks {
      let found = connectivity.imports(of: importer.name)
      for exporter in networks {
        let entry = found.first { $0.exporter.name == exporter.name }
        let place: Comment = "seed \(seed): \(importer.name) from \(exporter.name)"
        #expect((entry != nil) == rules.wants(importer, exporter), place)
        #expect((entry?.refusal != nil) == rules.refuses(importer, exporter), place)
        #expect(entry?.reasons.isEmpty != true, place)
      }
    }
  }

  private func network(_ number: Int, _ generator: inout SplitMix) throws -> NetworkNode {
    let namespace = ["a", "b", "c"].randomElement(using: &generator) ?? "a"
    let targets = (1...4).map { "target:\($0):\($0)" }
    func some() -> [String] { targets.filter { _ in Int.random(in: 0..<6, using: &generator) == 0 } }
    var prefixes: [String] = []
    let tiny = Int.random(in: 0..<6, using: &generator)
    if tiny != 0 {
      prefixes.append(
        ["10.0.0.0/8", "10.\(tiny).0.0/16", "10.\(number).7.0/24", "10.2.0.0/16"].randomElement(using: &generator) ?? ""
      )
    }
    if tiny < 3 { prefixes.append("2001:db8:\(Int.random(in: 1...9, using: &generator))::/\(tiny == 1 ? 47 : 64)") }
    let own = "own \(number)"
    return NetworkNode(
      NetworkName(namespace: namespace, name: "n\(number)"),
      role: Int.random(in: 0..<8, using: &generator) == 0 ? .clusterServices : .user,
      labels: ["l": ["1", "2", "3"].randomElement(using: &generator) ?? ""],
      prefixes: prefixes.compactMap { prefix in
        let parts = prefix.split(separator: "/")
        return IPAddress(String(parts[0])).map { IPPrefix(containing: $0, length: Int(parts[1]) ?? 0) }
      }, importTargets: [own] + some(), exportTargets: [own] + some())
  }

  private func router(_ number: Int, _ generator: inout SplitMix) -> RouterNode {
    func pick<Element>(_ elements: [Element]) -> Element {
      elements[Int.random(in: 0..<elements.count, using: &generator)]
    }
    let selectors = [
      ObjectSelector(), ObjectSelector(matchLabels: ["l": "1"]), ObjectSelector([.exists(key: "l")]),
      ObjectSelector([.isNoneOf(key: "l", values: ["1", "2"])]), ObjectSelector([.doesNotExist(key: "l")]),
      ObjectSelector([.isOneOf(key: "l", values: ["2", "3"])]),
    ]
    let namespaces: [ObjectSelector?] = [
      nil, ObjectSelector(), ObjectSelector(matchLabels: ["n": "1"]),
      ObjectSelector([.isNoneOf(key: "n", values: ["1"])]),
    ]
    return RouterNode(
      NetworkName(namespace: pick(["a", "b", "c"]), name: "r\(number)"), labels: ["l": pick(["1", "2", "3"])],
      pick(RouterType.allCases), networks: pick(selectors),
      imports: (0..<Int.random(in: 0...2, using: &generator)).map { _ in
        RouterNode.Import(routers: pick(selectors), namespaces: pick(namespaces))
      })
  }
}

/// The definitions, as prose has them.
private struct Rules {
  let networks: [NetworkNode]
  let routers: [RouterNode]
  let namespaces: [String: [String: String]]

  /// A network wants another one's routes if it imports a target that the other exports, if one mesh picks both, or if
  /// a router that picks it and a router that picks the other import each other and go together.
  func wants(_ importer: NetworkNode, _ exporter: NetworkNode) -> Bool {
    if importer.name == exporter.name { return false }
    if importer.importTargets.contains(where: { exporter.exportTargets.contains($0) }) { return true }
    for one in routers where picks(one, importer) {
      if one.type == .mesh && picks(one, exporter) { return true }
      for two in routers where two.name != one.name && picks(two, exporter) {
        let goTogether =
          (one.type == .mesh && two.type == .mesh) || (one.type == .hub && two.type == .spoke)
          || (one.type == .spoke && two.type == .hub)
        if goTogether && names(one, two) && names(two, one) { return true }
      }
    }
    return false
  }

  /// It refuses them if the other has addresses that it has itself, or else a prefix that yet another one has of which
  /// it wants the routes and which it does not refuse for its own addresses.
  func refuses(_ importer: NetworkNode, _ exporter: NetworkNode) -> Bool {
    guard wants(importer, exporter), importer.role.hasPods, exporter.role.hasPods else { return false }
    if share(importer, exporter) { return true }
    return networks.contains { third in
      third.name != exporter.name && third.role.hasPods && wants(importer, third) && !share(importer, third)
        && third.prefixes.contains { exporter.prefixes.contains($0) }
    }
  }

  private func share(_ one: NetworkNode, _ other: NetworkNode) -> Bool {
    one.prefixes.contains { prefix in other.prefixes.contains { $0.overlaps(prefix) } }
  }

  private func picks(_ router: RouterNode, _ network: NetworkNode) -> Bool {
    router.name.namespace == network.name.namespace && router.networks.matches(network.labels)
  }

  private func names(_ one: RouterNode, _ two: RouterNode) -> Bool {
    one.imports.contains { entry in
      let namespace = namespaces[two.name.namespace] ?? [:]
      let isMeant = entry.namespaces.map { $0.matches(namespace) } ?? (one.name.namespace == two.name.namespace)
      return isMeant && entry.routers.matches(two.labels)
    }
  }
}
