import NetworkAddresses
import NetworkAttachments
import Testing
import VirtualNetworks

func name(_ path: String) -> NetworkName {
  let parts = path.split(separator: "/")
  return NetworkName(namespace: String(parts[0]), name: String(parts[1]))
}

/// A network of users; `both`, `takes` and `gives` are route targets, its own is added.
func node(
  _ path: String, _ prefixes: String..., labels: [String: String] = [:], both: [String] = [], takes: [String] = [],
  gives: [String] = [], role: NetworkRole = .user
) throws -> NetworkNode {
  NetworkNode(
    name(path), role: role, labels: labels, prefixes: try prefixes.map { try IPPrefix(parsing: $0) },
    importTargets: ["own \(path)"] + both + takes, exportTargets: ["own \(path)"] + both + gives)
}

func router(
  _ path: String, _ type: RouterType, _ networks: [String: String], labels: [String: String] = [:],
  imports: RouterNode.Import...
) -> RouterNode {
  RouterNode(
    name(path), labels: labels, type, networks: ObjectSelector(matchLabels: networks), imports: imports)
}

private func importing(_ labels: [String: String], in namespaces: [String: String]? = nil) -> RouterNode.Import {
  RouterNode.Import(
    routers: ObjectSelector(matchLabels: labels), namespaces: namespaces.map { ObjectSelector(matchLabels: $0) })
}

/// `a/x<b/y`: a/x imports b/y and means it; sorted.
func imports(_ connectivity: Connectivity) -> [String] {
  connectivity.networks.flatMap { network in
    connectivity.imports(of: network.name).filter { $0.refusal == nil }.map { "\(network.name)<\($0.exporter.name)" }
  }.sorted()
}

/// What imports what, and why.
struct ConnectivityTests {
  private let web = ["tier": "web"]
  private let data = ["tier": "data"]
  private let namespaces = ["a": ["team": "a"], "b": ["team": "b"], "c": [:]]

  private func resolve(_ networks: [NetworkNode], _ routers: [RouterNode] = []) -> Connectivity {
    Connectivity(networks: networks, routers: routers, namespaces: namespaces)
  }

  // MARK: Route targets

  /// An own target joins nothing; one that both sides import and export joins both; lists of one direction join one way.
  /// A network that forwards no packets reaches nobody, whatever its targets and labels say.
  @Test func withoutGateway() throws {
    var bridged = try node("a/l2", "10.0.1.0/24", labels: ["m": "1"], both: ["t"])
    let other = try node("a/x", "10.0.2.0/24", labels: ["m": "1"], both: ["t"])
    let routers = [router("a/r", .mesh, ["m": "1"])]
    let connected = Connectivity(networks: [bridged, other], routers: routers, namespaces: [:])
    #expect(imports(connected) == ["a/l2<a/x", "a/x<a/l2"])
    bridged.hasGateway = false
    #expect(imports(Connectivity(networks: [bridged, other], routers: routers, namespaces: [:])) == [])
  }

  @Test func routeTargets() throws {
    let apart = resolve([try node("a/x", "10.1.0.0/24"), try node("b/y", "10.2.0.0/24")])
    #expect(imports(apart).isEmpty)
    let both = resolve([
      try node("a/x", "10.1.0.0/24", both: ["target:1:1"]), try node("b/y", "10.2.0.0/24", both: ["target:1:1"]),
    ])
    #expect(imports(both) == ["a/x<b/y", "b/y<a/x"])
    #expect(both.imports(of: name("a/x")).map(\.reasons) == [[.routeTarget("target:1:1")]])
    #expect(both.exchangePackets(name("a/x"), name("b/y")))
    let oneWay = resolve([
      try node("a/x", "10.1.0.0/24", takes: ["target:1:1"]), try node("b/y", "10.2.0.0/24", gives: ["target:1:1"]),
    ])
    #expect(imports(oneWay) == ["a/x<b/y"])
    #expect(!oneWay.exchangePackets(name("a/x"), name("b/y")))
    let byOwn = resolve([
      try node("a/x", "10.1.0.0/24"), try node("b/y", "10.2.0.0/24", takes: ["own a/x"], gives: ["own a/x"]),
    ])
    #expect(byOwn.exchangePackets(name("a/x"), name("b/y")))
    let importOnly = resolve([
      try node("a/x", "10.1.0.0/24", takes: ["target:1:1"]), try node("b/y", "10.2.0.0/24", takes: ["target:1:1"]),
    ])
    #expect(imports(importOnly).isEmpty && importOnly.circles.isEmpty)
  }

  /// Connections are not passed on: what x shares with y and y with z does not join x and z.
  @Test func notTransitive() throws {
    let chain = resolve([
      try node("a/x", "10.1.0.0/24", both: ["target:1:1"]),
      try node("a/y", "10.2.0.0/24", both: ["target:1:1", "target:2:2"]),
      try node("a/z", "10.3.0.0/24", both: ["target:2:2"]),
    ])
    #expect(imports(chain) == ["a/x<a/y", "a/y<a/x", "a/y<a/z", "a/z<a/y"])
  }

  // MARK: Routers

  /// A mesh joins the networks of its own namespace that have its labels, and no others.
  @Test func mesh() throws {
    let networks = [
      try node("a/x", "10.1.0.0/24", labels: web), try node("a/y", "10.2.0.0/24", labels: web + ["more": "1"]),
      try node("a/z", "10.3.0.0/24", labels: data), try node("a/none", "10.4.0.0/24"),
      try node("b/x", "10.5.0.0/24", labels: web),
    ]
    let connectivity = resolve(networks, [router("a/r", .mesh, web)])
    #expect(imports(connectivity) == ["a/x<a/y", "a/y<a/x"])
    #expect(connectivity.imports(of: name("a/x")).first?.reasons == [.router(name("a/r"))])
    #expect(imports(resolve(networks, [router("a/r", .hub, web)])).isEmpty)
    #expect(imports(resolve(networks, [router("a/r", .spoke, web)])).isEmpty)
    #expect(imports(resolve(networks, [router("a/r", .mesh, [:])])).count == 4 * 3)
  }

  /// Hubs and spokes reach each other; no two hubs and no two spokes do.
  @Test func hubAndSpokes() throws {
    let connectivity = resolve(
      [
        try node("a/h1", "10.1.0.0/24", labels: web), try node("a/h2", "10.2.0.0/24", labels: web),
        try node("a/s1", "10.3.0.0/24", labels: data), try node("a/s2", "10.4.0.0/24", labels: data),
      ],
      [
        router("a/hub", .hub, web, labels: ["r": "hub"], imports: importing(["r": "spoke"])),
        router("a/spoke", .spoke, data, labels: ["r": "spoke"], imports: importing(["r": "hub"])),
      ])
    #expect(
      imports(connectivity) == [
        "a/h1<a/s1", "a/h1<a/s2", "a/h2<a/s1", "a/h2<a/s2", "a/s1<a/h1", "a/s1<a/h2", "a/s2<a/h1", "a/s2<a/h2",
      ])
    for router in connectivity.routers.indices {
      #expect(connectivity.routerStatus(ofRouterAt: router) == ("Success", ""))
    }
  }

  /// Which imports between routers of two namespaces connect: both must import, and their types must go together.
  @Test(
    arguments: [
      (RouterType.mesh, RouterType.mesh, true, true, 2), (.hub, .spoke, true, true, 2), (.spoke, .hub, true, true, 2),
      (.mesh, .mesh, true, false, 0), (.mesh, .mesh, false, true, 0), (.hub, .spoke, true, false, 0),
      (.hub, .hub, true, true, 0), (.spoke, .spoke, true, true, 0), (.mesh, .hub, true, true, 0),
      (.mesh, .spoke, true, true, 0), (.mesh, .mesh, false, false, 0),
    ] as [(RouterType, RouterType, Bool, Bool, Int)])
  func importsBetweenRouters(
    _ one: RouterType, _ two: RouterType, _ oneImports: Bool, _ twoImports: Bool, _ expected: Int
  ) throws {
    let nobody = importing(["r": "nobody"])
    let connectivity = resolve(
      [try node("a/x", "10.1.0.0/24", labels: web), try node("b/y", "10.2.0.0/24", labels: data)],
      [
        router(
          "a/one", one, web, labels: ["r": "one"],
          imports: oneImports ? importing(["r": "two"], in: ["team": "b"]) : nobody),
        router(
          "b/two", two, data, labels: ["r": "two"],
          imports: twoImports ? importing(["r": "one"], in: ["team": "a"]) : nobody
        ),
      ])
    #expect(imports(connectivity).count == expected)
    let state = connectivity.routerStatus(ofRouterAt: 0).state
    #expect(state == (oneImports && expected == 0 ? "Pending" : "Success"))
  }

  /// Without a selector of namespaces only routers of the own one are meant; an empty selector means all namespaces.
  @Test func namespacesOfImports() throws {
    let networks = [
      try node("a/x", "10.1.0.0/24", labels: web), try node("b/y", "10.2.0.0/24", labels: web),
      try node("c/z", "10.3.0.0/24", labels: web),
    ]
    func all(_ namespaces: [String: String]?) -> [RouterNode] {
      ["a/r", "b/r", "c/r"].map { router($0, .mesh, web, labels: web, imports: importing(web, in: namespaces)) }
    }
    #expect(imports(resolve(networks, all(nil))).isEmpty)
    #expect(imports(resolve(networks, all([:]))).count == 6)
    #expect(imports(resolve(networks, all(["team": "a"]))).isEmpty)
  }

  /// Imports between meshes join two meshes at a time.
  @Test func meshesAreNotTransitive() throws {
    let connectivity = resolve(
      [
        try node("a/x", "10.1.0.0/24", labels: web), try node("b/y", "10.2.0.0/24", labels: web),
        try node("c/z", "10.3.0.0/24", labels: web),
      ],
      [
        router("a/r", .mesh, web, labels: ["r": "a"], imports: importing(["r": "b"], in: [:])),
        router(
          "b/r", .mesh, web, labels: ["r": "b"], imports: importing(["r": "a"], in: [:]), importing(["r": "c"], in: [:])
        ),
        router("c/r", .mesh, web, labels: ["r": "c"], imports: importing(["r": "b"], in: [:])),
      ])
    #expect(imports(connectivity) == ["a/x<b/y", "b/y<a/x", "b/y<c/z", "c/z<b/y"])
  }

  // MARK: Conflicts

  /// Of two networks with one prefix neither is imported, whichever there was first; a third one still is.
  @Test func samePrefixTwice() throws {
    let networks = [
      try node("a/x", "10.1.0.0/24", labels: web), try node("a/y", "10.2.0.0/24", labels: web),
      try node("a/z", "10.2.0.0/24", labels: web),
    ]
    for order in [networks, networks.reversed()] {
      let connectivity = resolve(order, [router("a/r", .mesh, web)])
      #expect(imports(connectivity) == ["a/y<a/x", "a/z<a/x"])
      #expect(!connectivity.exchangePackets(name("a/x"), name("a/y")))
      #expect(
        connectivity.instanceObservation(ofNetworkAt: 0)
          == "does not import a/y: a/z has 10.2.0.0/24 too; does not import a/z: a/y has 10.2.0.0/24 too")
      let status = connectivity.routerStatus(ofRouterAt: 0)
      #expect(status.state == "Failure" && status.observation.hasPrefix("a/x does not import a/y: a/z has"))
    }
  }

  /// Whether x, with these prefixes, imports y.
  @Test(
    arguments: [
      (["10.1.0.0/24"], ["10.1.0.0/24"], false), (["10.1.0.0/24"], ["10.0.0.0/8"], false),
      (["10.0.0.0/8"], ["10.1.0.0/24"], false), (["10.1.0.0/24"], ["10.1.1.0/24"], true),
      (["10.1.0.0/24", "2001:db8::/64"], ["10.2.0.0/24", "2001:db8::/48"], false),
      (["2001:db8::/64"], ["10.2.0.0/24"], true), (["10.1.0.0/24"], [], true),
    ] as [([String], [String], Bool)])
  func ownAddresses(_ own: [String], _ theirs: [String], _ isImported: Bool) throws {
    func network(_ path: String, _ prefixes: [String]) throws -> NetworkNode {
      var network = try node(path, both: ["target:1:1"])
      network.prefixes = try prefixes.map { try IPPrefix(parsing: $0) }
      return network
    }
    let connectivity = resolve([try network("a/x", own), try network("a/y", theirs)])
    #expect(connectivity.exchangePackets(name("a/x"), name("a/y")) == isImported)
    #expect(connectivity.instanceObservation(ofNetworkAt: 0).isEmpty == isImported)
  }

  /// A prefix inside another one is no conflict for a third network: the longer one decides.
  @Test func nestedPrefixes() throws {
    let connectivity = resolve([
      try node("a/x", "192.168.0.0/24", takes: ["target:1:1"]), try node("a/y", "10.0.0.0/8", gives: ["target:1:1"]),
      try node("a/z", "10.1.0.0/16", gives: ["target:1:1"]),
    ])
    #expect(imports(connectivity) == ["a/x<a/y", "a/x<a/z"])
  }

  /// Service addresses and the fabric are no pods' prefixes: nothing is ambiguous about them.
  @Test func networksWithoutPods() throws {
    let connectivity = resolve([
      try node("a/default-podnetwork", "10.32.0.0/12", both: ["target:1:1"], role: .isolatedPods),
      try node("a/default-servicenetwork", "10.96.0.0/12", both: ["target:1:1"], role: .isolatedServices),
      try node("k/default-servicenetwork", "10.96.0.0/12", both: ["target:1:1"], role: .clusterServices),
    ])
    #expect(connectivity.refusals == [[], [], []])
    #expect(connectivity.imports(of: name("a/default-podnetwork")).count == 2)
  }
}

func + (left: [String: String], right: [String: String]) -> [String: String] { left.merging(right) { $1 } }
