import Testing

/// What a pod may not send never reaches another pod, and its legal sibling does: the exact source filter.
@Suite struct SourceFilterTests {
  typealias Forbidden = ForbiddenFrame
  static let stranger: [UInt8] = [0x02, 0xde, 0xad, 0xbe, 0xef, 0x01]

  static let frames: [Forbidden] = [
    // Layer 2.
    .init("VLAN-tagged") { Forbidden.datagram($0, $1, $2).tagged(vlan: 7) },
    .init("VLAN 0 (priority-tagged)") { Forbidden.datagram($0, $1, $2).tagged(vlan: 0) },
    .init("an unknown ethertype") { Forbidden.frame($0, $1, 0x88b5, $2) },
    .init("802.1ad") { Forbidden.frame($0, $1, 0x88a8, [0, 7, 8, 0] + $2) },
    .init("PPPoE") { Forbidden.frame($0, $1, 0x8863, $2) },
    .init("an LLC frame") { Forbidden.frame($0, $1, 60, [0xaa, 0xaa, 3] + $2) },
    .init("another source MAC") { a, b, marker in
      var frame = Forbidden.datagram(a, b, marker)
      frame.source = stranger
      return frame
    },
    .init("the gateway's source MAC") { a, b, marker in
      var frame = Forbidden.datagram(a, b, marker)
      frame.source = Endpoint.gatewayMAC
      return frame
    },
    .init("another's identity altogether") { a, b, marker in
      var frame = Forbidden.frame(a, b, Packet.ipv4, [])
      frame.source = stranger
      frame.payload = Packet.ipv4(from: octets("10.32.9.9"), to: b.ipv4, Packet.udp(marker))
      return frame
    },
    // Addresses.
    .init("a free IPv4 source") {
      Forbidden.frame($0, $1, Packet.ipv4, Packet.ipv4(from: octets("10.32.9.9"), to: $1.ipv4, Packet.udp($2)))
    },
    .init("the gateway's IPv4 source") {
      Forbidden.frame($0, $1, Packet.ipv4, Packet.ipv4(from: Endpoint.gatewayIPv4, to: $1.ipv4, Packet.udp($2)))
    },
    .init(
      "a free IPv6 source",
      { Forbidden.frame($0, $1, Packet.ipv6, Packet.udp6(from: octets("fd00:10:32::999"), to: $1.ipv6, $2)) },
      control: Forbidden.datagram6),
    .init(
      "the gateway's IPv6 source",
      { Forbidden.frame($0, $1, Packet.ipv6, Packet.udp6(from: Endpoint.gatewayIPv6, to: $1.ipv6, $2)) },
      control: Forbidden.datagram6),
    .init("a link-local IPv4 destination") {
      Forbidden.frame($0, $1, Packet.ipv4, Packet.ipv4(from: $0.ipv4, to: octets("169.254.1.1"), Packet.udp($2)))
    },
    .init(
      "another pod's link-local IPv6 destination",
      { Forbidden.frame($0, $1, Packet.ipv6, Packet.udp6(from: $0.linkLocal, to: $1.linkLocal, $2)) },
      control: Forbidden.datagram6),
    // ARP.
    .init(
      "an ARP reply for the gateway", { Forbidden.arp(2, $0, $1, sender: $0.mac, Endpoint.gatewayIPv4, $2) },
      control: Forbidden.arpReply),
    .init(
      "an ARP request with another's address", { Forbidden.arp(1, $0, $1, sender: $0.mac, octets("10.32.9.9"), $2) },
      control: Forbidden.arpReply),
    .init(
      "an ARP reply with another's MAC inside", { Forbidden.arp(2, $0, $1, sender: stranger, $0.ipv4, $2) },
      control: Forbidden.arpReply),
    // Neighbour discovery.
    .init(
      "an advertisement for the gateway",
      { Forbidden.advertisement($0, $1, target: Endpoint.gatewayIPv6, linkLayer: $0.mac, $2) },
      control: Forbidden.advertisement),
    .init(
      "an advertisement for the gateway's link-local address",
      { Forbidden.advertisement($0, $1, target: octets("fe80::1"), linkLayer: $0.mac, $2) },
      control: Forbidden.advertisement),
    .init(
      "an advertisement of another's MAC",
      { Forbidden.advertisement($0, $1, target: $0.ipv6, linkLayer: stranger, $2) }, control: Forbidden.advertisement),
    .init(
      "a solicitation from another's address",
      { Forbidden.solicitation($0, $1, from: Endpoint.gatewayIPv6, linkLayer: $0.mac, $2) },
      control: Forbidden.solicitation),
    .init(
      "a solicitation with another's MAC inside",
      { Forbidden.solicitation($0, $1, from: $0.ipv6, linkLayer: stranger, $2) }, control: Forbidden.solicitation),
    .init(
      "a router advertisement",
      { Forbidden.frame($0, $1, Packet.ipv6, Forbidden.routerAdvertisement($0, $1, from: $0.linkLocal, $2)) },
      control: Forbidden.solicitation),
    .init(
      "a router advertisement behind a hop-by-hop header",
      { a, b, marker in
        var packet = Forbidden.routerAdvertisement(a, b, from: a.linkLocal, marker)
        packet.insert(contentsOf: [58, 0, 1, 4, 0, 0, 0, 0], at: 40)
        packet[6] = 0
        packet.replaceSubrange(4..<6, with: UInt16(packet.count - 40).bigEndianBytes)
        return Forbidden.frame(a, b, Packet.ipv6, packet)
      }, control: Forbidden.solicitation),
    .init(
      "a redirect",
      { a, b, marker in
        let body = [0, 0, 0, 0] + a.ipv6 + octets("2001:db8::1") + Forbidden.option(marker)
        return Forbidden.frame(a, b, Packet.ipv6, Packet.icmp6(137, from: a.linkLocal, to: b.ipv6, body: body))
      }, control: Forbidden.solicitation),
    .init("an ICMP redirect") {
      let message: [UInt8] = [5, 1, 0, 0] + $0.ipv4 + $2
      return Forbidden.frame($0, $1, Packet.ipv4, Packet.ipv4(from: $0.ipv4, to: $1.ipv4, protocol: 1, message))
    },
    // Servers of addresses.
    .init("a DHCP server's reply") {
      Forbidden.frame($0, $1, Packet.ipv4, Packet.ipv4(from: $0.ipv4, to: $1.ipv4, Packet.udp(from: 67, to: 68, $2)))
    },
    .init(
      "a DHCPv6 server's reply",
      { Forbidden.frame($0, $1, Packet.ipv6, Packet.udp6(from: $0.ipv6, sourcePort: 547, to: $1.ipv6, port: 546, $2)) },
      control: Forbidden.datagram6),
    // Reserved multicast, forwarded by a bridge without spanning tree.
    .init("a spanning-tree frame") { a, b, marker in
      Frame(destination: [1, 0x80, 0xc2, 0, 0, 0], source: a.mac, etherType: 60, payload: [0x42, 0x42, 3] + marker)
    },
  ]

  @Test("A pod may not send", arguments: frames)
  func mayNotSend(_ frame: Forbidden) throws {
    try withNode { node in
      let pods = [try node.makePod(), try node.makePod()]
      let ends = try pods.map { try Endpoint(node.add($0)) }
      let sender = try PacketSocket("eth0", in: pods[0].namespace)
      let receiver = try PacketSocket("eth0", in: pods[1].namespace)
      try node.settle()
      let markers = Forbidden.markers
      try sender.send(frame.forbidden(ends[0], ends[1], markers[0]))
      try sender.send(frame.control(ends[0], ends[1], markers[1]))
      #expect(receiver.count(markers, until: markers[1]) == [0, 1])
    }
  }

  @Test("The bridge learns nothing from reserved multicast", arguments: [0x00, 0x02, 0x0e, 0x03] as [UInt8])
  func reservedMulticast(_ last: UInt8) throws {
    try withNode { node in
      let pods = [try node.makePod(), try node.makePod()]
      let ends = try pods.map { try Endpoint(node.add($0)) }
      let sender = try PacketSocket("eth0", in: pods[0].namespace)
      let receiver = try PacketSocket("eth0", in: pods[1].namespace)
      try node.settle()
      let markers = Forbidden.markers
      let before = try Shell.run(["bridge", "fdb", "show"], in: node.namespace)
      try sender.send(
        Frame(destination: [1, 0x80, 0xc2, 0, 0, last], source: Self.stranger, etherType: 0x88cc, payload: markers[0]))
      try sender.send(Forbidden.datagram(ends[0], ends[1], markers[1]))
      #expect(receiver.count(markers, until: markers[1]) == [0, 1])
      #expect(try Shell.run(["bridge", "fdb", "show"], in: node.namespace) == before)
    }
  }
}
