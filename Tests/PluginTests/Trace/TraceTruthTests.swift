import JSON
import Testing

/// What `contrailctl trace` says is what happens: every verdict is compared with a ping, a TCP connection and a datagram of
/// the same pod at the same time, over both families.
@Suite struct TraceTruthTests {
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
          #expect(
            try node.ping(from: pods[0].namespace, address, seconds: isReached ? 10 : 2) == isReached, "\(address)")
        }
      }
    }
  }

  @Test("After a definition is deleted and isolation switched off: trace says what happens, and what mends it does")
  func leftOver() throws {
    try withNetworks { node, pods in
      let gone = try node.contrailctl("delete", "net-attach-def", "n2", "-n", "lab")
      #expect(gone.succeeded, "\(gone)")
      let isReached = try node.ping(from: pods[0].namespace, "172.16.2.2")
      let (canTalk, text) = try verdict(node, pods[0], "172.16.2.2")
      #expect(canTalk == isReached && text.contains(#""remedy":"apply its definition again""#), "\(text)")
      try node.apply(network(2, sharedTarget))
      #expect(try verdict(node, pods[0], "172.16.2.2").0 == true)
      #expect(try Prober(namespace: pods[0].namespace).reaches("172.16.2.2"))
      // A pod that stays where isolation put it.
      try node.apply(Reachability.isolated("tenant"))
      let pod = try node.makePod(in: "tenant")
      let address = try node.add(pod).ipv4
      try node.apply(Reachability.isolated("tenant").setting("metadata.labels", [:]))
      try node.settle()
      #expect(try !node.ping(from: pods[0].namespace, address, seconds: 2))
      let (before, why) = try verdict(node, pods[0], address)
      #expect(before == false && why.contains(#""remedy":"start the pod again""#), "\(why)")
      try node.delete(pod)
      let again = try node.add(pod).ipv4
      try node.settle()
      #expect(try verdict(node, pods[0], again).0 == true)
      #expect(try node.ping(from: pods[0].namespace, again))
    }
  }
}
