internal import NetlinkNetfilter
internal import NetworkAddresses

// What a pod may say in neighbour discovery (RFC 4861): who it is, and nothing about others.
//
// A message has at most one option, so that the one that is checked is the one that counts: its place is known and its
// length is that of the payload. Extension headers, which ordinary senders do not use here, are refused with it.

extension SourceFilter {
  static var neighborDiscoveryChains: [(name: String, rules: [[Statement]])] {
    [
      ("port-solicitation", solicitation), ("port-detection", detection), ("port-advertisement", advertisement),
      ("port-target", target), ("port-source-option", option(linkLayerAddress: 1, then: .goto("steer-solicitation"))),
      ("port-target-option", option(linkLayerAddress: 2, then: .accept)), ("port-nonce-option", nonceOption),
      ("steer-solicitation", [[.redirect(of: [.neighborTarget], from: station6.name), .accept], [.accept]]),
    ]
  }

  /// From one of the port's addresses, or from none to find out whether one of them is taken.
  private static let solicitation: [[Statement]] = [
    [.match(.ipv6NextHeader, isNot: icmpv6), .drop],
    [.match(.ipv6Source, is: unspecified), .goto("port-detection")],
    known(.ipv6Source, in: bind6, goto: "port-source-option"),
    known(.ipv6Source, in: aap6, goto: "port-source-option"),
    [.drop],
  ]

  /// Duplicate address detection (RFC 4862).
  private static let detection: [[Statement]] = [
    known(.neighborTarget, in: bind6, goto: "port-nonce-option"),
    known(.neighborTarget, in: aap6, goto: "port-nonce-option"),
    [.drop],
  ]

  private static let advertisement: [[Statement]] = [
    [.match(.ipv6NextHeader, isNot: icmpv6), .drop],
    known(.ipv6Source, in: bind6, goto: "port-target"),
    known(.ipv6Source, in: aap6, goto: "port-target"),
    [.drop],
  ]

  private static let target: [[Statement]] = [
    known(.neighborTarget, in: bind6, goto: "port-target-option"),
    known(.neighborTarget, in: aap6, goto: "port-target-option"),
    [.drop],
  ]

  /// No option, or the sender's own MAC as source (1) or target (2) link-layer address.
  private static func option(linkLayerAddress type: UInt64, then verdict: Statement) -> [[Statement]] {
    [
      [withoutOption, verdict],
      [
        withOneOption, .match(.payload(.transport, offset: 24, length: 2), is: type << 8 | 1),
        .lookup([.inputInterface, .payload(.transport, offset: 26, length: 6)], in: l2.name), verdict,
      ],
      [.drop],
    ]
  }

  /// No option, or a nonce (RFC 7527).
  private static let nonceOption: [[Statement]] = [
    [withoutOption, .accept],
    [withOneOption, .match(.payload(.transport, offset: 24, length: 2), is: 14 << 8 | 1), .accept],
    [.drop],
  ]

  private static var withoutOption: Statement { .match(.ipv6PayloadLength, is: 24) }
  private static var withOneOption: Statement { .match(.ipv6PayloadLength, is: 32) }

  private static func known(_ field: Field, in set: NamedSet, goto chain: String) -> [Statement] {
    known([.inputInterface, .sourceMAC, field], in: set, goto: chain)
  }

  static var unspecified: KeyField { .ipv6(IPv6Address(rawValue: 0)) }
}
