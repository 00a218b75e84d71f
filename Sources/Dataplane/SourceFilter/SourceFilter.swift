internal import Netlink
internal import NetlinkNetfilter

/// The rules about what a pod may send: from its own MAC and addresses only (reverse-path filter), in table
/// `bridge contrail`.
///
/// Other bridges of the node are not ours: the base chains accept, and only our ports jump to a chain that ends in drop.
/// Who may send what is in sets, so that an ADD adds elements and no rules.
enum SourceFilter {
  static let table = Table(.bridge, NodeNames.table)

  /// Port and MAC.
  static let l2 = NamedSet("l2", key: [.interfaceName, .etherAddress])
  /// Port, MAC and address, exactly.
  static let bind4 = NamedSet("bind4", key: [.interfaceName, .etherAddress, .ipv4Address])
  static let bind6 = NamedSet("bind6", key: [.interfaceName, .etherAddress, .ipv6Address])
  /// The same with prefixes: allowed address pairs.
  static let aap4 = NamedSet("aap4", key: bind4.key, flags: .interval)
  static let aap6 = NamedSet("aap6", key: bind6.key, flags: .interval)
  /// The MAC of an address: where everything for it is sent, so that a neighbour table which remembers an address's
  /// former holder does no harm.
  static let station4 = NamedSet("station4", key: [.ipv4Address], content: .data(.etherAddress))
  static let station6 = NamedSet("station6", key: [.ipv6Address], content: .data(.etherAddress))
  static let sets = [l2, bind4, bind6, aap4, aap6, station4, station6]

  /// Before the bridge's other hooks and its decision where to forward.
  private static let priority: Int32 = -200

  /// Makes the table anew, with these elements.
  static func addTable(to transaction: inout Transaction, ports: [Port]) {
    transaction.add(table)
    transaction.delete(table)
    transaction.add(table)
    for set in sets { transaction.add(set, to: table) }
    for chain in chains { transaction.add(Chain(chain.name), to: table) }
    for base in baseChains {
      transaction.add(base.chain, to: table)
      for rule in base.rules { transaction.add(rule: rule, to: base.chain.name, in: table) }
    }
    for chain in chains {
      for rule in chain.rules { transaction.add(rule: rule, to: chain.name, in: table) }
    }
    for (set, elements) in filterElements(of: ports) { transaction.add(elements, to: set, in: table) }
  }

  private static let fromPort = Statement.inputInterface(prefix: NodeNames.portPrefix)

  private static var baseChains: [(chain: Chain, rules: [[Statement]])] {
    [
      (Chain("prerouting", type: .filter, hook: .prerouting, priority: priority), [[fromPort, .goto("port")]]),
      // Frames to 01:80:c2:00:00:0x never come to prerouting.
      (
        Chain("input", type: .filter, hook: .input, priority: priority),
        [[fromPort, .match(.destinationMAC, mask: 0xffff_ffff_fff0, is: 0x0180_c200_0000), .drop]]
      ),
    ]
  }

  private static var chains: [(name: String, rules: [[Statement]])] {
    [
      ("port", port), ("port-arp", arp), ("steer-arp", steerARP),
      ("steer-ipv4", [[.redirect(of: [.ipv4Destination], from: station4.name), .accept], [.accept]]),
      ("steer-ipv6", [[.redirect(of: [.ipv6Destination], from: station6.name), .accept], [.accept]]), ("port-ipv4", ipv4), ("port-ipv6", ipv6),
    ] + neighborDiscoveryChains
  }

  /// The type is read where a VLAN tag would stand, so that tagged frames are unknown ones too.
  private static let port: [[Statement]] = [
    [.lookup([.inputInterface, .sourceMAC], in: l2.name, inverted: true), .drop],
    [.match(.etherType, is: 0x0800), .goto("port-ipv4")],
    [.match(.etherType, is: 0x86dd), .goto("port-ipv6")],
    [.match(.etherType, is: 0x0806), .goto("port-arp")],
    [.drop],
  ]

  /// The sender's own addresses, or none (a probe, RFC 5227).
  private static let arp: [[Statement]] = [
    [.match(.arpFormat, isNot: 0x0001_0800_0604), .drop],
    [.lookup([.inputInterface, .arpSenderMAC], in: l2.name, inverted: true), .drop],
    [.match(.arpOperation, is: 1), .match(.arpSenderIPv4, is: 0), .accept],
    known([.inputInterface, .arpSenderMAC, .arpSenderIPv4], in: bind4, goto: "steer-arp"),
    known([.inputInterface, .arpSenderMAC, .arpSenderIPv4], in: aap4, goto: "steer-arp"),
    [.drop],
  ]

  /// The bridge floods nothing to our ports: who asks for a pod's address asks that pod.
  private static let steerARP: [[Statement]] = [
    [.match(.arpOperation, is: 1), .redirect(of: [.arpTargetIPv4], from: station4.name), .accept], [.accept],
  ]

  private static let ipv4: [[Statement]] = [
    [.match(.transportProtocol, is: udp), .match(.sourcePort, is: 67), .drop],
    known([.inputInterface, .sourceMAC, .ipv4Source], in: bind4, goto: "steer-ipv4"),
    known([.inputInterface, .sourceMAC, .ipv4Source], in: aap4, goto: "steer-ipv4"),
    [.drop],
  ]

  private static let ipv6: [[Statement]] = [
    [.match(.transportProtocol, is: udp), .match(.sourcePort, is: 547), .drop],
    [.match(.transportProtocol, is: icmpv6), .match(.icmpType, is: 134), .drop],
    [.match(.transportProtocol, is: icmpv6), .match(.icmpType, is: 137), .drop],
    [.match(.transportProtocol, is: icmpv6), .match(.icmpType, is: 135), .goto("port-solicitation")],
    [.match(.transportProtocol, is: icmpv6), .match(.icmpType, is: 136), .goto("port-advertisement")],
    // Multicast listener reports, before there is an address to send from (RFC 3590).
    [.match(.transportProtocol, is: icmpv6), .match(.icmpType, in: 131...132), .match(.ipv6Source, is: unspecified), .accept],
    [.match(.transportProtocol, is: icmpv6), .match(.icmpType, is: 143), .match(.ipv6Source, is: unspecified), .accept],
    known([.inputInterface, .sourceMAC, .ipv6Source], in: bind6, goto: "steer-ipv6"),
    known([.inputInterface, .sourceMAC, .ipv6Source], in: aap6, goto: "steer-ipv6"),
    [.drop],
  ]

  static func known(_ fields: [Field], in set: NamedSet, goto chain: String) -> [Statement] {
    [.lookup(fields, in: set.name), .goto(chain)]
  }

  private static let udp: UInt64 = 17
  static let icmpv6: UInt64 = 58
}
