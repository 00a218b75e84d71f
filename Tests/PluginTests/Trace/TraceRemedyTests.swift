import JSON
import Testing

/// Where something is in the way, trace names it, a ping really gets no answer, and doing what trace says mends it.
@Suite struct TraceRemedyTests {
  /// Pods `left` in n1 and `right` in n2, which a target connects, and `near` in n1; eth0 in the default network, and an
  /// outside.
  struct Lab {
    let node: Node
    let left: Pod
    let right: Pod
    let near: Pod
    /// eth0's.
    let rightAddress: String

    var n1: NetworkNamespace { node.instance("lab.n1") }
    var n2: NetworkNamespace { node.instance("lab.n2") }
    var transit: NetworkNamespace { node.instance("transit") }

    func trace(_ address: String) throws -> JSONValue { try node.trace(left, address) }

    /// `place part object` of the fault.
    func fault(_ report: JSONValue) -> String {
      guard let fault = report["pairs"]?.array?.first?["fault"] else { return "" }
      let words = ["place", "part", "object"].compactMap { fault[$0]?.string }
      return words.joined(separator: " ").replacing("lab/\(left.name)", with: "left")
        .replacing("lab/\(right.name)", with: "right").replacing("lab/\(near.name)", with: "near")
    }

    /// Does what trace says.
    func mend(_ report: JSONValue) throws {
      let remedy = try #require(report["pairs"]?.array?.first?["remedy"]?.string, "\(report.text())")
      if remedy == "contrailctl doctor --fix" {
        let outcome = try node.contrailctl("doctor", "--fix")
        #expect(outcome.succeeded, "\(outcome)")
      } else {
        try Shell.run(["sh", "-c", remedy], in: node.namespace)
      }
    }
  }

  static func withLab(_ body: (Lab) throws -> Void) throws {
    try withNode { node in
      try Outside(of: node).addRoutesToPods()
      try node.apply(labNamespace, network(1, sharedTarget), network(2, sharedTarget))
      var pods: [Pod] = []
      var addresses: [String] = []
      for networks in ["n1", "n2", "n1"] {
        let pod = try node.makePod()
        addresses.append(try node.add(pod, node.configuration(networks: networks)).ipv4)
        pods.append(pod)
      }
      try node.settle()
      try body(Lab(node: node, left: pods[0], right: pods[1], near: pods[2], rightAddress: addresses[1]))
    }
  }

  /// What is in the way of pings from `left`.
  struct Obstacle: CustomTestStringConvertible, Sendable {
    /// The fault.
    let testDescription: String
    var target = "172.16.2.2"
    let command: @Sendable (Lab) throws -> Void

    init(_ fault: String, to target: String = "172.16.2.2", _ command: @escaping @Sendable (Lab) throws -> Void) {
      testDescription = fault
      self.target = target
      self.command = command
    }
  }

  private static func rules(_ text: String, in namespace: NetworkNamespace) throws {
    try Shell.run(["nft", "-f", "-"], input: text.replacing("} }", with: "}\n}") + "\n", in: namespace)
  }

  private static func set(_ parameter: String, _ value: Int, in namespace: NetworkNamespace) throws {
    try Shell.run(["sysctl", "-q", "-w", "\(parameter)=\(value)"], in: namespace)
  }

  private static let drop = "chain c { type filter hook forward priority 0; drop; }"

  static let obstacles: [Obstacle] = [
    // Chains of others.
    Obstacle("instance k8s-contrail/default-podnetwork chain chain ip filter FORWARD", to: Outside.ipv4) {
      try rules(
        "table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop; } }", in: $0.node.namespace
      )
    },
    Obstacle("instance k8s-contrail/default-podnetwork chain chain ip6 filter USER", to: Outside.ipv6) {
      try rules(
        """
        table ip6 filter {
          chain USER { ip6 daddr \(Outside.ipv6) counter reject; }
          chain FORWARD { type filter hook forward priority 0; policy accept; jump USER; }
        }
        """, in: $0.node.namespace)
    },
    Obstacle("instance lab/n1 chain chain ip t c") { try rules("table ip t { \(drop) }", in: $0.n1) },
    Obstacle("instance lab/n2 chain chain inet t c", to: "fd00:2::2") {
      try rules("table inet t { \(drop) }", in: $0.n2)
    },
    Obstacle("instance lab/n1 chain chain ip t c", to: "172.16.1.3") { lab in
      try set("net.bridge.bridge-nf-call-iptables", 1, in: lab.n1)
      try rules("table ip t { \(drop) }", in: lab.n1)
    },
    Obstacle("instance lab/n1 chain chain bridge t c", to: "172.16.1.3") {
      try rules("table bridge t { \(drop) }", in: $0.n1)
    },
    Obstacle("transit chain chain inet t c") { try rules("table inet t { \(drop) }", in: $0.transit) },
    Obstacle("pod left chain chain inet t c") {
      try rules(
        "table inet t { chain c { type filter hook output priority 0; ip daddr 172.16.2.2 drop; } }",
        in: $0.left.namespace)
    },
    Obstacle("pod right chain chain inet t c") {
      try rules(
        "table inet t { set s { type ipv4_addr; flags interval; elements = { 172.16.1.0/24 } }; "
          + "chain c { type filter hook input priority 0; ip saddr @s icmp type echo-request drop; } }",
        in: $0.right.namespace)
    },
    Obstacle("pod right chain chain netdev t c") {
      try rules(
        "table netdev t { chain c { type filter hook ingress device eth1 priority 0; drop; } }", in: $0.right.namespace)
    },
    // Rules of ours that somebody changed.
    Obstacle("transit chain chain inet contrail forward") {
      try Shell.run(["nft", "insert", "rule", "inet", "contrail", "forward", "drop"], in: $0.transit)
    },
    Obstacle("instance lab/n1 sourceFilter chain bridge contrail port") {
      try Shell.run(["nft", "insert", "rule", "bridge", "contrail", "port", "drop"], in: $0.n1)
    },
    // Forwarding.
    Obstacle("instance lab/n1 forwarding IPv4 forwarding") { try set("net.ipv4.ip_forward", 0, in: $0.n1) },
    Obstacle("instance lab/n1 forwarding IPv6 forwarding", to: "fd00:2::2") {
      try set("net.ipv6.conf.all.forwarding", 0, in: $0.n1)
    },
    Obstacle("instance lab/n2 forwarding IPv4 forwarding") { try set("net.ipv4.ip_forward", 0, in: $0.n2) },
    Obstacle("instance lab/n2 forwarding IPv4 forwarding") { try set("net.ipv4.conf.tr0.forwarding", 0, in: $0.n2) },
    Obstacle("transit forwarding IPv4 forwarding") { try set("net.ipv4.ip_forward", 0, in: $0.transit) },
    Obstacle("transit forwarding IPv6 forwarding", to: "fd00:2::2") {
      try set("net.ipv6.conf.all.forwarding", 0, in: $0.transit)
    },
    Obstacle("instance k8s-contrail/default-podnetwork forwarding IPv4 forwarding", to: Outside.ipv4) {
      try set("net.ipv4.ip_forward", 0, in: $0.node.namespace)
    },
    Obstacle("instance k8s-contrail/default-podnetwork forwarding IPv6 forwarding", to: Outside.ipv6) {
      try set("net.ipv6.conf.all.forwarding", 0, in: $0.node.namespace)
    },
    // A route of somebody else in the pod.
    Obstacle("pod left podRoute route to 172.16.2.2") {
      try Shell.run(["ip", "route", "add", "172.16.2.0/25", "dev", "eth0"], in: $0.left.namespace)
    },
    Obstacle("pod left podRoute route to fd00:2::2", to: "fd00:2::2") {
      try Shell.run(
        ["ip", "-6", "route", "add", "fd00:2::/64", "via", "fd00:10:32::1", "metric", "1"], in: $0.left.namespace)
    },
    Obstacle("pod right podRoute route to 172.16.1.2") {
      try Shell.run(["ip", "route", "add", "172.16.1.2", "via", "10.32.0.1"], in: $0.right.namespace)
    },
  ]

  @Test("What is in the way is named, and what trace says mends it", arguments: obstacles)
  func mended(_ obstacle: Obstacle) throws {
    try Self.withLab { lab in
      #expect(try lab.node.ping(from: lab.left.namespace, obstacle.target), "a control")
      #expect(try lab.trace(obstacle.target)["canTalk"] == true, "a control")
      try obstacle.command(lab)
      #expect(try !lab.node.ping(from: lab.left.namespace, obstacle.target, seconds: 2), "nothing is in the way")
      var report = try lab.trace(obstacle.target)
      #expect(lab.fault(report) == obstacle.testDescription, "\(report.text())")
      // The answer may need the same again.
      for _ in 0..<3 where report["canTalk"] != true {
        try lab.mend(report)
        try lab.node.settle()
        report = try lab.trace(obstacle.target)
      }
      #expect(report["canTalk"] == true, "\(report.text())")
      #expect(try Prober(namespace: lab.left.namespace).reaches(obstacle.target))
    }
  }
}
