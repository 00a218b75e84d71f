import JSON
import Testing

/// A pod gets an interface in every network that it selects, each in that network's routing instance, and none at all
/// where one of them cannot be had. The CNI result lists all interfaces and the addresses of the first one only, because
/// runtimes take every address for the pod's.
@Suite struct SeveralNetworksTests {
  @Test("38: a, b@x1, a: names in order, the result lists eth0's addresses only; DEL leaves nothing")
  func several() throws {
    try withLab { node in
      let pod = try node.makePod()
      try expectUnchanged(node) {
        let configuration = node.configuration(networks: "a, b@x1 ,a")
        let result = try node.add(pod, configuration)
        #expect(result.inside == ["eth0", "eth1", "x1", "eth2"])
        #expect(result["ips"]?.array?.compactMap { $0["address"]?.string } == result.addresses)
        #expect(result.addresses.count == 2 && result.addresses[0].hasPrefix("10.32."))
        #expect(try node.pins() == ["lab.a", "lab.b"])
        #expect(try node.hostEnds(in: "lab.a").count == 2 && node.hostEnds(in: "lab.b").count == 1)
        #expect(try node.ping(from: pod.namespace, "172.16.10.1") && node.ping(from: pod.namespace, "fd00:b::1"))
        #expect(try pod.namespace.routes("-4").filter { $0.hasPrefix("default") } == ["default via 10.32.0.1 dev eth0"])
        expectSilentSuccess(try node.check(pod, result, configuration))
        try node.delete(pod)
      }
    }
  }

  struct Ask: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let networks: String
    /// Interface, network, addresses, MAC (where asked for).
    let expected: [(String, String, [String], String?)]
  }

  static let asks: [Ask] = [
    .init(
      testDescription: "ips, mac and interface",
      networks:
        #"[{"name": "a", "ips": ["172.16.10.77/24"], "mac": "02:aa:bb:cc:dd:ee", "interface": "data0"}]"#,
      expected: [("data0", "lab/a", ["172.16.10.77"], "02:aa:bb:cc:dd:ee")]),
    .init(
      testDescription: "the same network twice, one address asked for",
      networks: #"[{"name": "a", "ips": ["172.16.10.2"]}, {"name": "a"}]"#,
      expected: [("eth1", "lab/a", ["172.16.10.2"], nil), ("eth2", "lab/a", ["172.16.10.3"], nil)]),
    .init(
      testDescription: "a network of another namespace, with an interface", networks: "other/far@f0",
      expected: [("f0", "other/far", ["192.168.7.2"], nil)]),
    .init(
      testDescription: "namespace as a key", networks: #"[{"name": "far", "namespace": "other"}]"#,
      expected: [("eth1", "other/far", ["192.168.7.2"], nil)]),
    .init(testDescription: "IPv6 only", networks: "b", expected: [("eth1", "lab/b", ["fd00:b::2"], nil)]),
    .init(
      testDescription: "dual stack, both asked for",
      networks: #"[{"name": "dual", "ips": ["172.16.20.9", "fd00:20::9"]}]"#,
      expected: [("eth1", "lab/dual", ["172.16.20.9", "fd00:20::9"], nil)]),
    .init(
      testDescription: "dual stack, IPv6 asked for, IPv4 chosen",
      networks: #"[{"name": "dual", "ips": ["fd00:20::9"]}]"#,
      expected: [("eth1", "lab/dual", ["172.16.20.2", "fd00:20::9"], nil)]),
    .init(
      testDescription: "a fully qualified name", networks: "default-domain:k8s-lab:k8s-a-pod-network",
      expected: [("eth1", "lab/a", ["172.16.10.2"], nil)]),
    .init(
      testDescription: "a fully qualified name of another namespace",
      networks: "default-domain:k8s-other:k8s-far-pod-network@q0",
      expected: [("q0", "other/far", ["192.168.7.2"], nil)]),
    .init(
      testDescription: "a named interface takes no number away", networks: "a@eth7, b, dual",
      expected: [
        ("eth7", "lab/a", ["172.16.10.2"], nil), ("eth1", "lab/b", ["fd00:b::2"], nil),
        ("eth2", "lab/dual", ["172.16.20.2", "fd00:20::2"], nil),
      ]),
    .init(
      testDescription: "unknown cni-args are kept and reported",
      networks: #"[{"name": "a", "cni-args": {"core.juniper.net/health-check": "x"}}]"#,
      expected: [("eth1", "lab/a", ["172.16.10.2"], nil)]),
  ]

  @Test("What a selection asks for is what the pod gets, CHECK agrees, DEL leaves nothing", arguments: asks)
  func asked(_ ask: Ask) throws {
    try withLab(isWarm: false) { node in
      let pod = try node.makePod()
      let before = try [Snapshot(of: node.namespace), Snapshot(of: pod.namespace)]
      let configuration = node.configuration(networks: ask.networks)
      let result = try node.add(pod, configuration)
      #expect(Set(result.inside) == Set(["eth0"] + ask.expected.map(\.0)))
      for (interface, network, addresses, mac) in ask.expected {
        let status = try #require(result.status(interface), "\(result)")
        #expect(status["name"]?.string == network && status["ips"]?.strings == addresses)
        let link = try #require(try pod.namespace.link(interface))
        #expect(mac == nil || link.mac == mac)
        #expect(status["mac"]?.string == link.mac && link.isUp)
        for address in addresses { #expect(link.addresses.contains { $0.hasPrefix(address + "/") }) }
      }
      expectSilentSuccess(try node.check(pod, result, configuration))
      try node.delete(pod)
      expectEqual(try Snapshot(of: node.namespace), before[0])
      expectEqual(try Snapshot(of: pod.namespace), before[1])
      #expect(try node.pins().isEmpty && node.locks().isEmpty && Store(node).allocations() == 0)
    }
  }

  @Test("Arguments that nothing reads are named in the log")
  func unhandledArguments() throws {
    try withLab(isWarm: false) { node in
      let networks = #"[{"name": "a", "cni-args": {"core.juniper.net/health-check": "x"}}]"#
      try node.add(try node.makePod(), node.configuration(networks: networks))
      #expect(node.log.contains("core.juniper.net/health-check"))
    }
  }

  @Test("18: 0.2.0 with several networks: the first interface's addresses; a list of one family each")
  func oldVersion() throws {
    try withLab { node in
      let pod = try node.makePod()
      try expectUnchanged(node) {
        let configuration = node.configuration(networks: "a,b").setting("cniVersion", "0.2.0")
        let result = try node.add(pod, configuration)
        #expect(result["ip4"]?["ip"]?.string?.hasPrefix("10.32.") == true && result["ip6"] != nil, "\(result)")
        #expect(result["interfaces"] == nil)
        #expect(try pod.namespace.link("eth1") != nil && pod.namespace.link("eth2") != nil)
        try node.delete(pod, configuration)
      }
    }
  }

  @Test("34: GC with one of three valid: it keeps all interfaces, the others' are gone with their instances")
  func garbage() throws {
    try withLab { node in
      let kept = try node.makePod()
      let configuration = node.configuration(networks: "a,b")
      let result = try node.add(kept, configuration)
      try expectUnchanged(node) {
        for _ in 0..<2 { try node.add(try node.makePod(), node.configuration(networks: "a,dual,other/far")) }
        #expect(try node.pins() == ["lab.a", "lab.b", "lab.dual", "other.far"])
        let valid: JSONValue = [["containerID": .string(kept.container), "ifname": "eth0"]]
        expectSilentSuccess(
          try node.run("GC", nil, node.configuration().settingMember("cni.dev/valid-attachments", valid)))
        #expect(try node.pins() == ["lab.a", "lab.b"])
        for pod in node.pods.dropFirst() { node.destroy(pod) }
      }
      expectSilentSuccess(try node.check(kept, result, configuration))
      #expect(try node.ping(from: kept.namespace, "172.16.10.1"))
    }
  }
}
