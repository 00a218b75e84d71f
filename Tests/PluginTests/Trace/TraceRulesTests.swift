import JSON
import Testing

/// Rules of others, on the way of packets: what trace makes of them is what the kernel makes of them.
@Suite struct TraceRulesTests {
  @Test("A rule about a port refuses connections to it, and nothing else; what nobody can know is not claimed")
  func ports() throws {
    try withNetworks { node, pods in
      let right = try Station(pods[1].namespace, addresses: ["172.16.2.2", "fd00:2::2"], counting: "eth1")
      let rules = """
        table inet t {
          chain decide {
            tcp dport { 1-80, 443, 7000 } counter reject
          }
          chain c {
            type filter hook forward priority 0; policy accept
            meta l4proto vmap { tcp : jump decide }
            udp dport 7000 limit rate over 1/day burst 5 packets drop
          }
        }

        """
      try Shell.run(["nft", "-f", "-"], input: rules, in: node.instance("lab.n2"))
      for address in ["172.16.2.2", "fd00:2::2"] {
        let attempts = try Attempt.Kind.allCases.map { try Attempt($0, from: pods[0].namespace, to: address) }
        func look() -> [Bool] {
          right.answer()
          for attempt in attempts { attempt.look() }
          return attempts.map(\.isAnswered)
        }
        Monotonic.wait { look() == [true, false, true] }
        Monotonic.wait(atMost: 1) { look() == [true, true, true] }
        #expect(attempts.map(\.isAnswered) == [true, false, true])
        #expect(try verdict(node, pods[0], address, .ping).0 == true)
        let (tcp, text) = try verdict(node, pods[0], address, .tcp)
        #expect(tcp == false && text.contains("chain inet t decide") && text.contains("lab/n2"), "\(text)")
        let (udp, why) = try verdict(node, pods[0], address, .udp)
        #expect(udp == nil && why.contains(#""decidedBy":["inet t c (limit)"]"#), "\(why)")
        // The table is switched off, and on again.
        try Shell.run(["nft", "add", "table", "inet", "t", "{ flags dormant; }"], in: node.instance("lab.n2"))
        let again = try Attempt(.tcp, from: pods[0].namespace, to: address)
        let isAnswered = Monotonic.wait {
          again.look()
          return again.isAnswered
        }
        #expect(try isAnswered && verdict(node, pods[0], address, .tcp).0 == true)
        try Shell.run(["nft", "add", "table", "inet", "t"], in: node.instance("lab.n2"))
      }
      let ping = try node.contrailctl("trace", "lab/\(pods[0].name)", "172.16.2.2").standardOutput
      #expect(ping.contains("looked at by chain inet t c") && ping.contains("ask with --port"), "\(ping)")
    }
  }

  /// As kube-proxy has it in its iptables mode, written by iptables itself: its matches and targets inside of nf_tables.
  @Test("Services and filters that iptables made, one of whose two endpoints is out of reach")
  func iptables() throws {
    try withNode { node in
      try node.apply(labNamespace)
      let pods = try (0..<3).map { _ in try node.makePod() }
      let addresses = try pods.map { try node.add($0).ipv4 }
      try node.settle()
      let backend = try Station(pods[1].namespace, addresses: [addresses[1]])
      let others = ["-p", "tcp", "-m", "comment", "--comment", "lab/web", "-m", "tcp", "--dport", "\(Station.port)"]
      func iptables(_ words: String...) throws { try Shell.run(["iptables-nft"] + words, in: node.namespace) }
      try iptables("-t", "nat", "-N", "KUBE-SVC")
      try iptables("-t", "nat", "-N", "KUBE-SEP")
      try Shell.run(
        ["iptables-nft", "-t", "nat", "-A", "PREROUTING", "-d", "10.96.0.50"] + others
          + ["-m", "addrtype", "!", "--dst-type", "LOCAL", "-j", "KUBE-SVC"], in: node.namespace)
      try iptables("-t", "nat", "-A", "KUBE-SVC", "-j", "KUBE-SEP")
      try iptables(
        "-t", "nat", "-A", "KUBE-SEP", "-p", "tcp", "-j", "DNAT", "--to-destination", "\(addresses[1]):\(Station.port)")
      try iptables("-A", "FORWARD", "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "-j", "ACCEPT")
      try iptables("-A", "FORWARD", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP")
      try iptables("-A", "FORWARD", "-p", "tcp", "-m", "multiport", "--dports", "1:6999,8000", "-j", "REJECT")
      func answers(within seconds: Double) throws -> Bool {
        let attempt = try Attempt(.tcp, from: pods[0].namespace, to: "10.96.0.50")
        return Monotonic.wait(atMost: seconds) {
          attempt.look()
          return attempt.isAnswered
        }
      }
      #expect(try answers(within: 20))
      let (canTalk, text) = try verdict(node, pods[0], "10.96.0.50", .tcp)
      #expect(
        canTalk == true && text.contains("a service: what goes to it comes to pod lab/\(pods[1].name)"), "\(text)")
      // The answer stays on the bridge, where nobody translates it back.
      try Shell.run(["sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=0"], in: node.namespace)
      #expect(try !answers(within: 1))
      let (bridged, answer) = try verdict(node, pods[0], "10.96.0.50", .tcp)
      let remedy = "sysctl -w net.bridge.bridge-nf-call-iptables=1"
      #expect(bridged == false && answer.contains(#""remedy":"\#(remedy)""#), "\(answer)")
      try Shell.run(["sh", "-c", remedy], in: node.namespace)
      #expect(try answers(within: 20) && verdict(node, pods[0], "10.96.0.50", .tcp).0 == true)
      // Half of the connections go to a pod that refuses them.
      try iptables(
        "-t", "nat", "-I", "KUBE-SVC", "-m", "statistic", "--mode", "random", "--probability", "0.5", "-j", "RETURN")
      let (byChance, why) = try verdict(node, pods[0], "10.96.0.50", .tcp)
      #expect(byChance == false, "\(why)")
      try iptables("-t", "nat", "-D", "KUBE-SVC", "1")
      try iptables("-I", "FORWARD", "-p", "tcp", "-m", "tcp", "--dport", "\(Station.port)", "-j", "DROP")
      #expect(try !answers(within: 1))
      let (dropped, which) = try verdict(node, pods[0], "10.96.0.50", .tcp)
      #expect(dropped == false && which.contains("chain ip filter FORWARD"), "\(which)")
      _ = backend
    }
  }
}
