internal import NetlinkNetfilter

// Ethernet and ARP.

extension SourceFilter {
  /// The type is read where a VLAN tag would stand, so that tagged frames are unknown ones too.
  static let etherTypes = Branch(
    "ethertypes", .etherType,
    [(.uint16(0x0800), "port-ipv4"), (.uint16(0x0806), "port-arp"), (.uint16(0x86dd), "port-ipv6")])

  static func linkLayerChains(_ delivery: Delivery) -> [RuleChain] {
    [
      RuleChain(
        "port",
        [
          Rule(drop: "foreign source MAC", unlessBound: [.inputInterface, .sourceMAC], in: l2),
          Rule(.etherType, in: etherTypes),
          Rule(drop: "VLAN tag or unknown ethertype"),
        ]),
      RuleChain("port-arp", arp),
      // The bridge floods nothing to our ports: who asks for a pod's address asks that pod. What has no station goes
      // on unchanged, by the base chain's policy; so it is in all chains that steer.
      RuleChain(
        "steer-arp",
        [askingByARP]
          + delivery.steering([
            Rule(.match(.arpOperation, is: 1), .redirect(of: [.arpTargetIPv4], from: holder4.name)),
            Rule(.match(.arpOperation, is: 1), .redirect(of: [.arpTargetIPv4], from: station4.name)),
          ])),
      // Who speaks for a pair's address has it from now on, however many it speaks for. An announcement is a request for the
      // address itself, and goes on to everybody.
      RuleChain(
        "learn-arp",
        [
          Rule(
            .lookup([.arpSenderIPv4], in: shared4.name, inverted: true),
            .update(holder4.name, [.arpSenderIPv4], to: .arpSenderMAC)),
          askingByARP,
        ]
          + delivery.steering([
            Rule(.match(.arpOperation, is: 1), .redirect(of: [.arpTargetIPv4], from: station4.name))
          ])),
    ]
  }

  private static var askingByARP: Rule {
    asking(.match(.arpOperation, is: 1), sender: .arpSenderIPv4, mac: .arpSenderMAC, own: station4, pairs: pair4)
  }

  /// Requests and replies whose sender is the port's; probes (RFC 5227), which have no sender address.
  private static var arp: [Rule] {
    [
      Rule(drop: "ARP of another format", .match(.arpFormat, isNot: 0x0001_0800_0604)),
      Rule(drop: "ARP of another operation", .match(.arpOperation, in: 1...2, inverted: true)),
      Rule([.inputInterface, .arpSenderMAC, .arpSenderIPv4], in: bind4, goto: "steer-arp"),
      Rule([.inputInterface, .arpSenderMAC, .arpSenderIPv4], in: pair4, goto: "learn-arp"),
      Rule([.inputInterface, .arpSenderMAC, .arpSenderIPv4], in: aap4, goto: "learn-arp"),
      Rule(
        .match(.arpOperation, is: 1), .match(.arpSenderIPv4, is: 0),
        .lookup([.inputInterface, .arpSenderMAC], in: l2.name), .accept),
      Rule(drop: "foreign ARP sender"),
    ]
  }
}
