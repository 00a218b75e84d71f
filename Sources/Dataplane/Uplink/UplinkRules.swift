internal import NetlinkNetfilter
internal import NetworkAddresses

/// What passes between uplinks and the node, in a table of its own in the node's namespace, `inet contrail-uplinks`. It is
/// about kinds of links, so no instance changes it.
enum UplinkRules {
  static let nodeTable = Table(.inet, "contrail-uplinks")
  /// In the instance's namespace.
  static let instanceTable = Table(.inet, NodeNames.table)

  /// The node's side.
  ///
  /// Pods reach the outside by their uplink, and there alone: no other network of the node, not the node itself, except
  /// by what a service translates for them. Those behind a translation nobody reaches.
  static func addNodeTable(to transaction: inout Transaction, _ settings: UplinkSettings) {
    let translated = Statement.inputInterface(prefix: UplinkNames.translatedPrefix)
    let routed = Statement.inputInterface(prefix: UplinkNames.routedPrefix)
    transaction.add(nodeTable)
    let chains: [(Chain, [[Statement]])] = [
      (
        Chain("input", type: .filter, hook: .input, priority: filterPriority),
        [[translated, .goto("from-uplink")], [routed, .jump("link-local")]]
      ),
      (
        Chain("forward", type: .filter, hook: .forward, priority: filterPriority),
        [
          [translated, .jump("link-local")], [routed, .jump("link-local")],
          [.conntrackState([.established, .related]), .accept],
          [.conntrackStatus(.destinationTranslated), .accept],
          [.outputInterface(prefix: UplinkNames.translatedPrefix), .counter, .drop],
          [translated, .goto("to-networks")], [routed, .goto("to-networks")],
          [.match(.inputInterface, is: .interface(NodeNames.bridge)), .goto("to-uplinks")],
          [.match(.inputInterface, is: .interface(TransitNames.instanceLink)), .goto("to-uplinks")],
        ]
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
  }

  private static func branches(_ settings: UplinkSettings) -> [(String, [[Statement]])] {
    [
      (
        "link-local",
        settings.linkLocalServices.map { [.family(.v4), .match(.ipv4Destination, is: .ipv4($0)), .accept] }
          + [[.family(.v4), .match(.ipv4Destination, in: LinkLocal.ipv4), .counter, .drop]]
      ),
      (
        "from-uplink",
        [
          [.jump("link-local")], [.conntrackState([.established, .related]), .accept],
          [.conntrackStatus(.destinationTranslated), .accept], [.counter, .drop],
        ]
      ),
      ("to-networks", networks.map { [.match(.outputInterface, is: .interface($0)), .counter, .drop] } + toUplinks),
      ("to-uplinks", toUplinks),
    ]
  }

  private static let networks = [NodeNames.bridge, TransitNames.instanceLink]
  private static let toUplinks: [[Statement]] = [UplinkNames.translatedPrefix, UplinkNames.routedPrefix].map {
    [.outputInterface(prefix: $0), .counter, .drop]
  }

  /// Towards the outside; what goes to a service's pods keeps the address that answers come back to.
  private static func masquerade(_ network: IPPrefix) -> [Statement] {
    [.family(network.family), .match(.source(network.family), in: network)]
      + networks.map { .match(.outputInterface, isNot: .interface($0)) } + [.masquerade]
  }

  /// The instance's side: nobody begins from outside, and only the network's own addresses leave, translated.
  static func addInstanceTable(to transaction: inout Transaction, for uplink: Uplink) {
    transaction.add(instanceTable)
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
    let forward = Chain("forward", type: .filter, hook: .forward, priority: 0)
    transaction.add(forward, to: instanceTable)
    for rule in leaving { transaction.add(rule: rule, to: forward.name, in: instanceTable) }
    guard isTranslated else { return }
    let input = Chain("input", type: .filter, hook: .input, priority: 0)
    transaction.add(input, to: instanceTable)
    transaction.add(
      rule: [.match(.inputInterface, is: up), .conntrackState([.new, .invalid]), .counter, .drop], to: input.name,
      in: instanceTable)
    let postrouting = Chain("postrouting", type: .nat, hook: .postrouting, priority: sourceNATPriority)
    transaction.add(postrouting, to: instanceTable)
    for rule in translations { transaction.add(rule: rule, to: postrouting.name, in: instanceTable) }
  }

  private static let filterPriority: Int32 = -5
  private static let sourceNATPriority: Int32 = 100
}
