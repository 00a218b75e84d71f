import Glibc
import JSON
import Testing

/// The world beyond the node: source translation, what may not come in, the node's own routes.
@Suite struct OutsideTests {
  /// The outside has no route to the pods: an answer means that it saw the node's address.
  @Test("fabricSNAT: pods reach the outside with the node's address, others do not", arguments: [true, false])
  func sourceTranslation(_ enabled: Bool) throws {
    try withNode { node in
      _ = try Outside(of: node)
      let pod = try node.makePod()
      let configuration = node.configuration(contrail: "pod-network.fabricSNAT", .bool(enabled))
      try node.add(pod, configuration)
      for address in [Outside.ipv4, Outside.ipv6] {
        #expect(try node.ping(from: pod.namespace, address, seconds: enabled ? 10 : 2) == enabled, "\(address)")
      }
    }
  }

  @Test("fabricSNAT leaves traffic between pods and to the gateway alone")
  func noTranslationInside() throws {
    try withNode { node in
      let pods = [try node.makePod(), try node.makePod()]
      let configuration = node.configuration(contrail: "pod-network.fabricSNAT", true)
      let results = try pods.map { try node.add($0, configuration) }
      let receiver = try PacketSocket("eth0", in: pods[1].namespace)
      try node.settle()
      let sender = try DatagramSocket(in: pods[0].namespace, family: .v4)
      try sender.send("who am I", to: results[1].ipv4, port: 4000)
      let source = results[0].ipv4.split(separator: ".").compactMap { UInt8($0) }
      let marker = Array("who am I".utf8)
      #expect(receiver.count([marker, source], until: marker)[1] > 0, "the source is still the pod's")
    }
  }

  /// The outside routes to the pods here, so that only the node's own rules can keep it out.
  @Test("With fabricSNAT nothing that the outside initiates arrives in a pod", arguments: [false, true])
  func nothingComesIn(_ overIPv6: Bool) throws {
    try withNode { node in
      let outside = try Outside(of: node)
      try outside.addRoutesToPods()
      let pod = try node.makePod()
      let configuration = node.configuration(contrail: "pod-network.fabricSNAT", true)
      let result = try node.add(pod, configuration)
      let address = overIPv6 ? result.ipv6 : result.ipv4
      let receiver = try PacketSocket("eth0", in: pod.namespace)
      try node.settle()
      let family: DatagramSocket.Family = overIPv6 ? .v6 : .v4
      try DatagramSocket(in: outside.namespace, family: family).send("from outside", to: address, port: 4000)
      usleep(50_000)
      try DatagramSocket(in: node.namespace, family: family).send("from the node", to: address, port: 4000)
      let counts = receiver.count(
        [Array("from outside".utf8), Array("from the node".utf8)], until: Array("from the node".utf8))
      #expect(counts == [0, 1])
    }
  }

  @Test("Both families are forwarded after ADD, also where forwarding was off")
  func forwarding() throws {
    try withNode { node in
      try Shell.run(
        ["sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding"],
        in: node.namespace)
      try node.add(node.makePod())
      let values = try Shell.run(
        ["cat", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"], in: node.namespace)
      #expect(values.lines == ["1", "1"])
    }
  }

  /// A forwarding node ignores router advertisements, unless the interface says otherwise beforehand.
  @Test("A node that learnt its default route from router advertisements keeps it and goes on learning")
  func routerAdvertisements() throws {
    try withNode { node in
      let outside = try Outside(of: node)
      try Shell.run(
        [
          "sh", "-c",
          "ip -6 route del default; echo 0 > /proc/sys/net/ipv6/conf/all/forwarding; echo 1 > /proc/sys/net/ipv6/conf/up0/accept_ra",
        ], in: node.namespace)
      try advertise(from: outside, lifetime: 1800)
      #expect(try learns(1, node), "the advertisement works")
      let pod = try node.makePod()
      try node.add(pod)
      #expect(try keeps(1, node), "the route survived ADD")
      try advertise(from: outside, lifetime: 0)
      #expect(try learns(0, node), "later advertisements count: this one withdraws it")
      try advertise(from: outside, lifetime: 1800)
      #expect(try learns(1, node))
      try node.delete(pod)
      #expect(try keeps(1, node), "the route survived DEL")
    }
  }

  private func learns(_ count: Int, _ node: Node) throws -> Bool {
    try Monotonic.wait { try learntRoutes(node) == count }
  }

  /// Whether there are as many a moment later.
  private func keeps(_ count: Int, _ node: Node) throws -> Bool {
    usleep(50_000)
    return try learntRoutes(node) == count
  }

  private func learntRoutes(_ node: Node) throws -> Int {
    try Shell.run(["ip", "-6", "route", "show", "default", "proto", "ra"], in: node.namespace).lines.count
  }

  private func advertise(from outside: Outside, lifetime: UInt16) throws {
    let router: [UInt8] = [0xfe, 0x80] + [UInt8](repeating: 0, count: 13) + [0x99]
    let allNodes: [UInt8] = [0xff, 0x02] + [UInt8](repeating: 0, count: 13) + [1]
    let body: [UInt8] = [64, 0] + lifetime.bigEndianBytes + [UInt8](repeating: 0, count: 8)
    try PacketSocket("out0", in: outside.namespace).send(
      Frame(
        destination: [0x33, 0x33, 0, 0, 0, 1], source: [0x02, 0, 0, 0, 0, 0x99], etherType: Packet.ipv6,
        payload: Packet.icmp6(134, from: router, to: allNodes, body: body)))
  }
}
