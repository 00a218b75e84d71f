import JSON
import Testing

extension DoctorTests {
  /// What is damaged by which command, and what is found.
  struct Damage: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let kind: String
    /// What is named.
    let word: String
    /// Whether `--fix` mends it.
    let isFixed: Bool
    let command: @Sendable (Lab) throws -> Void

    init(
      _ description: String, _ kind: String, naming word: String, isFixed: Bool = true,
      _ command: @escaping @Sendable (Lab) throws -> Void
    ) {
      testDescription = description
      self.kind = kind
      self.word = word
      self.isFixed = isFixed
      self.command = command
    }
  }

  static func shell(_ line: String, in namespace: NetworkNamespace? = nil) throws {
    try Shell.run(["sh", "-c", line], in: namespace)
  }

  /// For a shell: the table that bounds a pod's neighbours inside it.
  private static let tableInPod = "$(nft list tables | grep -o 'contrail-neighbors-.*')"

  static let damages = damagesOfBridges + damagesOfKernel + damagesOfRecords

  /// Rules, parameters, and what is between instances.
  static let damagesOfKernel: [Damage] = [
    Damage("a set is emptied", "attachment", naming: "bridge contrail bind4 lacks an element") {
      try shell("nft flush set bridge contrail bind4", in: $0.instance("n1"))
    },
    Damage("a pod's address is forgotten", "attachment", naming: "inet contrail-neighbors members4 lacks an element") {
      try shell("nft flush set inet contrail-neighbors members4", in: $0.instance("n1"))
    },
    Damage("a foreign rule is in our table", "rules", naming: "chain port-ipv4: rule of handle") {
      try shell("nft insert rule bridge contrail port-ipv4 accept", in: $0.instance("n1"))
    },
    Damage("a rule of ours is deleted", "rules", naming: "chain port ") { lab in
      try shell("nft flush chain bridge contrail port", in: lab.node.namespace)
    },
    Damage("packets of a kind are forgotten", "rules", naming: "ethertypes has other elements") {
      try shell("nft delete element bridge contrail ethertypes '{ ip }'", in: $0.instance("n1"))
    },
    Damage("a foreign chain is in our table", "rules", naming: "chain mine is none of ours") {
      try shell("nft add chain inet contrail mine", in: $0.node.namespace)
    },
    Damage("our table is switched off", "rules", naming: "table bridge contrail: it is dormant") {
      try shell("nft add table bridge contrail '{ flags dormant; }'", in: $0.instance("n1"))
    },
    Damage("our table is deleted", "rules", naming: "table inet contrail is missing") {
      try shell("nft delete table inet contrail", in: $0.node.namespace)
    },
    Damage("the node does not forward", "forwarding", naming: "net/ipv4/ip_forward is 0") {
      try shell("sysctl -qw net.ipv4.ip_forward=0", in: $0.node.namespace)
    },
    Damage("an instance does not forward IPv6", "forwarding", naming: "net/ipv6/conf/all/forwarding is 0") {
      try shell("sysctl -qw net.ipv6.conf.all.forwarding=0", in: $0.instance("n1"))
    },
    Damage("an instance filters by path", "forwarding", naming: "rp_filter is 1") {
      try shell("sysctl -qw net.ipv4.conf.all.rp_filter=1", in: $0.instance("n1"))
    },
    Damage("another's table is in an instance", "foreign-table", naming: "table ip mine", isFixed: false) {
      try shell("nft add table ip mine", in: $0.instance("n1"))
    },
    Damage("the transit does not forward", "transit", naming: "net/ipv4/ip_forward is 0") {
      try shell("sysctl -qw net.ipv4.ip_forward=0", in: $0.node.instance("transit"))
    },
    Damage("a link to the transit is deleted", "transit", naming: "vni5") {
      try shell("ip link del tr0", in: $0.instance("n1"))
    },
    Damage("a link to the transit is down", "transit", naming: "vni6") {
      try shell("ip link set vni6 down", in: $0.node.instance("transit"))
    },
    Damage("a transit table lost a route", "transit", naming: "the table of lab/n1 lacks the route to 172.16.2.0/24") {
      try shell("ip route del 172.16.2.0/24 table \(0x100_0000 + 5)", in: $0.node.instance("transit"))
    },
    Damage("a transit table lost its rule", "transit", naming: "no IPv4 rule leads what comes by vni5") {
      try shell("ip rule del iif vni5", in: $0.node.instance("transit"))
    },
    Damage("a link's end lost its neighbour", "transit", naming: "do not know each other's IPv4 address") {
      try shell("ip neigh del 169.254.0.1 dev tr0", in: $0.instance("n1"))
    },
    Damage("an instance lost a route", "transit", naming: "instance lab/n1 lacks the route to 172.16.2.0/24") {
      try shell("ip route del 172.16.2.0/24", in: $0.instance("n1"))
    },
    Damage("the transit's rules are gone", "transit", naming: "table inet contrail is missing") {
      try shell("nft flush ruleset", in: $0.node.instance("transit"))
    },
    Damage("the transit's namespace is gone", "transit", naming: "is not the namespace that was pinned there") {
      try shell("umount \($0.node.instance("transit").path)")
    },
    Damage("an uplink is deleted", "uplink", naming: "the uplink ctsnat5 is not there") {
      try shell("ip link del up0", in: $0.instance("s"))
    },
    Damage("an uplink's address is deleted", "uplink", naming: "lacks the address 100.64.0.4") {
      try shell("ip addr del 100.64.0.4/32 dev ctsnat5", in: $0.node.namespace)
    },
    Damage("the way out of an instance is deleted", "uplink", naming: "instance lab/s lacks the route to 0.0.0.0/0") {
      try shell("ip route del default", in: $0.instance("s"))
    },
    Damage("the uplinks' rules are deleted", "rules", naming: "table inet contrail-uplinks is missing") {
      try shell("nft delete table inet contrail-uplinks", in: $0.node.namespace)
    },
    Damage("a pod's route to a connected network is deleted", "pod-route", naming: "lacks the route to 172.16.2.0/24") {
      try shell("ip route del 172.16.2.0/24", in: $0.left.namespace)
    },
    Damage("what a pod asks for is not bounded", "rules", naming: "inside the pod: table inet contrail-neighbors-") {
      try shell("nft flush ruleset", in: $0.left.namespace)
    },
    Damage("what a pod asks for is not bounded for now", "rules", naming: "it is dormant: its chains see nothing") {
      try shell(
        "nft add table inet \(tableInPod) '{ flags dormant; }'", in: $0.left.namespace)
    },
    Damage("what a pod asks for is bounded otherwise", "rules", naming: "chain neighbors: rule of handle") { lab in
      try shell(
        "nft flush chain inet \(tableInPod) neighbors && nft add rule inet \(tableInPod) neighbors accept",
        in: lab.left.namespace)
    },
    Damage("a pod's routers are forgotten", "rules", naming: "routers4 has other elements") { lab in
      try shell(
        "nft flush set inet \(tableInPod) routers4", in: lab.left.namespace)
    },
    Damage("a pod's interface is deleted", "attachment", naming: "is missing", isFixed: false) {
      try shell("ip link del eth1", in: $0.left.namespace)
    },
    Damage("a pod's interface is down", "pod-inside", naming: "interface eth1 is down", isFixed: false) {
      try shell("ip link set eth1 down", in: $0.left.namespace)
    },
  ]
}
