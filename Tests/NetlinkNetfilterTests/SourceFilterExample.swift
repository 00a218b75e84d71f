import NetlinkNetfilter
import NetworkAddresses

/// What ports with names `vmi…` may send into a bridge: frames from their own addresses, and nothing that speaks for
/// others.
///
/// Rules accept what is legal, and the rest is dropped and counted by reason. Fields are only looked into where the
/// headers before them were checked, so that no option and no extension header can shift them.
enum SourceFilter {
  static let table = Table(.bridge, "contrail")
  static let portPrefix = "vmi"

  // MARK: Bindings, one element per address

  /// The MACs of a port.
  static let l2 = NamedSet("l2", key: [.interfaceName, .etherAddress])
  /// The IPv4 addresses of a port's MAC.
  static let bind4 = NamedSet("bind4", key: [.interfaceName, .etherAddress, .ipv4Address])
  /// The IPv6 addresses of a port's MAC, its link-local one included.
  static let bind6 = NamedSet("bind6", key: [.interfaceName, .etherAddress, .ipv6Address])
  /// The IPv4 prefixes of a port's MAC (allowed address pairs).
  static let aap4 = NamedSet("aap4", key: [.interfaceName, .etherAddress, .ipv4Address], flags: .interval)
  /// The IPv6 prefixes of a port's MAC (allowed address pairs).
  static let aap6 = NamedSet("aap6", key: [.interfaceName, .etherAddress, .ipv6Address], flags: .interval)

  // MARK: Branches

  static let etherTypes = NamedSet("ethertypes", key: [.etherType], content: .verdict)
  static let ipv6Headers = NamedSet("ipv6-headers", key: [.transportProtocol], content: .verdict)
  static let ipv6FragmentHeaders = NamedSet("ipv6-fragment-headers", key: [.transportProtocol], content: .verdict)
  static let icmpv6Types = NamedSet("icmpv6-types", key: [.icmpv6Type], content: .verdict)

  /// Adds everything but the bindings.
  static func install(
    _ transaction: inout Transaction, _ chains: [(Chain, [Rule])] = chains,
    _ branches: [(NamedSet, [(KeyField, Verdict)])] = branches
  ) {
    transaction.add(table)
    for set in [l2, bind4, bind6, aap4, aap6] + branches.map(\.0) { transaction.add(set, to: table) }
    for (chain, _) in chains { transaction.add(chain, to: table) }
    for (chain, rules) in chains {
      for rule in rules { transaction.add(rule: rule.statements, comment: rule.comment, to: chain.name, in: table) }
    }
    for (set, branches) in branches {
      let elements = branches.map { SetElement(SetKey($0.0), .verdict($0.1)) }
      transaction.add(elements, to: set, in: table)
    }
  }

  struct Rule {
    let statements: [Statement]
    let comment: String?

    init(_ statements: Statement...) {
      self.statements = statements
      comment = nil
    }

    init(drop comment: String, _ conditions: Statement...) {
      statements = conditions + [.counter, .drop]
      self.comment = comment
    }
  }

  static let branches: [(NamedSet, [(KeyField, Verdict)])] = [
    (
      etherTypes,
      [
        (.uint16(0x0800), .goto("port-ipv4")), (.uint16(0x0806), .goto("port-arp")),
        (.uint16(0x86dd), .goto("port-ipv6")),
      ]
    ),
    (
      ipv6Headers,
      [
        (.uint8(0), .goto("port-mld")), (.uint8(17), .goto("port-udp")), (.uint8(44), .goto("port-ipv6-fragment")),
        (.uint8(58), .goto("port-icmpv6")),
      ] + extensionHeaders.map { (.uint8($0), .goto("port-ipv6-extension")) }
    ),
    (
      ipv6FragmentHeaders,
      [(.uint8(17), .goto("port-udp")), (.uint8(58), .goto("port-icmpv6-fragment"))]
        + ([0, 44] + extensionHeaders).map { (.uint8($0), .goto("port-ipv6-extension")) }
    ),
    (
      icmpv6Types,
      // Errors and echo. Listener reports come with a hop-by-hop header.
      [1, 2, 3, 4, 128, 129].map { (.uint8($0), .goto("port-ipv6-source")) }
        + [(.uint8(135), .goto("port-ns")), (.uint8(136), .goto("port-na"))]
    ),
  ]

  /// Routing, authentication, destination options, mobility, host identity, shim6: headers behind which another one
  /// could hide.
  static let extensionHeaders: [UInt8] = [43, 51, 60, 135, 139, 140]

  static let chains: [(Chain, [Rule])] = [
    (
      Chain("prerouting", type: .filter, hook: .prerouting, priority: -200, policy: .accept),
      [Rule(.inputInterface(prefix: portPrefix), .goto("port"))]
    ),
    (
      // Frames to 01:80:c2:00:00:00…0f pass prerouting by, and the bridge would learn their source.
      Chain("input", type: .filter, hook: .input, priority: -200, policy: .accept),
      [
        Rule(
          drop: "bridge control protocol", .inputInterface(prefix: portPrefix),
          .match(.destinationMAC, mask: 0xffff_ffff_fff0, is: 0x0180_c200_0000))
      ]
    ),
    (
      Chain("port"),
      [
        Rule(drop: "foreign source MAC", .lookup([.inputInterface, .sourceMAC], in: l2.name, inverted: true)),
        Rule(.verdict(of: [.etherType], from: etherTypes.name)),
        Rule(drop: "VLAN tag or unknown ethertype"),
      ]
    ),
    (Chain("port-arp"), arp),
    (
      Chain("port-ipv4"),
      [
        // In later fragments there is data where the ports are in the first.
        Rule(
          drop: "DHCP server", .match(.ipv4Protocol, is: 17), .match(.ipv4FragmentOffset, mask: 0x1fff, is: 0),
          .match(.sourcePort, is: 67)),
        Rule(.lookup([.inputInterface, .sourceMAC, .ipv4Source], in: bind4.name), .accept),
        Rule(.lookup([.inputInterface, .sourceMAC, .ipv4Source], in: aap4.name), .accept),
        Rule(drop: "foreign IPv4 source"),
      ]
    ),
    (
      Chain("port-ipv6"),
      [Rule(.verdict(of: [.ipv6NextHeader], from: ipv6Headers.name)), Rule(.goto("port-ipv6-source"))]
    ),
    (
      Chain("port-ipv6-source"),
      [
        Rule(.lookup([.inputInterface, .sourceMAC, .ipv6Source], in: bind6.name), .accept),
        Rule(.lookup([.inputInterface, .sourceMAC, .ipv6Source], in: aap6.name), .accept),
        Rule(drop: "foreign IPv6 source"),
      ]
    ),
    (
      Chain("port-udp"),
      [Rule(drop: "DHCPv6 server", .match(.sourcePort, is: 547)), Rule(.goto("port-ipv6-source"))]
    ),
    (Chain("port-ipv6-extension"), [Rule(drop: "IPv6 extension header")]),
    (
      Chain("port-ipv6-fragment"),
      [
        // What follows a first fragment has no header to look at, and is worth nothing without the first.
        Rule(.match(.ipv6FragmentOffset, mask: 0xfff8, isNot: 0), .goto("port-ipv6-source")),
        Rule(.verdict(of: [.ipv6FragmentNextHeader], from: ipv6FragmentHeaders.name)),
        Rule(.goto("port-ipv6-source")),
      ]
    ),
    (
      Chain("port-icmpv6-fragment"),
      [Rule(.match(.icmpType, in: 128...129), .goto("port-ipv6-source")), Rule(drop: "fragmented ICMPv6")]
    ),
    (Chain("port-mld"), multicastListener),
    (
      Chain("port-icmpv6"),
      [
        Rule(.verdict(of: [.icmpType], from: icmpv6Types.name)),
        Rule(drop: "router advertisement, redirect or unknown ICMPv6"),
      ]
    ),
    (Chain("port-ns"), solicitation),
    (
      Chain("port-ns-target"),
      [
        Rule(.lookup([.inputInterface, .sourceMAC, .neighborTarget], in: bind6.name), .accept),
        Rule(.lookup([.inputInterface, .sourceMAC, .neighborTarget], in: aap6.name), .accept),
        Rule(drop: "duplicate address detection for a foreign address"),
      ]
    ),
    (Chain("port-na"), advertisement),
    (
      Chain("port-na-target"),
      [
        Rule(.lookup([.inputInterface, .sourceMAC, .neighborTarget], in: bind6.name), .goto("port-ipv6-source")),
        Rule(.lookup([.inputInterface, .sourceMAC, .neighborTarget], in: aap6.name), .goto("port-ipv6-source")),
        Rule(drop: "forged neighbour advertisement"),
      ]
    ),
  ]
}

// MARK: Protocols that bind addresses

extension SourceFilter {
  /// Requests and replies whose sender is the port's; probes (RFC 5227), which have no sender address.
  static let arp: [Rule] = [
    Rule(drop: "ARP of another format", .match(.arpFormat, isNot: 0x0001_0800_0604)),
    Rule(drop: "ARP of another operation", .match(.arpOperation, in: 1...2, inverted: true)),
    Rule(.lookup([.inputInterface, .arpSenderMAC, .arpSenderIPv4], in: bind4.name), .accept),
    Rule(.lookup([.inputInterface, .arpSenderMAC, .arpSenderIPv4], in: aap4.name), .accept),
    Rule(
      .match(.arpOperation, is: 1), .match(.arpSenderIPv4, is: 0),
      .lookup([.inputInterface, .arpSenderMAC], in: l2.name), .accept),
    Rule(drop: "foreign ARP sender"),
  ]

  /// Reports of listeners, behind one hop-by-hop header of eight bytes, from an own address or none.
  static let multicastListener: [Rule] = [
    Rule(drop: "hop-by-hop header", .match(.payload(.network, offset: 40, length: 2), isNot: 0x3a00)),
    Rule(
      .match(.ipv6Source, is: 0), .match(.payload(.network, offset: 48, length: 1), in: 131...132), .accept),
    Rule(.match(.ipv6Source, is: 0), .match(.payload(.network, offset: 48, length: 1), is: 143), .accept),
    Rule(.match(.payload(.network, offset: 48, length: 1), in: 130...132), .goto("port-ipv6-source")),
    Rule(.match(.payload(.network, offset: 48, length: 1), is: 143), .goto("port-ipv6-source")),
    Rule(drop: "hop-by-hop header"),
  ]

  /// From an own address: without options, or with that address's MAC as the only one. From none (duplicate address
  /// detection): for an own address, without options or with a nonce.
  static let solicitation: [Rule] = [
    Rule(.match(.ipv6Source, is: 0), .match(.ipv6PayloadLength, is: 24), .goto("port-ns-target")),
    Rule(
      .match(.ipv6Source, is: 0), .match(.ipv6PayloadLength, is: 32), .match(.neighborOption, is: 0x0e01),
      .goto("port-ns-target")),
    Rule(.match(.ipv6PayloadLength, is: 24), .goto("port-ipv6-source")),
    Rule(drop: "neighbour solicitation with odd options", .match(.ipv6PayloadLength, isNot: 32)),
    Rule(drop: "neighbour solicitation with odd options", .match(.neighborOption, isNot: 0x0101)),
    Rule(.lookup([.inputInterface, .neighborOptionMAC, .ipv6Source], in: bind6.name), .goto("port-ipv6-source")),
    Rule(.lookup([.inputInterface, .neighborOptionMAC, .ipv6Source], in: aap6.name), .goto("port-ipv6-source")),
    Rule(drop: "forged neighbour solicitation"),
  ]

  /// For an own target: without options, or with that target's MAC as the only one.
  static let advertisement: [Rule] = [
    Rule(.match(.ipv6PayloadLength, is: 24), .goto("port-na-target")),
    Rule(drop: "neighbour advertisement with odd options", .match(.ipv6PayloadLength, isNot: 32)),
    Rule(drop: "neighbour advertisement with odd options", .match(.neighborOption, isNot: 0x0201)),
    Rule(.lookup([.inputInterface, .neighborOptionMAC, .neighborTarget], in: bind6.name), .goto("port-ipv6-source")),
    Rule(.lookup([.inputInterface, .neighborOptionMAC, .neighborTarget], in: aap6.name), .goto("port-ipv6-source")),
    Rule(drop: "forged neighbour advertisement"),
  ]
}
