import Dataplane
import JSON
import NetworkAddresses
import NetworkAttachments
import PluginVerbs
import Testing
import VirtualNetworks

@testable import contrailctl

/// What a trace concludes from what was seen in the kernel and what is defined, without a kernel.
struct TraceTests {
  private static let left = NetworkNode(
    NetworkName(namespace: "lab", name: "left"), prefixes: [try! IPPrefix(parsing: "10.1.0.0/24")],
    importTargets: ["target:1:1"], exportTargets: ["target:1:1"])
  private static let right = NetworkNode(
    NetworkName(namespace: "lab", name: "right"), prefixes: [try! IPPrefix(parsing: "10.2.0.0/24")],
    importTargets: ["target:1:1"], exportTargets: ["target:1:1"])
  private static let apart = NetworkNode(
    NetworkName(namespace: "lab", name: "apart"), prefixes: [try! IPPrefix(parsing: "10.3.0.0/24")])
  private static let pods = NetworkNode(
    NetworkName(namespace: "k8s", name: "default-podnetwork"), role: .clusterPods,
    prefixes: [try! IPPrefix(parsing: "10.32.0.0/12")])

  private var definitions: TraceDefinitions {
    TraceDefinitions(
      Connectivity(networks: [Self.left, Self.right, Self.apart, Self.pods], routers: [], namespaces: [:]))
  }

  private func point(_ interface: String, _ network: String, _ address: String) -> TracePoint {
    TracePoint(interface: interface, network: network, address: IPAddress(address)!)
  }

  private var points: [TracePoint] {
    [
      point("eth0", "k8s/default-podnetwork", "10.32.0.2"), point("eth1", "lab/left", "10.1.0.2"),
      point("eth2", "lab/apart", "10.3.0.2"),
    ]
  }

  /// The kernel chooses, unless its choice is not what the definitions want: then the one that they want is looked at.
  @Test(arguments: [
    ("lab/right", "10.2.0.2", "eth1", "eth1"), ("lab/right", "10.2.0.2", "eth0", "eth1"),
    ("lab/apart", "10.3.0.9", "eth2", "eth2"), ("k8s/default-podnetwork", "10.32.0.9", "eth0", "eth0"),
    ("lab/unknown", "10.9.0.9", "eth0", "eth0"),
  ])
  func source(_ network: String, _ address: String, _ kernels: String, _ chosen: String) {
    let target = point("eth1", network, address)
    #expect(definitions.source(points, to: target.address, target, kernels)?.interface == chosen)
  }

  @Test func noSourceOfTheFamily() {
    let target = point("eth1", "lab/right", "fd00::2")
    #expect(definitions.source(points, to: target.address, target, nil) == nil)
  }

  private func report(
    _ there: [TraceStep], _ back: [TraceStep] = [], to network: String = "lab/right", _ flow: TraceFlow = .echo,
    _ change: (inout TraceResult) -> Void = { _ in }
  ) -> TraceReport {
    var result = TraceResult()
    (result.there, result.back) = (there, back)
    change(&result)
    let target = point("eth1", network, "10.2.0.2")
    let pair = TracedPair(
      from: points[1], to: ("lab/b", target), address: target.address, result: result, gatewayOf: [])
    let party = TraceParty(name: "lab/a", attachments: [])
    return TraceReport(
      from: "lab/a", to: "lab/b", flow, verdicts: [TraceVerdict(pair, definitions, of: party)])
  }

  private let ok = TraceStep(.ok, .pod("lab/a"), .podLink, "interface eth1", "up")
  private let rule = TraceStep(
    .missing, .transit, .rule, "IPv4 rule for what comes by vni5", "none leads to table 16777221")

  @Test func text() {
    let text = report([ok], [ok, rule], to: "lab/right", .tcp(80)).text
    #expect(
      text == """
        lab/a eth1 10.1.0.2 (lab/left) to lab/b eth1 10.2.0.2 (lab/right): cannot talk
          why: target:1:1
          fault: transit: IPv4 rule for what comes by vni5 missing: none leads to table 16777221
          to mend it: contrailctl doctor --fix
          there:
            ok        pod lab/a   interface eth1                     up
          back:
            ok        pod lab/a   interface eth1                     up
            missing   transit     IPv4 rule for what comes by vni5   none leads to table 16777221

        Port 80: no rule on the way looks at ports.

        """)
  }

  /// A fault decides, wherever it is; without one the kernel connects them, whatever the definitions say.
  @Test func verdict() {
    #expect(report([ok], [ok]).canTalk && report([ok], [ok]).verdicts[0].remedy.isEmpty)
    #expect(!report([ok], [rule]).canTalk)
    let apart = report([ok, rule], to: "lab/apart").verdicts[0]
    #expect(apart.remedy.hasPrefix("give lab/left and lab/apart a common route target"))
    let leftOver = report([ok], [ok], to: "lab/apart").verdicts[0]
    #expect(
      leftOver.canTalk && leftOver.reason.hasPrefix("the kernel connects them, though") && !leftOver.remedy.isEmpty)
  }

  /// What depends on a rule of somebody else is neither yes nor no; what depends on chance is no.
  @Test func unknown() {
    let dropped = TraceStep(.refused, .node, .chain, "chain ip filter FORWARD", "a foreign rule drops it")
    let unknown = report([ok, dropped], [], to: "lab/right", .echo) { $0.deciders = ["ip filter FORWARD (limit)"] }
    #expect(unknown.isUnknown && !unknown.canTalk && unknown.json.object?["canTalk"] == .null)
    #expect(unknown.text.contains("cannot be told") && unknown.text.contains("ip filter FORWARD (limit)"))
    let chance = report([ok, dropped], [], to: "lab/right", .echo) { $0.isChance = true }
    #expect(!chance.isUnknown && !chance.canTalk && chance.text.contains("by chance only"))
    let unread = report([ok], [], to: "lab/right", .echo) { $0.unreadTables = ["iptables-legacy filter (node)"] }
    #expect(unread.isUnknown && unread.text.contains("iptables-legacy filter (node)"))
  }

  @Test func ports() {
    let asked: (inout TraceResult) -> Void = { $0.askedPorts = ["ip filter FORWARD"] }
    #expect(report([ok], [], to: "lab/right", .echo, asked).text.contains("ask with --port"))
    #expect(
      report([ok], [], to: "lab/right", .udp(53), asked).text.contains("Port 53: looked at by chain ip filter FORWARD"))
  }
}
