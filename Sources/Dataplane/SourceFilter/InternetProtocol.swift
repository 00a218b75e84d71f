internal import NetlinkNetfilter
internal import NetworkAddresses

// IPv4, and IPv6 with its extension headers.
//
// Extension headers, behind which another header could hide, are refused: ordinary senders use none of them but the
// fragment header, and hop-by-hop options before a multicast listener report.

extension SourceFilter {
  /// By the first header's protocol; others, as TCP, need no look inside.
  static var ipv6Headers: Branch {
    Branch(
      "ipv6-headers", .transportProtocol,
      [
        (.uint8(0), "port-mld"), (.uint8(17), "port-udp"), (.uint8(44), "port-ipv6-fragment"),
        (.uint8(58), "port-icmpv6"),
      ] + extensionHeaders.map { (.uint8($0), "port-ipv6-extension") })
  }

  /// By the protocol after a fragment header.
  static var ipv6FragmentHeaders: Branch {
    Branch(
      "ipv6-fragment-headers", .transportProtocol,
      [(.uint8(17), "port-udp"), (.uint8(58), "port-icmpv6-fragment")]
        + ([0, 44] + extensionHeaders).map { (.uint8($0), "port-ipv6-extension") })
  }

  /// Routing, authentication, destination options, mobility, host identity, shim6.
  package static let extensionHeaders: [UInt8] = [43, 51, 60, 135, 139, 140]

  static func internetChains(_ delivery: Delivery) -> [RuleChain] {
    let linkLocal = delivery != .flooded ? linkLocalRules : (ipv4: [], ipv6: [])
    return [
      RuleChain("port-ipv4", ipv4),
      RuleChain(
        "steer-ipv4", linkLocal.ipv4 + delivery.steering(.ipv4Destination, shared4, holder4, station4)),
      RuleChain("port-ipv6", [Rule(.ipv6NextHeader, in: ipv6Headers), Rule(.goto("port-ipv6-source"))]),
      RuleChain(
        "port-ipv6-source",
        [
          Rule([.inputInterface, .sourceMAC, .ipv6Source], in: bind6, goto: "steer-ipv6"),
          Rule([.inputInterface, .sourceMAC, .ipv6Source], in: pair6, goto: "steer-ipv6"),
          Rule([.inputInterface, .sourceMAC, .ipv6Source], in: aap6, goto: "steer-ipv6"),
          Rule(drop: "foreign IPv6 source"),
        ]),
      RuleChain(
        "steer-ipv6", linkLocal.ipv6 + delivery.steering(.ipv6Destination, shared6, holder6, station6)),
      RuleChain(
        "port-udp",
        [Rule(drop: "DHCPv6 server", .match(.sourcePort, is: 547)), Rule(.goto("port-ipv6-source"))]),
      RuleChain("port-ipv6-extension", [Rule(drop: "IPv6 extension header")]),
      RuleChain(
        "port-ipv6-fragment",
        [
          // What follows a first fragment has no header to look at, and is worth nothing without the first.
          Rule(.match(.ipv6FragmentOffset, mask: 0xfff8, isNot: 0), .goto("port-ipv6-source")),
          Rule(.ipv6FragmentNextHeader, in: ipv6FragmentHeaders),
          Rule(.goto("port-ipv6-source")),
        ]),
    ]
  }

  /// What goes to the gateway is for the node's own rules to judge: it may serve link-local addresses.
  private static var linkLocalRules: (ipv4: [Rule], ipv6: [Rule]) {
    (
      [
        Rule(
          drop: "link-local beyond the gateway", .match(.ipv4Destination, in: LinkLocal.ipv4),
          .match(.destinationMAC, isNot: .mac(NodeNames.gatewayMAC)))
      ],
      // Who asks for a neighbour with the address of another interface asks from its link-local one: it gets an answer.
      [
        Rule(
          drop: "link-local beyond the gateway", .match(.ipv6Destination, in: LinkLocal.ipv6),
          .match(.ipv6Destination, isNot: .ipv6(NodeNames.gatewayLinkLocal)), .match(.ipv6NextHeader, isNot: 58)),
        Rule(
          drop: "link-local beyond the gateway", .match(.ipv6Destination, in: LinkLocal.ipv6),
          .match(.ipv6Destination, isNot: .ipv6(NodeNames.gatewayLinkLocal)), .match(.icmpType, isNot: 136)),
      ]
    )
  }

  /// In later fragments there is data where ports and types are in the first.
  private static var ipv4: [Rule] {
    let isFirst = Statement.match(.ipv4FragmentOffset, mask: 0x1fff, is: 0)
    return [
      Rule(drop: "DHCP server", .match(.ipv4Protocol, is: 17), isFirst, .match(.sourcePort, is: 67)),
      Rule(drop: "ICMP redirect", .match(.ipv4Protocol, is: 1), isFirst, .match(.icmpType, is: 5)),
      Rule([.inputInterface, .sourceMAC, .ipv4Source], in: bind4, goto: "steer-ipv4"),
      Rule([.inputInterface, .sourceMAC, .ipv4Source], in: pair4, goto: "steer-ipv4"),
      Rule([.inputInterface, .sourceMAC, .ipv4Source], in: aap4, goto: "steer-ipv4"),
      Rule(drop: "foreign IPv4 source"),
    ]
  }
}

/// The link-local networks (RFC 3927, RFC 4291).
enum LinkLocal {
  static let ipv4 = IPPrefix(containing: .v4(IPv4Address(rawValue: 0xa9fe_0000)), length: 16)
  static let ipv6 = IPPrefix(containing: .v6(IPv6Address(rawValue: 0xfe80 << 112)), length: 10)
}
