internal import NetlinkNetfilter

// ICMPv6 (RFC 4443) and multicast listener discovery (RFC 2710, 3810).

extension SourceFilter {
  /// Errors and echo, neighbour discovery. Listener reports come with a hop-by-hop header; routers are not found by
  /// asking, and pods are none.
  static var icmpv6Types: Branch {
    Branch(
      "icmpv6-types", .icmpv6Type,
      [1, 2, 3, 4, 128, 129].map { (.uint8($0), "port-ipv6-source") }
        + [(.uint8(135), "port-ns"), (.uint8(136), "port-na")])
  }

  static var icmpv6Chains: [RuleChain] {
    [
      RuleChain(
        "port-icmpv6",
        [
          Rule(.icmpType, in: icmpv6Types),
          Rule(drop: "router discovery, redirect or unknown ICMPv6"),
        ]),
      RuleChain(
        "port-icmpv6-fragment",
        [Rule(.match(.icmpType, in: 128...129), .goto("port-ipv6-source")), Rule(drop: "fragmented ICMPv6")]),
      RuleChain("port-mld", multicastListener),
    ]
  }

  /// Reports, and queries, behind one hop-by-hop header of eight bytes, from an own address; before there is one
  /// (RFC 3590), reports from none.
  private static var multicastListener: [Rule] {
    let type = Field.payload(.network, offset: 48, length: 1)
    let fromNone = Statement.match(.ipv6Source, is: 0)
    return [
      Rule(drop: "hop-by-hop header", .match(.payload(.network, offset: 40, length: 2), isNot: 0x3a00)),
      Rule(fromNone, .match(type, in: 131...132), .accept),
      Rule(fromNone, .match(type, is: 143), .accept),
      Rule(.match(type, in: 130...132), .goto("port-ipv6-source")),
      Rule(.match(type, is: 143), .goto("port-ipv6-source")),
      Rule(drop: "hop-by-hop header"),
    ]
  }
}
