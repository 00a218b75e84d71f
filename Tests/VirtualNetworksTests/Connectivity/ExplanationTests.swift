import NetworkAddresses
import NetworkAttachments
import Testing
import VirtualNetworks

/// Why two networks exchange packets or not: one reason, and what a person would change.
struct ExplanationTests {
  private func name(_ name: String) -> NetworkName { NetworkName(namespace: "a", name: name) }

  private func network(
    _ name: String, _ prefix: String, imports: [String] = [], exports: [String] = [], role: NetworkRole = .user,
    labels: [String: String] = [:]
  ) -> NetworkNode {
    NetworkNode(
      self.name(name), role: role, labels: labels, prefixes: [try! IPPrefix(parsing: prefix)], importTargets: imports,
      exportTargets: exports)
  }

  private var connectivity: Connectivity {
    let both = ["target:1:1"]
    return Connectivity(
      networks: [
        network("one", "10.1.0.0/24", imports: both, exports: both),
        network("two", "10.2.0.0/24", imports: both, exports: both),
        network("taker", "10.3.0.0/24", imports: both), network("alone", "10.4.0.0/24"),
        network("twin", "10.5.0.0/24", imports: ["target:2:2"], exports: ["target:2:2"]),
        network("same", "10.5.0.0/24", imports: ["target:2:2"], exports: ["target:2:2"]),
        network("closed", "10.6.0.0/24", role: .isolatedPods),
        network("hub", "10.7.0.0/24", labels: ["side": "hub"]),
        network("spoke", "10.8.0.0/24", labels: ["side": "spoke"]),
      ],
      routers: [
        RouterNode(
          name("h"), labels: ["r": "h"], .hub, networks: ObjectSelector(matchLabels: ["side": "hub"]),
          imports: [.init(routers: ObjectSelector(matchLabels: ["r": "s"]))]),
        RouterNode(
          name("s"), labels: ["r": "s"], .spoke, networks: ObjectSelector(matchLabels: ["side": "spoke"]),
          imports: [.init(routers: ObjectSelector(matchLabels: ["r": "h"]))]),
      ], namespaces: ["a": [:]])
  }

  @Test(arguments: [
    ("one", "one", true, "both are in a/one"), ("one", "two", true, "target:1:1"),
    ("hub", "spoke", true, "hub a/h with spoke a/s"), ("spoke", "hub", true, "hub a/h with spoke a/s"),
    ("taker", "one", false, "a/taker imports a/one (target:1:1), but a/one does not import a/taker"),
    ("one", "taker", false, "a/taker imports a/one (target:1:1), but a/one does not import a/taker"),
    ("twin", "same", false, "a/twin does not import a/same: its 10.5.0.0/24 overlaps the network's own addresses"),
    ("one", "alone", false, "no route target and no VirtualNetworkRouter connects a/one with a/alone"),
    (
      "closed", "one", false,
      "a/closed is the pod network of an isolated namespace, which reaches its own pods, and services"
    ),
    ("one", "gone", false, "there is no network a/gone any more"),
  ])
  func reasons(_ one: String, _ other: String, _ isConnected: Bool, _ reason: String) {
    let explanation = connectivity.explanation(name(one), name(other))
    #expect(explanation.isConnected == isConnected && explanation.reason == reason)
    #expect(explanation.remedy.isEmpty == isConnected)
    #expect(connectivity.exchangePackets(name(one), name(other)) == isConnected || one == other)
  }

  @Test func withoutGateway() {
    let explanation = connectivity.explanation(name("one"), name("two"), withoutGateway: [name("two")])
    #expect(!explanation.isConnected && explanation.reason == "a/two has no gateway: its forwarding mode is l2")
    #expect(connectivity.explanation(name("two"), name("two"), withoutGateway: [name("two")]).isConnected)
  }

  /// Nobody can give the networks that the system makes a target.
  @Test func remedies() {
    let user = connectivity.explanation(nothingConnects: [name("closed"), name("one")], name("two"))
    #expect(user.remedy.hasPrefix("give a/one and a/two a common route target"))
    let system = connectivity.explanation(nothingConnects: [name("closed")], name("two"))
    #expect(system.remedy == "attach both pods to one more network")
  }
}
