import JSON
import Testing

/// Who reaches whom: every cell by ICMP, TCP and UDP over both families, each way. "No" means that nothing arrives, not
/// even what nobody answers; the same run shows that each target does count what arrives.
@Suite struct ReachabilityTests {
  static let table: [(from: String, to: String, isReached: Bool)] = [
    ("shared-1", "shared-2", true), ("shared-2", "shared-1", true),
    ("shared-1", "tenant-1", false), ("shared-1", "tenant's service", false), ("shared-1", "shared service", true),
    ("tenant-1", "tenant-2", true), ("tenant-2", "tenant-1", true),
    ("tenant-1", "tenant's service", true), ("tenant-1", "tenant's own pod as a service", true),
    ("tenant-1", "shared service", true), ("other", "shared service", true), ("way-out", "shared service", true),
    ("tenant-1", "shared-1", false), ("tenant-1", "shared-2", false),
    ("tenant-1", "other", false), ("other", "tenant-1", false), ("tenant-1", "other's service", false),
    ("way-out", "tenant-1", false), ("way-out", "shared-1", false), ("tenant-1", "way-out", false),
    ("way-out", "tenant's service", false),
    ("user-1", "user-2", true), ("user-2", "user-1", true), ("node", "user-1", false), ("outside", "user-1", false),
    ("tenant-1", "user-1", false),
    ("custom-1", "custom-2", true), ("custom-1", "shared-1", false), ("custom-1", "tenant-1", false),
    ("custom-1", "shared service", false), ("custom-1", "node", false), ("custom-1", "outside", false),
    ("shared-1", "custom-1", false), ("tenant-1", "custom-1", false),
    ("node", "shared-1", true), ("node", "tenant-1", true), ("node", "other", true), ("node", "way-out", true),
    ("node", "custom-1", true), ("node", "tenant's service", true), ("node", "shared service", true),
    ("shared-1", "node", true), ("tenant-1", "node", false), ("way-out", "node", false),
    ("way-out", "outside", true), ("tenant-1", "outside", false), ("outside", "way-out", false),
    ("outside", "tenant-1", false), ("outside", "custom-1", false),
    ("shared-1", "API service", true), ("tenant-1", "API service", true), ("tenant-1", "service outside", true),
    ("custom-1", "API service", false),
  ]

  @Test("The table, beside kube-proxy", arguments: KubeProxy.Mode.allCases)
  func matrix(_ mode: KubeProxy.Mode) throws {
    try withNode { node in
      let cluster = try Reachability(node, mode)
      for cell in Self.table { try cluster.expect(cell.from, cell.to, cell.isReached) }
      let targets = Set(Self.table.filter { !$0.isReached }.map { cluster.station(behind: $0.to) })
      let controls = Set(Self.table.filter(\.isReached).map { cluster.station(behind: $0.to) })
      #expect(targets.isSubset(of: controls), "every target that nothing is to reach has a positive control")
    }
  }

  /// Other addresses by which an isolated pod could find the node, and others the pod.
  @Test("No address of the node's side of an uplink is reached, and none behind it")
  func uplinkAddresses() throws {
    try withNode { node in
      let cluster = try Reachability(node, .nftables)
      let own = ["100.64.0.4", "fd00:64::4"]
      #expect(try cluster.attempt("tenant-1", own, at: "node").arrived == [Bool](repeating: false, count: 6))
      #expect(try cluster.attempt("node", own, at: "node", wait: 1).arrived == [Bool](repeating: true, count: 6))
      for number in 5...8 {
        let behind = ["100.64.0.\(number)", "fd00:64::\(number)"]
        for target in ["tenant-1", "other", "way-out", "custom-1"] {
          for source in ["shared-1", "outside"] {
            let found = try cluster.attempt(source, behind, at: target, wait: 0.03)
            #expect(!found.arrived.contains(true) && !found.answered.contains(true), "\(source) \(behind) \(target)")
          }
        }
      }
    }
  }

  struct Mutation: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What is removed: the rules of a chain that have a text.
    let chain: String
    let rule: String
    var isInInstance = false
    let from: String
    let to: String
    /// Whether the cell is open as long as nothing is removed.
    let isOpen: Bool
  }

  static let mutations: [Mutation] = [
    .init(
      testDescription: "node: into a network", chain: "forward", rule: #"oifname "ctsvc*" goto into-network"#,
      from: "outside", to: "tenant-1", isOpen: false),
    .init(
      testDescription: "node: into a network, by a service", chain: "into-network",
      rule: #"iifname "contrail0" goto refused"#, from: "shared-1", to: "tenant's service", isOpen: false),
    .init(
      testDescription: "node: another isolated network's service", chain: "into-network",
      rule: #"iifname "ctsvc*" goto refused"#, from: "tenant-1", to: "other's service", isOpen: false),
    .init(
      testDescription: "node: input", chain: "input", rule: #"iifname "ctsvc*" goto from-uplink"#, from: "tenant-1",
      to: "node", isOpen: false),
    .init(
      testDescription: "node: services only", chain: "forward", rule: #"iifname "ctsvc*" goto answers"#,
      from: "tenant-1", to: "outside", isOpen: false),
    .init(
      testDescription: "node: answers only", chain: "forward", rule: #"iifname "ctpod*" goto answers"#,
      from: "custom-1", to: "shared service", isOpen: false),
    .init(
      testDescription: "node: answers only, input", chain: "input", rule: #"iifname "ctpod*" goto answers"#,
      from: "custom-1", to: "API service", isOpen: false),
    .init(
      testDescription: "node: back to where it came from", chain: "into-network",
      rule: "iifname . oifname @returning ct status dnat accept", from: "tenant-1", to: "tenant's service", isOpen: true
    ),
    .init(
      testDescription: "instance: translation", chain: "postrouting", rule: "snat ip", isInInstance: true,
      from: "tenant-1", to: "shared service", isOpen: true),
    .init(
      testDescription: "instance: open to the node", chain: "forward", rule: #"iifname "up0" oifname "contrail0""#,
      isInInstance: true, from: "node", to: "tenant-1", isOpen: true),
  ]

  /// Each rule counts: without it the cell is the other way round.
  @Test("Without the rule", arguments: mutations)
  func mutated(_ mutation: Mutation) throws {
    try withNode { node in
      let cluster = try Reachability(node, .nftables)
      func passes(ifSo isOpen: Bool) throws -> Bool {
        try cluster.passes(mutation.from, mutation.to, andBack: mutation.isOpen, within: isOpen ? 20 : 0)
      }
      #expect(try passes(ifSo: mutation.isOpen) == mutation.isOpen, "before")
      let place = mutation.isInInstance ? node.instance("tenant.default-podnetwork") : node.namespace
      let table = mutation.isInInstance ? "contrail" : "contrail-uplinks"
      let listing = try Shell.run(["nft", "-a", "list", "chain", "inet", table, mutation.chain], in: place).lines
      let rules = listing.filter { $0.contains(mutation.rule) }
      #expect(!rules.isEmpty, "\(listing)")
      for rule in rules {
        let handle = String(rule.split(separator: " ").last ?? "")
        try Shell.run(["nft", "delete", "rule", "inet", table, mutation.chain, "handle", handle], in: place)
      }
      #expect(try passes(ifSo: !mutation.isOpen) != mutation.isOpen, "after")
    }
  }
}
