import NetworkAddresses
import NetworkAttachments
import Testing
import VirtualNetworks

/// What imports what, and why.
struct ConnectivityTests {
  private let web = ["tier": "web"]

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

  /// An own target joins nothing; one that both sides import and export joins both; lists of one direction join one way.
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
