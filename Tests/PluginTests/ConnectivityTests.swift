import JSON
import Testing

/// Packets go where the contract says, from the first moment after ADD.
@Suite struct ConnectivityTests {
  @Test("Pods, gateway and node reach each other over both families, directly after ADD")
  func reachability() throws {
    try withNode { node in
      let pods = [try node.makePod(), try node.makePod()]
      let results = try pods.map { try node.add($0) }
      for (pod, other) in [(pods[0], results[1]), (pods[1], results[0])] {
        for address in [other.ipv4, other.ipv6, "10.32.0.1", "fd00:10:32::1", "fe80::1%eth0"] {
          #expect(try node.ping(from: pod.namespace, address), "pod to \(address)")
        }
      }
      for result in results {
        #expect(try node.ping(from: node.namespace, result.ipv4), "node to pod")
        #expect(try node.ping(from: node.namespace, result.ipv6), "node to pod")
      }
    }
  }

  @Test("The first packet arrives: no address is tentative, in the pod or on the node")
  func noDuplicateDetection() throws {
    try withNode { node in
      let pod = try node.makePod()
      try node.add(pod)
      #expect(try pod.namespace.link("eth0")?.tentative == [])
      #expect(try node.namespace.link(Node.bridge)?.tentative == [])
    }
  }

  @Test("The pod's link-local address is made from its MAC, and nothing else is on eth0")
  func linkLocal() throws {
    try withNode { node in
      let pod = try node.makePod()
      let result = try node.add(pod)
      let link = try #require(try pod.namespace.link("eth0"))
      #expect(link.addresses.sorted() == (result.addresses + [eui64LinkLocal(link.mac) + "/64"]).sorted())
    }
  }

  @Test("Gateway: fixed MAC and both gateways and fe80::1 on the bridge; hairpin on the port; our names")
  func node() throws {
    try withNode { node in
      let pod = try node.makePod()
      try node.add(pod)
      let bridge = try #require(try node.namespace.link(Node.bridge))
      #expect(bridge.mac == "00:00:5e:00:01:00" && bridge.isUp)
      #expect(bridge.addresses.sorted() == ["10.32.0.1/12", "fd00:10:32::1/64", "fe80::1/64"])
      let name = try #require(try node.hostEnds().first)
      #expect(name.count == 14 && name.dropFirst(3).allSatisfy(\.isHexDigit))
      let port = try #require(try node.namespace.link(name))
      #expect(port.master == Node.bridge && port.isUp && port.addresses.isEmpty)
      #expect(port.value["ifalias"]?.string == "\(pod.container)/eth0/\(pod.uid)")
      #expect(port.value["linkinfo"]?["info_slave_data"]?["hairpin"] == true, "\(port.value)")
    }
  }

  @Test(
    "Two families or one",
    arguments: [["ipamV4Subnet": "10.32.0.0/12"], ["ipamV4Subnet": "", "ipamV6Subnet": "fd00:10:32::/64"]]
      as [JSONValue])
  func oneFamily(_ network: JSONValue) throws {
    try withNode { node in
      let configuration = node.configuration(contrail: "pod-network", network)
      let pods = [try node.makePod(), try node.makePod()]
      let results = try pods.map { try node.add($0, configuration) }
      #expect(results[0].addresses.count == 1)
      let address = String(results[1].addresses[0].prefix { $0 != "/" })
      #expect(try node.ping(from: pods[0].namespace, address))
      for (pod, result) in zip(pods, results) { expectSilentSuccess(try node.check(pod, result, configuration)) }
    }
  }

  @Test(
    "Large packets: an MTU of the configuration, and the node's own for 0",
    arguments: [(1400, 1400), (0, 1450), (9000, 9000)])
  func mtu(_ configured: Int64, _ expected: Int64) throws {
    try withNode { node in
      _ = try Outside(of: node, mtu: 1450)
      let configuration = node.configuration(contrail: "mtu", .integer(configured))
      let pods = [try node.makePod(), try node.makePod()]
      let results = try pods.map { try node.add($0, configuration) }
      #expect(try pods[0].namespace.link("eth0")?.mtu == expected && results[0].container?["mtu"] == .integer(expected))
      let size = "\(expected - 28)"
      try node.settle()
      let ping = ["ping", "-n", "-c", "1", "-W", "10", "-M", "do", "-s", size, results[1].ipv4]
      #expect(try Shell.attempt(ping, in: pods[0].namespace).succeeded)
    }
  }
}

/// `fe80::` with the modified EUI-64 of a MAC, as the kernel prints it (RFC 4291, appendix A).
func eui64LinkLocal(_ mac: String) -> String {
  let octets = mac.split(separator: ":").map { UInt16($0, radix: 16) ?? 0 }
  let groups = [
    (octets[0] ^ 2) << 8 | octets[1], octets[2] << 8 | 0xff, 0xfe00 | octets[3], octets[4] << 8 | octets[5],
  ]
  var text = groups.map { String($0, radix: 16) }
  // A MAC that begins with 02:00 leaves a leading zero group, which the :: swallows.
  if text.first == "0" { text.removeFirst() }
  return "fe80::" + text.joined(separator: ":")
}
