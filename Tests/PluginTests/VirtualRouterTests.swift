import Glibc
import JSON
import Testing

/// Two pods that run a real keepalived share an address that is an allowed address pair of both. Whoever is master has
/// it: a third pod of the network, the network's gateway and a pod of another network reach it there. When the master
/// stops, is killed or is cut off, the other one has it a moment later, for all of them.
@Suite struct VirtualRouterTests {
  struct Case: CustomStringConvertible, Sendable {
    let address: String
    let usesRouterMAC: Bool
    var description: String { "\(address)\(usesRouterMAC ? " with use_vmac" : "")" }
    var mac: String { address.contains(":") ? "00:00:5e:00:02:33" : "00:00:5e:00:01:33" }

    /// The pair as the pod's annotation has it.
    var networks: String {
      let mac = usesRouterMAC ? #", "mac": "\#(mac)""# : ""
      return
        #"[{"name":"a","cni-args":{"net.juniper.contrail.allowedAddressPairs":[{"ip":"\#(address)"\#(mac)}]}}]"#
    }
  }

  static let cases = ["172.16.10.100", "192.168.99.1", "fd00:a::100", "fd00:99::1"].flatMap { address in
    [false, true].map { Case(address: address, usesRouterMAC: $0) }
  }

  /// A node with networks `a` and `b`, which reach each other.
  static func withNetworks(_ body: (Node) throws -> Void) throws {
    try withNode { node in
      try node.apply(
        labNamespace,
        definition(
          "a",
          [
            "ipamV4Subnet": "172.16.10.0/24", "ipamV6Subnet": "fd00:a::/64", "routeTargetList": ["target:23:1"],
          ]),
        definition(
          "b",
          [
            "ipamV4Subnet": "172.16.20.0/24", "ipamV6Subnet": "fd00:b::/64", "routeTargetList": ["target:23:1"],
          ]))
      try body(node)
    }
  }

  static func add(_ node: Node, _ networks: String) throws -> Pod {
    let pod = try node.makePod()
    try node.add(pod, node.configuration(networks: networks))
    return pod
  }

  @Test("A virtual address is where its master is", arguments: cases)
  func failover(_ one: Case) throws {
    try Self.withNetworks { node in
      let clients = [("pod", try Self.add(node, "a").namespace), ("network", try Self.add(node, "b").namespace)]
      let routers = try (0..<2).map { _ in try Self.add(node, one.networks) }
      let places = clients + [("gateway", node.instance("lab.a"))]
      let daemons = try zip(routers, [200, 100]).map { pod, priority in
        try Keepalived(
          in: pod, of: node, priority: priority, addresses: [one.address], usesRouterMAC: one.usesRouterMAC)
      }
      func expectReached(_ comment: String) throws {
        for (name, place) in places {
          #expect(
            try Prober(namespace: place).reaches(one.address), "\(one), \(comment): the \(name) does not reach it")
        }
      }
      func expectMoves(to master: Int, _ comment: String, _ body: () throws -> Void) throws {
        let seconds = try Prober(namespace: places[0].1).outage(one.address, while: body).seconds
        // How long it takes says more about the machine than about the program: it is shown, and not judged.
        print("outage of \(one) after \(comment): \(seconds.map { "\(Int($0 * 1000)) ms" } ?? "no end")")
        try expectReached(comment)
        try expectHeld(by: master, comment)
      }
      // The daemon that starts first may be the master until the other is heard.
      func expectHeld(by master: Int, _ comment: String) throws {
        #expect(try Monotonic.wait { try daemons[master].holds(one.address) }, "\(one), \(comment)")
      }
      try expectHeld(by: 0, "from the start")
      try expectReached("from the start")
      try expectMoves(to: 1, "a stop") { daemons[0].stop(SIGTERM) }
      try expectMoves(to: 0, "a return") { try daemons[0].start() }
      try expectMoves(to: 1, "cutting off") {
        try Shell.run(["ip", "link", "set", "eth1", "down"], in: routers[0].namespace)
      }
      try Shell.run(["ip", "link", "set", "eth1", "up"], in: routers[0].namespace)
      Monotonic.sleep(3)
      try expectMoves(to: 1, "a kill") { daemons[0].stop(SIGKILL) }
    }
  }

  /// Nothing of this works without the pair: the pod cannot make anybody believe that it has the address.
  @Test("Without the pair a virtual address does not work", arguments: cases)
  func withoutPair(_ one: Case) throws {
    try Self.withNetworks { node in
      let client = try Self.add(node, "a")
      let router = try Self.add(node, "a")
      let daemon = try Keepalived(
        in: router, of: node, priority: 200, addresses: [one.address], usesRouterMAC: one.usesRouterMAC)
      #expect(try Monotonic.wait { try daemon.holds(one.address) }, "\(one)")
      // It announces the address again a second later.
      Monotonic.sleep(2)
      for place in [client.namespace, node.instance("lab.a")] {
        #expect(try !Prober(namespace: place).answers(one.address, within: 0.5), "\(one)")
      }
    }
  }
}
