internal import NetlinkNetfilter

// What a pod may say in neighbour discovery (RFC 4861): who it is, and nothing about others.
//
// A message has at most one option, so that the one that is checked is the one that counts: its place is known and its
// length is that of the payload. A link-layer address in it must be the MAC that the address is bound to.

extension SourceFilter {
  static func neighborDiscoveryChains(_ delivery: Delivery) -> [RuleChain] {
    [
      RuleChain("port-ns", solicitation),
      RuleChain(
        "port-ns-source",
        [
          Rule([.inputInterface, .sourceMAC, .ipv6Source], in: bind6, goto: "steer-ns"),
          Rule([.inputInterface, .sourceMAC, .ipv6Source], in: pair6, goto: "steer-ns"),
          Rule([.inputInterface, .sourceMAC, .ipv6Source], in: aap6, goto: "steer-ns"),
          Rule(drop: "neighbour solicitation from a foreign source"),
        ]),
      RuleChain(
        "steer-ns",
        delivery.steering([
          Rule(.redirect(of: [.neighborTarget], from: holder6.name)),
          Rule(.redirect(of: [.neighborTarget], from: station6.name)),
        ])),
      RuleChain(
        "port-dad",
        [
          Rule(ifBound: [.inputInterface, .sourceMAC, .neighborTarget], in: bind6, .accept),
          Rule(ifBound: [.inputInterface, .sourceMAC, .neighborTarget], in: pair6, .accept),
          Rule(ifBound: [.inputInterface, .sourceMAC, .neighborTarget], in: aap6, .accept),
          Rule(drop: "duplicate address detection for a foreign address"),
        ]),
      RuleChain("port-na", advertisement),
      RuleChain(
        "port-na-target",
        [
          Rule([.inputInterface, .sourceMAC, .neighborTarget], in: bind6, goto: "port-ipv6-source"),
          Rule([.inputInterface, .sourceMAC, .neighborTarget], in: pair6, goto: "learn-na"),
          Rule([.inputInterface, .sourceMAC, .neighborTarget], in: aap6, goto: "learn-na"),
          Rule(drop: "neighbour advertisement of a foreign target"),
        ]),
      RuleChain(
        "learn-na",
        [
          Rule(.lookup([.neighborTarget], in: shared6.name), .goto("port-ipv6-source")),
          Rule(.update(holder6.name, [.neighborTarget], to: .sourceMAC)),
          Rule(.goto("port-ipv6-source")),
        ]),
    ]
  }

  /// From none (duplicate address detection, RFC 4862): for an own address, without options or with a nonce (RFC 7527).
  /// From an own address: without options, or with that address's MAC as the only one.
  private static var solicitation: [Rule] {
    let fromNone = Statement.match(.ipv6Source, is: 0)
    return [
      asking(sender: .ipv6Source, mac: .sourceMAC, own: station6, pairs: pair6),
      Rule(fromNone, withoutOption, .goto("port-dad")),
      Rule(fromNone, withOneOption, .match(.neighborOption, is: 0x0e01), .goto("port-dad")),
      Rule(withoutOption, .goto("port-ns-source")),
      Rule(drop: "neighbour solicitation with odd options", .match(.ipv6PayloadLength, isNot: 32)),
      Rule(drop: "neighbour solicitation with odd options", .match(.neighborOption, isNot: 0x0101)),
      Rule([.inputInterface, .neighborOptionMAC, .ipv6Source], in: bind6, goto: "port-ns-source"),
      Rule([.inputInterface, .neighborOptionMAC, .ipv6Source], in: pair6, goto: "port-ns-source"),
      Rule([.inputInterface, .neighborOptionMAC, .ipv6Source], in: aap6, goto: "port-ns-source"),
      Rule(drop: "neighbour solicitation with a foreign MAC"),
    ]
  }

  /// For an own target: without options, or with that target's MAC as the only one.
  private static var advertisement: [Rule] {
    [
      Rule(withoutOption, .goto("port-na-target")),
      Rule(drop: "neighbour advertisement with odd options", .match(.ipv6PayloadLength, isNot: 32)),
      Rule(drop: "neighbour advertisement with odd options", .match(.neighborOption, isNot: 0x0201)),
      Rule([.inputInterface, .neighborOptionMAC, .neighborTarget], in: bind6, goto: "port-na-target"),
      Rule([.inputInterface, .neighborOptionMAC, .neighborTarget], in: pair6, goto: "port-na-target"),
      Rule([.inputInterface, .neighborOptionMAC, .neighborTarget], in: aap6, goto: "port-na-target"),
      Rule(drop: "neighbour advertisement with a foreign MAC"),
    ]
  }

  private static var withoutOption: Statement { .match(.ipv6PayloadLength, is: 24) }
  private static var withOneOption: Statement { .match(.ipv6PayloadLength, is: 32) }
}
