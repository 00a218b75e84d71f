import JSON
import Testing

/// No network reaches another, the node or the default pod network, in either direction, by any protocol; checked by
/// capture at the receiver. Two networks with the same subnet, addresses and MACs work side by side.
@Suite struct IsolationTests {
  static let markers: [[UInt8]] = [[0x1e, 0xfa, 0xde, 0x01], [0x1e, 0xfa, 0xde, 0x02]]

  struct Probe: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let frame: @Sendable (_ a: Endpoint, _ b: Endpoint, _ marker: [UInt8]) -> Frame
  }

  static let broadcast: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]

  static let probes: [Probe] = [
    .init(testDescription: "UDP over IPv4") { ForbiddenFrame.datagram($0, $1, $2) },
    .init(testDescription: "UDP over IPv6") { ForbiddenFrame.datagram6($0, $1, $2) },
    .init(testDescription: "TCP over IPv4") {
      // A SYN with the marker behind its header.
      let segment: [UInt8] = [0x0f, 0xa0, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0, 0, 0, 0] + $2
      return ForbiddenFrame.frame($0, $1, Packet.ipv4, Packet.ipv4(from: $0.ipv4, to: $1.ipv4, protocol: 6, segment))
    },
    .init(testDescription: "ICMP echo") {
      let message: [UInt8] = [8, 0, 0, 0, 0, 1, 0, 1] + $2
      return ForbiddenFrame.frame($0, $1, Packet.ipv4, Packet.ipv4(from: $0.ipv4, to: $1.ipv4, protocol: 1, message))
    },
    .init(testDescription: "ICMPv6 echo") {
      ForbiddenFrame.frame($0, $1, Packet.ipv6, Packet.icmp6(128, from: $0.ipv6, to: $1.ipv6, body: [0, 1, 0, 1] + $2))
    },
    .init(testDescription: "ARP request by broadcast") {
      var frame = ForbiddenFrame.arp(1, $0, $1, sender: $0.mac, $0.ipv4, $2)
      frame.destination = broadcast
      return frame
    },
    .init(testDescription: "neighbour solicitation by multicast") {
      let group = octets("ff02::1:ff00:0").prefix(13) + $1.ipv6.suffix(3)
      let body = $2 + $1.ipv6 + [1, 1] + $0.mac
      return Frame(
        destination: [0x33, 0x33, 0xff] + $1.ipv6.suffix(3), source: $0.mac, etherType: Packet.ipv6,
        payload: Packet.icmp6(135, from: $0.ipv6, to: Array(group), body: body))
    },
    .init(testDescription: "IPv4 broadcast") {
      Frame(
        destination: broadcast, source: $0.mac, etherType: Packet.ipv4,
        payload: Packet.ipv4(from: $0.ipv4, to: [255, 255, 255, 255], Packet.udp($2)))
    },
    .init(testDescription: "IPv4 multicast") {
      Frame(
        destination: [1, 0, 0x5e, 1, 2, 3], source: $0.mac, etherType: Packet.ipv4,
        payload: Packet.ipv4(from: $0.ipv4, to: [239, 1, 2, 3], Packet.udp($2)))
    },
    .init(testDescription: "IPv6 multicast") {
      Frame(
        destination: [0x33, 0x33, 0, 1, 2, 3], source: $0.mac, etherType: Packet.ipv6,
        payload: Packet.udp6(from: $0.ipv6, to: octets("ff05::1:2:3"), $2))
    },
  ]

  /// Pods of `red` and `blue`, which have one subnet: the first pods have the same addresses and MACs.
  private func withTwins(_ body: (Node, [[Pod]], [[Endpoint]]) throws -> Void) throws {
    try withNode { node in
      let subnets: JSONValue = ["ipamV4Subnet": "10.77.0.0/24", "ipamV6Subnet": "fd00:77::/64"]
      try node.apply(labNamespace, definition("red", subnets), definition("blue", subnets))
      var pods: [[Pod]] = [[], []]
      var ends: [[Endpoint]] = [[], []]
      for (side, network) in ["red", "blue"].enumerated() {
        for number in 1...2 {
          let pod = try node.makePod()
          let networks = #"[{"name": "\#(network)", "mac": "02:77:00:00:00:0\#(number)"}]"#
          let result = try node.add(pod, node.configuration(networks: networks))
          pods[side].append(pod)
          ends[side].append(
            try Endpoint(try #require(result.status("eth1"))["ips"]!.strings, mac: "02:77:00:00:00:0\(number)"))
        }
      }
      try node.settle()
      try body(node, pods, ends)
    }
  }

  /// Where frames could come out: the twins, the node's links, the default network's pods.
  private func expectIsolated(
    _ frame: (_ marker: [UInt8]) -> Frame, from sender: PacketSocket, to friend: PacketSocket,
    notTo others: [PacketSocket]
  ) throws {
    try sender.send(frame(Self.markers[0]))
    #expect(friend.count([Self.markers[0]], until: Self.markers[0]) == [1], "the positive control")
    for (index, other) in others.enumerated() {
      #expect(other.count([Self.markers[0]], until: Self.markers[0], deadline: 0.05) == [0], "receiver \(index)")
    }
  }

  @Test("Twins with the same addresses and MACs: a frame reaches its own network only, both ways", arguments: probes)
  func twins(_ probe: Probe) throws {
    try withTwins { node, pods, ends in
      #expect(ends[0][0].ipv4 == ends[1][0].ipv4 && ends[0][0].mac == ends[1][0].mac)
      for (side, other) in [(0, 1), (1, 0)] {
        let outside =
          try pods[other].map { try PacketSocket("eth1", in: $0.namespace) }
          + pods.joined().map { try PacketSocket("eth0", in: $0.namespace) }
          + [try PacketSocket(Node.bridge, in: node.namespace), try PacketSocket("lo", in: node.namespace)]
          + node.hostEnds().map { try PacketSocket($0, in: node.namespace) }
        try expectIsolated(
          { probe.frame(ends[side][0], ends[side][1], $0) },
          from: try PacketSocket("eth1", in: pods[side][0].namespace),
          to: try PacketSocket("eth1", in: pods[side][1].namespace), notTo: outside)
      }
    }
  }

  /// What is addressed beyond the network goes to the gateway, and no further.
  @Test("Node, default pods and user networks do not reach each other through a gateway", arguments: [4, 6])
  func routed(_ family: Int) throws {
    try withTwins { node, pods, ends in
      let plain = try node.makePod()
      let plainEnd = try Endpoint(node.add(plain))
      let sockets = [try PacketSocket("eth0", in: plain.namespace), try PacketSocket(Node.bridge, in: node.namespace)]
      let red = try PacketSocket("eth1", in: pods[0][0].namespace)
      let blue = try PacketSocket("eth1", in: pods[1][0].namespace)
      func datagram(_ from: Endpoint, _ to: Endpoint, _ marker: [UInt8]) -> Frame {
        let packet =
          family == 4
          ? Packet.ipv4(from: from.ipv4, to: to.ipv4, Packet.udp(marker))
          : Packet.udp6(from: from.ipv6, to: to.ipv6, marker)
        return Frame(
          destination: Endpoint.gatewayMAC, source: from.mac, etherType: family == 4 ? Packet.ipv4 : Packet.ipv6,
          payload: packet)
      }
      // From red to the default network, by red's gateway; and from the default network to red, by the node.
      try red.send(datagram(ends[0][0], plainEnd, Self.markers[0]))
      for socket in sockets + [blue] {
        #expect(socket.count([Self.markers[0]], until: Self.markers[0], deadline: 0.1) == [0])
      }
      try sockets[0].send(datagram(plainEnd, ends[0][0], Self.markers[1]))
      for socket in [red, blue] {
        #expect(socket.count([Self.markers[1]], until: Self.markers[1], deadline: 0.1) == [0])
      }
      // The node has no way there, and neither have its pods; it has one to eth0.
      let address = family == 4 ? "10.77.0.2" : "fd00:77::2"
      #expect(try !node.ping(from: node.namespace, address, seconds: 2))
      #expect(try !node.ping(from: plain.namespace, address, seconds: 2))
      let main = try #require(try pods[0][0].namespace.link("eth0")).addresses
      let mine = try #require(main.first { $0.contains(family == 4 ? "10.32." : "fd00:10:32::") })
      #expect(try node.ping(from: node.namespace, String(mine.prefix { $0 != "/" })))
    }
  }

  /// The capture would see it: with the two bridges joined by hand the same frame comes out on the other side. It is a
  /// broadcast, because each of the twins' MACs is then on both sides.
  @Test("With the isolation broken by hand the capture sees the frame")
  func broken() throws {
    let probe = try #require(Self.probes.first { $0.testDescription == "IPv4 broadcast" })
    try withTwins { node, pods, ends in
      try Shell.run(["ip", "link", "add", "leak0", "type", "veth", "peer", "name", "leak1"], in: node.namespace)
      let instances = ["red", "blue"].map { node.instance("lab.\($0)") }
      for (index, instance) in instances.enumerated() {
        try Shell.run(["ip", "link", "set", "leak\(index)", "netns", instance.path], in: node.namespace)
        try Shell.run(["ip", "link", "set", "leak\(index)", "up", "master", Node.bridge], in: instance)
      }
      for instance in instances { try instance.settle() }
      let sender = try PacketSocket("eth1", in: pods[0][0].namespace)
      let victim = try PacketSocket("eth1", in: pods[1][1].namespace)
      try sender.send(probe.frame(ends[0][0], ends[0][1], Self.markers[0]))
      #expect(victim.count([Self.markers[0]], until: Self.markers[0]) == [1])
    }
  }

  /// Pods of a user network share a segment, link-local addresses included.
  static let forbidden = SourceFilterTests.frames.filter { !$0.testDescription.contains("link-local IPv") }

  @Test("The source filter is in every instance: what a pod may not send on eth1", arguments: forbidden)
  func filtered(_ frame: ForbiddenFrame) throws {
    try withTwins { node, pods, ends in
      let sender = try PacketSocket("eth1", in: pods[0][0].namespace)
      let receiver = try PacketSocket("eth1", in: pods[0][1].namespace)
      try sender.send(frame.forbidden(ends[0][0], ends[0][1], Self.markers[0]))
      try sender.send(frame.control(ends[0][0], ends[0][1], Self.markers[1]))
      #expect(receiver.count(Self.markers, until: Self.markers[1]) == [0, 1])
    }
  }
}
