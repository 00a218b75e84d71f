import JSON
import Testing

/// A pod gets an interface in every network that it selects, each in that network's routing instance, and none at all
/// where one of them cannot be had. The CNI result lists all interfaces and the addresses of the first one only, because
/// runtimes take every address for the pod's.
@Suite struct SeveralNetworksTests {
  @Test("38: a, b@x1, a: names in order, the result lists eth0's addresses only; DEL leaves nothing")
  func several() throws {
    try withNode { node in
      try node.apply(
        labNamespace, definition("a", ["ipamV4Subnet": "172.16.10.0/24"]),
        definition("b", ["ipamV6Subnet": "fd00:b::/64"]))
      try node.warmUp()
      let pod = try node.makePod()
      try expectUnchanged(node) {
        let configuration = node.configuration(networks: "a, b@x1 ,a")
        let result = try node.add(pod, configuration)
        let inside = result["interfaces"]?.array?.filter { $0["sandbox"] != nil }.compactMap { $0["name"]?.string }
        #expect(inside == ["eth0", "eth1", "x1", "eth2"])
        #expect(result["ips"]?.array?.compactMap { $0["address"]?.string } == result.addresses)
        #expect(result.addresses.count == 2 && result.addresses[0].hasPrefix("10.32."))
        #expect(try node.ping(from: pod.namespace, "172.16.10.1") && node.ping(from: pod.namespace, "fd00:b::1"))
        expectSilentSuccess(try node.check(pod, result, configuration))
        try node.delete(pod)
      }
    }
  }
}
