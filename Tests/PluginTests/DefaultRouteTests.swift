import JSON
import Testing

/// A pod has exactly one default route a family, where the selection wants it (40).
@Suite struct DefaultRouteTests {
  struct Claim: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let networks: String
    let routes: [String]
  }

  static let standard4 = "default via 10.32.0.1 dev eth0"
  static let standard6 = "default via fd00:10:32::1 dev eth0"

  static let claims: [Claim] = [
    .init(testDescription: "nobody claims", networks: "a,b,dual", routes: [standard4, standard6]),
    .init(
      testDescription: "an empty list means the network's gateways",
      networks: #"[{"name": "dual", "default-route": []}]"#,
      routes: ["default via 172.16.20.1 dev eth1", "default via fd00:20::1 dev eth1"]),
    .init(
      testDescription: "a network of one family leaves the other to eth0",
      networks: #"[{"name": "b"}, {"name": "a", "default-route": []}]"#,
      routes: ["default via 172.16.10.1 dev eth2", standard6]),
    .init(
      testDescription: "IPv4 claimed of a dual network leaves IPv6 to eth0",
      networks: #"[{"name": "dual", "default-route": ["172.16.20.1"]}]"#,
      routes: ["default via 172.16.20.1 dev eth1", standard6]),
    .init(
      testDescription: "IPv6 claimed of a dual network leaves IPv4 to eth0",
      networks: #"[{"name": "dual", "default-route": ["fd00:20::1"]}]"#,
      routes: [standard4, "default via fd00:20::1 dev eth1"]),
    .init(
      testDescription: "another router of the network",
      networks: #"[{"name": "dual", "default-route": ["172.16.20.99", "fd00:20::99"]}]"#,
      routes: ["default via 172.16.20.99 dev eth1", "default via fd00:20::99 dev eth1"]),
  ]

  @Test("40: exactly one default route a family, also in the result; CHECK agrees", arguments: claims)
  func one(_ claim: Claim) throws {
    try withLab(isWarm: false) { node in
      let pod = try node.makePod()
      let configuration = node.configuration(networks: claim.networks)
      let result = try node.add(pod, configuration)
      let found = try (pod.namespace.routes("-4") + pod.namespace.routes("-6")).filter { $0.hasPrefix("default") }
      #expect(found == claim.routes)
      let gateways = result["routes"]?.array?.compactMap { $0["gw"]?.string } ?? []
      #expect(Set(gateways) == Set(claim.routes.map { String($0.split(separator: " ")[2]) }))
      expectSilentSuccess(try node.check(pod, result, configuration))
      // A default route that is gone is missed, whichever router it led to.
      try Shell.run(["ip", "route", "del", "default"], in: pod.namespace)
      expectError(102, naming: ["default"], try node.check(pod, result, configuration))
      try node.delete(pod)
    }
  }
}
