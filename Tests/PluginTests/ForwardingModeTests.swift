import JSON
import Testing

/// The forwarding mode says what passes between the pods of a network: in `l2_l3` frames, and packets by the gateway; in
/// `l3` packets by the gateway only; in `l2` frames only, and there is no gateway. `rpf: disable` lifts the source filter.
@Suite struct ForwardingModeTests {
  private func network(_ mode: String, rpf: String = "enable", name: String = "n") -> JSONValue {
    definition(
      name,
      [
        "ipamV4Subnet": "172.16.5.0/24", "ipamV6Subnet": "fd00:5::/64",
        "virtualNetworkProperties": ["forwardingMode": .string(mode), "rpf": .string(rpf)],
      ])
  }

  private func withPair(_ network: JSONValue, _ body: (Node, [Pod]) throws -> Void) throws {
    try withNode { node in
      try node.apply(labNamespace, network)
      let pods = [try node.makePod(), try node.makePod()]
      for pod in pods { try node.add(pod, node.configuration(networks: "n")) }
      try node.settle()
      try body(node, pods)
    }
  }

  /// The `ttl` of the reply to one echo request, `nil` without a reply.
  private func hops(_ pod: Pod, _ address: String, from source: String? = nil, within seconds: Int = 10) throws
    -> String?
  {
    let command = ["ping", "-n", "-c", "1", "-W", "\(seconds)"] + (source.map { ["-I", $0] } ?? []) + [address]
    let output = try Shell.attempt(command, in: pod.namespace).standardOutput
    return output.split(separator: " ").first { $0.hasPrefix("ttl=") }.map { String($0.dropFirst(4)) }
  }

  @Test(
    "Between pods: one hop in l3, none in the other modes; the gateway answers where there is one",
    arguments: [("l2_l3", "64", true), ("l3", "63", true), ("l2", "64", false)])
  func between(_ mode: String, _ ttl: String, _ hasGateway: Bool) throws {
    try withPair(network(mode)) { node, pods in
      for (address, gateway) in [("172.16.5.3", "172.16.5.1"), ("fd00:5::3", "fd00:5::1")] {
        #expect(try hops(pods[0], address) == ttl)
        #expect(try hops(pods[0], gateway, within: hasGateway ? 10 : 1) == (hasGateway ? "64" : nil))
      }
      // Frames from one pod to the other, broadcast included, pass unless the gateway routes.
      let link = try #require(try pods[1].namespace.link("eth1"))
      let capture = try PacketSocket("eth1", in: pods[1].namespace)
      try Shell.run(
        ["ip", "neigh", "replace", "172.16.5.3", "lladdr", link.mac, "dev", "eth1"], in: pods[0].namespace)
      try Shell.run(["ip", "route", "replace", "172.16.5.3", "dev", "eth1"], in: pods[0].namespace)
      _ = try Shell.attempt(
        ["ping", "-n", "-c", "1", "-W", "1", "-p", "c0ffee11", "172.16.5.3"], in: pods[0].namespace)
      let marker: [UInt8] = [0xc0, 0xff, 0xee, 0x11, 0xc0, 0xff, 0xee, 0x11]
      #expect((capture.count([marker], until: marker, deadline: mode == "l3" ? 0.3 : 20)[0] > 0) == (mode != "l3"))
      for pod in pods {
        let configuration = node.configuration(networks: "n")
        try node.delete(pod, configuration)
      }
    }
  }

  @Test(
    "Two networks of one pod have the same subnets: the gateways of both answer",
    arguments: [("l2_l3", "l3"), ("l3", "l2_l3"), ("l3", "l3"), ("l2_l3", "l2_l3")])
  func sameSubnets(_ first: String, _ second: String) throws {
    try withNode { node in
      try node.apply(labNamespace, network(first), network(second, name: "other"))
      let pod = try node.makePod()
      let configuration = node.configuration(networks: "n,other")
      let result = try node.add(pod, configuration)
      try node.settle()
      for interface in ["eth1", "eth2"] {
        for gateway in ["172.16.5.1", "fd00:5::1"] {
          #expect(try hops(pod, gateway, from: interface) == "64", "\(interface) to \(gateway)")
        }
      }
      expectSilentSuccess(try node.check(pod, result, configuration))
      try node.delete(pod, configuration)
    }
  }

  @Test("rpf: a pod sends from its own addresses; disabled, from any; a change holds for pods that run")
  func reversePath() throws {
    try withPair(network("l2_l3", rpf: "disable")) { node, pods in
      try Shell.run(["ip", "address", "add", "172.16.5.77/24", "dev", "eth1"], in: pods[0].namespace)
      #expect(try hops(pods[0], "172.16.5.3", from: "172.16.5.77") == "64")
      try node.apply(network("l2_l3"))
      #expect(try hops(pods[0], "172.16.5.3", from: "172.16.5.77") == nil)
      #expect(try hops(pods[0], "172.16.5.3") == "64", "its own address passes all the same")
      try node.apply(network("l2_l3", rpf: "disable"))
      #expect(try hops(pods[0], "172.16.5.3", from: "172.16.5.77") == "64")
    }
  }

  @Test("The mode cannot change under a pod: it would lose its neighbours")
  func change() throws {
    try withPair(network("l2_l3")) { node, pods in
      let outcome = try node.contrailctl("apply", "-f", "-", input: network("l3").text())
      #expect(!outcome.succeeded && outcome.standardError.contains("forwardingMode"), "\(outcome)")
      #expect(outcome.standardError.contains("lab/\(pods[0].name)"), "\(outcome)")
      for pod in pods { try node.delete(pod) }
      try node.apply(network("l3"))
    }
  }

  @Test("l2 has no default route: as eth0's network it gives none, and a claim is refused")
  func noGateway() throws {
    try withNode { node in
      try node.apply(labNamespace, network("l2"))
      let pod = try node.makePod()
      let claim = node.configuration(networks: #"[{"name": "n", "default-route": []}]"#)
      try expectError(7, naming: ["lab/n", "default-route"], node.run("ADD", pod, claim))
      let configuration = node.configuration(annotations: ["v1.multus-cni.io/default-network": "n"])
      let result = try node.add(pod, configuration)
      #expect(result["routes"] == nil && result["ips"]?.array?.allSatisfy { $0["gateway"] == nil } == true, "\(result)")
      #expect(try !pod.namespace.routes("-4").contains { $0.hasPrefix("default") })
      expectSilentSuccess(try node.check(pod, result, configuration))
    }
  }
}
