internal import Netlink
internal import NetlinkNetfilter
internal import NetworkAddresses

/// The rules about what is routed between an instance and the rest of the node, in table `inet contrail`.
enum ForwardingRules {
  static let table = Table(.inet, NodeNames.table)

  /// Makes the table.
  static func addTable(to transaction: inout Transaction, for instance: RoutingInstance) {
    transaction.add(table)
    instance.connectionLimit.add(to: &transaction, in: table)
    for (chain, rules) in chains(for: instance) {
      transaction.add(chain, to: table)
      for rule in rules { transaction.add(rule: rule, to: chain.name, in: table) }
    }
  }

  private static func chains(for instance: RoutingInstance) -> [(Chain, [[Statement]])] {
    let limit = instance.connectionLimit.rules()
    let linkLocal = linkLocalRules(instance.linkLocalServices)
    var chains = [
      (Chain("input", type: .filter, hook: .input, priority: filterPriority), limit + linkLocal + fromOtherNetworks),
      (Chain("output", type: .filter, hook: .output, priority: filterPriority), toOtherNetworks),
      (
        Chain("forward", type: .filter, hook: .forward, priority: filterPriority),
        limit + linkLocal + onlyFromPods
          + instance.subnets.flatMap { instance.fabricSNAT ? protection(of: $0.prefix, instance) : [] }
      ),
    ]
    if instance.fabricSNAT {
      let rules = instance.subnets.map { masquerade($0.prefix, instance) }
      chains.append((Chain("postrouting", type: .nat, hook: .postrouting, priority: sourceNATPriority), rules))
    }
    return chains
  }

  /// A pod talks to no link-local address beyond its gateway: 169.254.169.254 is where clouds keep a node's secrets.
  private static func linkLocalRules(_ services: [IPv4Address]) -> [[Statement]] {
    let fromPods = Statement.match(.inputInterface, is: .interface(NodeNames.bridge))
    return services.map { [fromPods, .family4, .match(.ipv4Destination, is: .ipv4($0)), .accept] } + [
      [fromPods, .family4, .match(.ipv4Destination, in: LinkLocal.ipv4), .drop],
      // Answers to a neighbour's question pass, as on the bridge.
      [
        fromPods, .family6, .match(.ipv6Destination, isNot: .ipv6(NodeNames.gatewayLinkLocal)),
        .match(.ipv6Destination, in: LinkLocal.ipv6), .match(.transportProtocol, isNot: 58), .drop,
      ],
      [
        fromPods, .family6, .match(.ipv6Destination, isNot: .ipv6(NodeNames.gatewayLinkLocal)),
        .match(.ipv6Destination, in: LinkLocal.ipv6), .match(.transportProtocol, is: 58), .match(.icmpType, isNot: 136),
        .drop,
      ],
    ]
  }

  // The default pod network may exchange packets with users' networks; the node and what is outside may not. Its gateway
  // answers echo requests.

  private static let fromTransit = Statement.match(.inputInterface, is: .interface(TransitNames.instanceLink))
  private static let toTransit = Statement.match(.outputInterface, is: .interface(TransitNames.instanceLink))

  private static let fromOtherNetworks: [[Statement]] = [
    [fromTransit, .match(.transportProtocol, is: 1), .accept],
    [fromTransit, .match(.transportProtocol, is: 58), .accept],
    [fromTransit, .drop],
  ]
  private static let toOtherNetworks: [[Statement]] = [[toTransit, .conntrackState(.new), .drop]]
  private static let onlyFromPods: [[Statement]] = [
    [toTransit, .match(.inputInterface, isNot: .interface(NodeNames.bridge)), .drop]
  ]

  /// Pods behind `fabricSNAT` are reached from the outside only through what the node translates for them. The transit is
  /// not outside: what comes from there has been judged.
  private static func protection(of pods: IPPrefix, _ instance: RoutingInstance) -> [[Statement]] {
    let family = Statement.family(pods.family)
    return [
      [
        .match(.inputInterface, isNot: .interface(NodeNames.bridge)),
        .match(.inputInterface, isNot: .interface(TransitNames.instanceLink)),
        .match(.outputInterface, is: .interface(NodeNames.bridge)), family,
      ] + instance.inside(pods.family).map { .match(.source(pods.family), in: $0, inverted: true) } + [
        .conntrackState(.new), .match(.conntrackStatus, mask: 1 << 5, is: 0), .drop,
      ]
    ]
  }

  /// Only towards the outside: pods and services see each other's own addresses.
  private static func masquerade(_ pods: IPPrefix, _ instance: RoutingInstance) -> [Statement] {
    [
      .match(.outputInterface, isNot: .interface(NodeNames.bridge)),
      .match(.outputInterface, isNot: .interface(TransitNames.instanceLink)), .family(pods.family),
      .match(.source(pods.family), in: pods),
    ] + instance.inside(pods.family).map { .match(.destination(pods.family), in: $0, inverted: true) } + [.masquerade]
  }

  /// Where iptables and nft put their filter chains, and a little before: what is dropped here needs no other rule.
  private static let filterPriority: Int32 = -5
  private static let sourceNATPriority: Int32 = 100
}

extension RoutingInstance {
  /// The pod and service networks of a family.
  fileprivate func inside(_ family: IPFamily) -> [IPPrefix] { internalNetworks.filter { $0.family == family } }
}

extension Statement {
  fileprivate static let family4 = family(.v4)
  fileprivate static let family6 = family(.v6)

  /// The packet is of the family (`NFPROTO_IPV4`, `NFPROTO_IPV6`).
  static func family(_ family: IPFamily) -> Statement { .match(.family, is: family == .v4 ? 2 : 10) }
}

extension Field {
  static func source(_ family: IPFamily) -> Field { family == .v4 ? .ipv4Source : .ipv6Source }
  static func destination(_ family: IPFamily) -> Field {
    family == .v4 ? .ipv4Destination : .ipv6Destination
  }
}
