import Glibc
import JSON
import Testing

/// `contrailctl trace` knows who has an address of an allowed address pair by now, and by which next hops a prefix of
/// several pods is reached; what it says is what happens.
@Suite struct TracePairTests {
  private func holders(_ report: JSONValue) -> [String] {
    (report["pairs"]?.array ?? []).compactMap { $0["to"]?["pod"]?.string }
  }

  @Test("A virtual address is at its master, for the network's pods and others", arguments: VirtualRouterTests.cases)
  func activeStandby(_ one: VirtualRouterTests.Case) throws {
    try VirtualRouterTests.withNetworks { node in
      let clients = [try VirtualRouterTests.add(node, "a"), try VirtualRouterTests.add(node, "b")]
      let routers = try (0..<2).map { _ in try VirtualRouterTests.add(node, one.networks) }
      let daemons = try zip(routers, [200, 100]).map { pod, priority in
        try Keepalived(
          in: pod, of: node, priority: priority, addresses: [one.address], usesRouterMAC: one.usesRouterMAC)
      }
      func expectMaster(_ number: Int) throws {
        for client in clients {
          #expect(try Prober(namespace: client.namespace).reaches(one.address))
          // A daemon that is not run in time gives the address away for a moment.
          var report = JSONValue.null
          try Monotonic.wait {
            report = try node.trace(client, one.address)
            return holders(report) == ["lab/\(routers[number].name)"] && report["canTalk"] == true
          }
          #expect(report["canTalk"] == true, "\(one): \(report.text())")
          #expect(holders(report) == ["lab/\(routers[number].name)"], "\(one): \(report.text())")
        }
      }
      try expectMaster(0)
      // From the address too.
      let fromPair = try node.trace(
        routers[0], "lab/\(clients[0].name)", "--interface", "eth1", "--source", one.address)
      #expect(fromPair["canTalk"] == true, "\(one): \(fromPair.text())")
      #expect(fromPair["pairs"]?.array?.allSatisfy { $0["from"]?["address"]?.string == one.address } == true)
      daemons[0].stop(SIGTERM)
      try expectMaster(1)
      daemons[1].stop(SIGTERM)
      let last = try node.trace(clients[0], one.address)
      #expect(
        try last["canTalk"] == false && !Prober(namespace: clients[0].namespace).answers(one.address), "\(last.text())")
    }
  }

  @Test("A prefix of several pods: each of them is a next hop, and the one that lacks the address is named")
  func activeActive() throws {
    try VirtualRouterTests.withNetworks { node in
      let key = "net.juniper.contrail.allowedAddressPairs"
      let networks =
        #"[{"name":"a","cni-args":{"\#(key)":[{"ip":"10.99.0.0/24","addressMode":"active-active"},"#
        + #"{"ip":"fd00:99::/64","addressMode":"active-active"},{"ip":"172.16.10.128/28","addressMode":"active-active"}]}}]"#
      let pods = try (0..<2).map { _ in try VirtualRouterTests.add(node, networks) }
      let clients = [try VirtualRouterTests.add(node, "a"), try VirtualRouterTests.add(node, "b")]
      let addresses = ["10.99.0.1", "fd00:99::1", "172.16.10.129"]
      for pod in pods {
        for address in addresses {
          let width = address.contains(":") ? 128 : 32
          try Shell.run(["ip", "addr", "add", "\(address)/\(width)", "dev", "lo"], in: pod.namespace)
        }
      }
      try node.settle()
      for client in clients {
        for address in addresses {
          #expect(try Prober(namespace: client.namespace).reaches(address))
          let report = try node.trace(client, address)
          #expect(report["pairs"]?.array?.allSatisfy { $0["canTalk"] == true } == true, "\(address): \(report.text())")
          #expect(Set(holders(report)) == Set(pods.map { "lab/\($0.name)" }), "\(address): \(report.text())")
          #expect(report.text().contains("one of 2 next hops"))
        }
      }
      try Shell.run(["ip", "addr", "del", "10.99.0.1/32", "dev", "lo"], in: pods[1].namespace)
      let verdicts = try node.trace(clients[1], "10.99.0.1")["pairs"]?.array ?? []
      for verdict in verdicts {
        #expect(
          (verdict["canTalk"] == true) == (verdict["to"]?["pod"]?.string == "lab/\(pods[0].name)"), "\(verdict.text())")
      }
      #expect(verdicts.count == 2)
      // No pair, no way.
      let none = try node.trace(clients[1], "10.98.0.1")
      #expect(try none["canTalk"] == false && !Prober(namespace: clients[1].namespace).answers("10.98.0.1"))
    }
  }
}
