import JSON
import Testing

/// What `contrailctl trace` says is what happens: every verdict is compared with a ping, a TCP connection and a datagram of
/// the same pod at the same time, over both families.
@Suite struct TraceTruthTests {
  /// The verdict: whether they can talk; `nil` where the trace says that nobody can know.
  private func verdict(
    _ node: Node, _ pod: Pod, _ address: String, _ kind: Attempt.Kind = .ping
  ) throws -> (Bool?, String) {
    var words = ["trace", "\(pod.project)/\(pod.name)", address]
    if kind != .ping { words += ["--port", "\(Station.port)/\(kind)"] }
    let json = try node.contrailctl(arguments: words + ["-o", "json"])
    let report = try #require(parse(json.standardOutput), "\(json)")
    let canTalk = report["canTalk"].flatMap { $0 == .null ? nil : $0 == true }
    #expect(json.succeeded == (canTalk == true), "\(json)")
    return (canTalk, report.text())
  }

  @Test("Every cell of the table of who reaches whom that begins in a pod", arguments: KubeProxy.Mode.allCases)
  func matrix(_ mode: KubeProxy.Mode) throws {
    try withNode { node in
      let cluster = try Reachability(node, mode)
      for cell in ReachabilityTests.table {
        // The second mode is another way to services, and to nothing else.
        guard let pod = cluster.pods[cell.from], mode == .iptables || cell.to.contains("service") else { continue }
        let addresses = cluster.addresses(of: cell.to)
        let found = try cluster.attempt(
          cell.from, addresses, at: cluster.station(behind: cell.to), wait: cell.isReached ? 1 : 0.12)
        for (number, address) in addresses.enumerated() {
          for (index, kind) in Attempt.Kind.allCases.enumerated() {
            let (canTalk, text) = try verdict(node, pod, address, kind)
            // Nobody knows that this IPv6 address is a service's: for all that is known, it is outside.
            if kind == .ping, text.contains("what is beyond is not looked at"), cell.to.contains("service") { continue }
            #expect(
              canTalk == found.answered[3 * number + index],
              "\(cell.from) → \(cell.to) \(address) \(kind): answered \(found.answered), trace says \(text)")
          }
        }
      }
    }
  }

  // MARK: Addresses of nobody's pod

  /// Networks n1 and n2, which a target connects, and n3, which nothing does.
  private func withNetworks(_ body: (Node, [Pod]) throws -> Void) throws {
    try withNode { node in
      try node.apply(labNamespace)
      for number in 1...3 {
        var object: JSONObject = [
          "ipamV4Subnet": .string("172.16.\(number).0/24"), "ipamV6Subnet": .string("fd00:\(number)::/64"),
        ]
        if number < 3 { object["routeTargetList"] = ["target:23:1"] }
        try node.apply(definition("n\(number)", .object(object)))
      }
      let pods = try (1...3).map { number in
        let pod = try node.makePod()
        try node.add(pod, node.configuration(networks: "n\(number)"))
        return pod
      }
      try node.settle()
      try body(node, pods)
    }
  }

  @Test("Gateways: the pod's own, those of connected networks, and those of others; addresses that nobody has")
  func gateways() throws {
    try withNetworks { node, pods in
      for (address, isReached, reason) in [
        ("172.16.1.1", true, "it is the gateway of lab/n1"),
        ("172.16.2.1", true, "it is the gateway of lab/n2; target:23:1"),
        ("fd00:2::1", true, "it is the gateway of lab/n2; target:23:1"),
        ("172.16.3.1", false, "it is the gateway of lab/n3"),
        ("fd00:3::1", false, "it is the gateway of lab/n3"), ("10.32.0.1", true, "it is the gateway of k8s-contrail/"),
        ("172.16.1.77", false, "no pod of this node has this address"), ("172.16.2.77", false, "no pod of this node"),
        ("198.51.100.7", false, "no pod of this node"),
      ] {
        // Before anybody knows anybody, and after it.
        for _ in 0..<2 {
          let (canTalk, text) = try verdict(node, pods[0], address)
          #expect(canTalk == isReached && text.contains(reason), "\(address): \(text)")
          #expect(try node.ping(from: pods[0].namespace, address) == isReached, "\(address)")
        }
      }
    }
  }

  @Test("After a definition is deleted and isolation switched off: trace says what happens, and what mends it does")
  func leftOver() throws {
    try withNetworks { node, pods in
      let words: JSONObject = [
        "ipamV4Subnet": "172.16.2.0/24", "ipamV6Subnet": "fd00:2::/64", "routeTargetList": ["target:23:1"],
      ]
      let gone = try node.contrailctl("delete", "net-attach-def", "n2", "-n", "lab")
      #expect(gone.succeeded, "\(gone)")
      let isReached = try node.ping(from: pods[0].namespace, "172.16.2.2")
      let (canTalk, text) = try verdict(node, pods[0], "172.16.2.2")
      #expect(canTalk == isReached && text.contains(#""remedy":"apply its definition again""#), "\(text)")
      try node.apply(definition("n2", .object(words)))
      #expect(try verdict(node, pods[0], "172.16.2.2").0 == true)
      #expect(try Prober(namespace: pods[0].namespace).reaches("172.16.2.2"))
      // A pod that stays where isolation put it.
      try node.apply(Reachability.isolated("tenant"))
      let pod = try node.makePod(in: "tenant")
      let address = try node.add(pod).ipv4
      try node.apply(Reachability.isolated("tenant").setting("metadata.labels", [:]))
      try node.settle()
      #expect(try !node.ping(from: pods[0].namespace, address))
      let (before, why) = try verdict(node, pods[0], address)
      #expect(before == false && why.contains(#""remedy":"start the pod again""#), "\(why)")
      try node.delete(pod)
      let again = try node.add(pod).ipv4
      try node.settle()
      #expect(try verdict(node, pods[0], again).0 == true)
      #expect(try node.ping(from: pods[0].namespace, again))
    }
  }

  // MARK: Rules of others

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
        let end = Monotonic.now() + 1
        while Monotonic.now() < end {
          right.answer()
          for attempt in attempts { attempt.look() }
        }
        #expect(attempts.map(\.isAnswered) == [true, false, true])
        #expect(try verdict(node, pods[0], address, .ping).0 == true)
        let (tcp, text) = try verdict(node, pods[0], address, .tcp)
        #expect(tcp == false && text.contains("chain inet t decide") && text.contains("lab/n2"), "\(text)")
        let (udp, why) = try verdict(node, pods[0], address, .udp)
        #expect(udp == nil && why.contains(#""decidedBy":["inet t c (limit)"]"#), "\(why)")
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
      func answers() throws -> Bool {
        let attempt = try Attempt(.tcp, from: pods[0].namespace, to: "10.96.0.50")
        let end = Monotonic.now() + 1
        while Monotonic.now() < end, !attempt.isAnswered { attempt.look() }
        return attempt.isAnswered
      }
      #expect(try answers())
      let (canTalk, text) = try verdict(node, pods[0], "10.96.0.50", .tcp)
      #expect(
        canTalk == true && text.contains("a service: what goes to it comes to pod lab/\(pods[1].name)"), "\(text)")
      // The answer stays on the bridge, where nobody translates it back.
      try Shell.run(["sysctl", "-q", "-w", "net.bridge.bridge-nf-call-iptables=0"], in: node.namespace)
      #expect(try !answers())
      let (bridged, answer) = try verdict(node, pods[0], "10.96.0.50", .tcp)
      let remedy = "sysctl -w net.bridge.bridge-nf-call-iptables=1"
      #expect(bridged == false && answer.contains(#""remedy":"\#(remedy)""#), "\(answer)")
      try Shell.run(["sh", "-c", remedy], in: node.namespace)
      #expect(try answers() && verdict(node, pods[0], "10.96.0.50", .tcp).0 == true)
      // Half of the connections go to a pod that refuses them.
      try iptables(
        "-t", "nat", "-I", "KUBE-SVC", "-m", "statistic", "--mode", "random", "--probability", "0.5", "-j", "RETURN")
      let (byChance, why) = try verdict(node, pods[0], "10.96.0.50", .tcp)
      #expect(byChance == false, "\(why)")
      try iptables("-t", "nat", "-D", "KUBE-SVC", "1")
      try iptables("-I", "FORWARD", "-p", "tcp", "-m", "tcp", "--dport", "\(Station.port)", "-j", "DROP")
      #expect(try !answers())
      let (dropped, which) = try verdict(node, pods[0], "10.96.0.50", .tcp)
      #expect(dropped == false && which.contains("chain ip filter FORWARD"), "\(which)")
      _ = backend
    }
  }
}
