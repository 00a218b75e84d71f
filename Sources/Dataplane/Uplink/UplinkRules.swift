internal import NetlinkNetfilter
internal import NetworkAddresses

/// What passes between uplinks and the node, in a table of its own in the node's namespace, `inet contrail-uplinks`. It is
/// about kinds of links, so no instance changes it.
enum UplinkRules {
  static let nodeTable = Table(.inet, "contrail-uplinks")
  /// In the instance's namespace.
  static let instanceTable = Table(.inet, NodeNames.table)

  /// Input and output interface of what a service leads back to the network that it came from.
  private static let returning = NamedSet("returning", key: [.interfaceName, .interfaceName])

  /// The node's side.
  ///
  /// Pods reach the outside by their uplink, and there alone: no other network of the node, not the node itself, except
  /// by what a service translates for them. Nobody opens connections to those behind a translation, but the node, the
  /// outside by what a service translates, and they themselves through their own services.
  static func addNodeTable(to transaction: inout Transaction, _ settings: UplinkSettings, links: [String]) {
    transaction.add(nodeTable)
    transaction.add(returning, to: nodeTable)
    let chains: [(Chain, [[Statement]])] = [
      (
        Chain("input", type: .filter, hook: .input, priority: filterPriority),
        from([UplinkNames.answersPrefix], .goto("answers"))
          + from([UplinkNames.translatedPrefix, UplinkNames.servicesPrefix], .goto("from-uplink"))
          + from([UplinkNames.routedPrefix], .jump("link-local"))
      ),
      (
        Chain("forward", type: .filter, hook: .forward, priority: filterPriority),
        from(UplinkNames.prefixes, .jump("link-local"))
          + [[.conntrackState([.established, .related]), .accept]]
          + from([UplinkNames.answersPrefix], .goto("answers"))
          + UplinkNames.hiddenPrefixes.map { [.outputInterface(prefix: $0), .goto("into-network")] }
          + [[.conntrackStatus(.destinationTranslated), .accept]]
          + from([UplinkNames.servicesPrefix], .goto("answers"))
          + from([UplinkNames.translatedPrefix, UplinkNames.routedPrefix], .goto("to-networks"))
          + networks.map { [.match(.inputInterface, is: .interface($0)), .goto("to-uplinks")] }
      ),
      (
        Chain("postrouting", type: .nat, hook: .postrouting, priority: sourceNATPriority),
        settings.transitNetworks.map { masquerade($0) }
      ),
    ]
    for (chain, _) in chains { transaction.add(chain, to: nodeTable) }
    let branches = branches(settings)
    for (name, _) in branches { transaction.add(Chain(name), to: nodeTable) }
    for (chain, rules) in branches + chains.map({ ($0.0.name, $0.1) }) {
      for rule in rules { transaction.add(rule: rule, to: chain, in: nodeTable) }
    }
    transaction.add(links.map(element), to: returning, in: nodeTable)
  }

  static func remove(links: [String], from transaction: inout Transaction) {
    transaction.delete(links.map(element), from: returning, in: nodeTable, ifMissing: .ignore)
  }

  private static func element(_ link: String) -> SetElement { SetElement(.interface(link), .interface(link)) }

  private static func branches(_ settings: UplinkSettings) -> [(String, [[Statement]])] {
    [
      (
        "link-local",
        settings.linkLocalServices.map { [.family(.v4), .match(.ipv4Destination, is: .ipv4($0)), .accept] }
          + [[.family(.v4), .match(.ipv4Destination, in: LinkLocal.ipv4), .counter, .drop]]
      ),
      ("answers", [[.conntrackState([.established, .related]), .accept], [.counter, .drop]]),
      (
        "from-uplink",
        [
          [.jump("link-local")], [.conntrackStatus(.destinationTranslated), .accept], [.goto("answers")],
        ]
      ),
      (
        "into-network",
        [
          [
            .lookup([.inputInterface, .outputInterface], in: returning.name),
            .conntrackStatus(.destinationTranslated), .accept,
          ]
        ] + from(UplinkNames.prefixes, .goto("refused"))
          + networks.map { [.match(.inputInterface, is: .interface($0)), .goto("refused")] }
          + [[.conntrackStatus(.destinationTranslated), .accept], [.goto("refused")]]
      ),
      ("refused", [[.counter, .drop]]),
      ("to-networks", networks.map { [.match(.outputInterface, is: .interface($0)), .counter, .drop] } + toUplinks),
      ("to-uplinks", toUplinks),
    ]
  }

  private static func from(_ prefixes: [String], _ verdict: Statement) -> [[Statement]] {
    prefixes.map { [.inputInterface(prefix: $0), verdict] }
  }

  private static let networks = [NodeNames.bridge, TransitNames.instanceLink]
  private static let toUplinks: [[Statement]] = UplinkNames.prefixes.map {
    [.outputInterface(prefix: $0), .counter, .drop]
  }

  /// Towards the outside; what goes to a service's pods keeps the address that answers come back to.
  private static func masquerade(_ network: IPPrefix) -> [Statement] {
    [.family(network.family), .match(.source(network.family), in: network)]
      + networks.map { .match(.outputInterface, isNot: .interface($0)) } + [.masquerade]
  }

  /// The instance's side: only the network's own addresses leave, translated, and nobody begins from outside, except
  /// where the node may: to pods, and to nobody else. Pods need not be told of better ways: there is only one.
  static func addInstanceTable(to transaction: inout Transaction, for uplink: Uplink) {
    transaction.add(instanceTable)
    uplink.connectionLimit.add(to: &transaction, in: instanceTable)
    let limit = uplink.connectionLimit.rules(knowsPorts: uplink.checksSources)
    let up = KeyField.interface(UplinkNames.instanceLink)
    var leaving: [[Statement]] = []
    var translations: [[Statement]] = []
    for prefix in uplink.prefixes {
      let isOwn: [Statement] = [
        .match(.outputInterface, is: up), .family(prefix.family), .match(.source(prefix.family), in: prefix),
      ]
      leaving.append(isOwn + [.accept])
      if case .node(let addresses) = uplink.translation,
        let address = addresses.first(where: { $0.family == prefix.family })
      {
        translations.append(isOwn + [.translate(.source, to: address)])
      }
    }
    leaving.append([.match(.outputInterface, is: up), .counter, .drop])
    let isTranslated = uplink.translation != .own
    if isTranslated {
      leaving.insert([.match(.inputInterface, is: up), .conntrackState([.new, .invalid]), .counter, .drop], at: 0)
    }
    if uplink.isOpenToNode {
      leaving.insert(
        [
          .match(.inputInterface, is: up), .match(.outputInterface, is: .interface(NodeNames.bridge)),
          .conntrackState(.new), .accept,
        ], at: 0)
    }
    leaving.insert(
      [
        .match(.inputInterface, is: up), .family(.v4), .match(.ipv4Protocol, is: 1), .match(.icmpType, is: 5), .counter,
        .drop,
      ], at: 0)
    let forward = Chain("forward", type: .filter, hook: .forward, priority: 0)
    transaction.add(forward, to: instanceTable)
    for rule in limit + leaving { transaction.add(rule: rule, to: forward.name, in: instanceTable) }
    let notBegun: [[Statement]] =
      isTranslated ? [[.match(.inputInterface, is: up), .conntrackState([.new, .invalid]), .counter, .drop]] : []
    let input = Chain("input", type: .filter, hook: .input, priority: 0)
    transaction.add(input, to: instanceTable)
    for rule in limit + notBegun { transaction.add(rule: rule, to: input.name, in: instanceTable) }
    guard isTranslated else { return }
    let postrouting = Chain("postrouting", type: .nat, hook: .postrouting, priority: sourceNATPriority)
    transaction.add(postrouting, to: instanceTable)
    for rule in translations { transaction.add(rule: rule, to: postrouting.name, in: instanceTable) }
  }

  private static let filterPriority: Int32 = -5
  private static let sourceNATPriority: Int32 = 100
}
