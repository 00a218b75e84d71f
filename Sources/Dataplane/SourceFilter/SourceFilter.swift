package import NetlinkNetfilter

/// The rules about what a pod may send: from its own MAC and addresses only (reverse-path filter), and nothing that
/// speaks for others; in table `bridge contrail`.
///
/// Other bridges of the node are not ours: the base chains accept, and only our ports go on to the chains that drop what
/// is not known to be legal, and count it by reason. Who may send what is in sets, so that an ADD adds elements and no
/// rules. Fields are only looked into where the headers before them were checked, so that no option and no extension
/// header can shift them.
package enum SourceFilter {
  package static let table = Table(.bridge, NodeNames.table)

  // MARK: Bindings

  /// Port and MAC.
  package static let l2 = NamedSet("l2", key: [.interfaceName, .etherAddress])
  /// Port, MAC and address, exactly; a port's IPv6 link-local address is one of them.
  package static let bind4 = NamedSet("bind4", key: [.interfaceName, .etherAddress, .ipv4Address])
  package static let bind6 = NamedSet("bind6", key: [.interfaceName, .etherAddress, .ipv6Address])
  /// The same for allowed address pairs: single addresses, and prefixes.
  package static let pair4 = NamedSet("pair4", key: bind4.key)
  package static let pair6 = NamedSet("pair6", key: bind6.key)
  package static let aap4 = NamedSet("aap4", key: bind4.key, flags: .interval)
  package static let aap6 = NamedSet("aap6", key: bind6.key, flags: .interval)
  /// The MAC of an address: where everything for it is sent, so that a neighbour table which remembers an address's
  /// former holder does no harm.
  package static let station4 = NamedSet("station4", key: [.ipv4Address], content: .data(.etherAddress))
  package static let station6 = NamedSet("station6", key: [.ipv6Address], content: .data(.etherAddress))
  /// The MAC of the holder of a pair's address that announced itself last. What nobody announces is forgotten, and found
  /// by asking everybody again.
  package static let holder4 = NamedSet(
    "holder4", key: [.ipv4Address], content: .data(.etherAddress), flags: .dynamic, timeout: 30_000, size: 65536)
  package static let holder6 = NamedSet(
    "holder6", key: [.ipv6Address], content: .data(.etherAddress), flags: .dynamic, timeout: 30_000, size: 65536)
  /// Addresses that several ports have at once: the gateway chooses one of them for every flow.
  package static let shared4 = NamedSet("shared4", key: [.ipv4Address], flags: .interval)
  package static let shared6 = NamedSet("shared6", key: [.ipv6Address], flags: .interval)
  /// How often a port asked from an address that is no pod's own.
  package static let askers = NamedSet(
    "askers", key: [.interfaceName], flags: .dynamic, timeout: 60_000, size: 65536)
  /// What ports add to and take from.
  static let sets = [
    l2, bind4, bind6, pair4, pair6, aap4, aap6, station4, station6, holder4, holder6, shared4, shared6,
  ]

  // MARK: Rules

  /// - Parameters:
  ///   - delivery: pods that share no segment have no link-local neighbour but their gateway.
  ///   - checksSources: otherwise pods may send from any address; what speaks for routers is dropped all the same.
  package static func chains(_ delivery: Delivery, checksSources: Bool = true) -> [RuleChain] {
    let chains =
      baseChains + linkLayerChains(delivery) + internetChains(delivery) + icmpv6Chains
      + neighborDiscoveryChains(delivery) + (delivery == .routed ? [gatewayChain] : [])
    return checksSources ? chains : chains.map(\.withoutSourceChecks)
  }

  package static var branches: [Branch] { [etherTypes, ipv6Headers, ipv6FragmentHeaders, icmpv6Types] }

  /// Makes the table, with these ports' elements.
  package static func addTable(
    to transaction: inout Transaction, ports: [Port], chains: [RuleChain], branches: [Branch] = branches
  ) {
    transaction.add(table)
    for set in sets + [askers] + branches.map(\.map) { transaction.add(set, to: table) }
    for chain in chains { transaction.add(chain.chain, to: table) }
    for chain in chains {
      for rule in chain.rules {
        transaction.add(rule: rule.statements, comment: rule.reason, to: chain.chain.name, in: table)
      }
    }
    for branch in branches { transaction.add(branch.elements, to: branch.map, in: table) }
    for (set, elements) in filterElements(of: ports) { transaction.add(elements, to: set, in: table) }
  }

  private static var baseChains: [RuleChain] {
    let fromPort = Statement.inputInterface(prefix: NodeNames.portPrefix)
    return [
      RuleChain(
        Chain("prerouting", type: .filter, hook: .prerouting, priority: priority, policy: .accept),
        [Rule(fromPort, .goto("port"))]),
      // Frames to 01:80:c2:00:00:00…0f pass prerouting by, and the bridge would learn their source.
      RuleChain(
        Chain("input", type: .filter, hook: .input, priority: priority, policy: .accept),
        [
          Rule(
            drop: "bridge control protocol", fromPort,
            .match(.destinationMAC, mask: 0xffff_ffff_fff0, is: 0x0180_c200_0000))
        ]),
    ]
  }

  package static let tooManyAsked = "asks from too many addresses"

  /// Who asks somebody becomes a neighbour there. Pods' own addresses and those of single pairs are so many; from others, as
  /// those of pairs that are prefixes, a port may ask so often.
  ///
  /// - Parameters:
  ///   - sender: the address of who asks; none does not become a neighbour.
  ///   - mac: who it says to be.
  ///   - own: pods' own addresses.
  ///   - pairs: single pairs.
  static func asking(
    _ request: Statement..., sender: Field, mac: Field, own: NamedSet, pairs: NamedSet
  ) -> Rule {
    let conditions =
      request + [
        .match(sender, isNot: 0), .lookup([sender], in: own.name, inverted: true),
        .lookup([.inputInterface, mac, sender], in: pairs.name, inverted: true),
        .exceeds(NeighborLimit.perPort, of: [.inputInterface], in: askers.name),
      ]
    return Rule(drop: tooManyAsked, conditions)
  }

  /// IPv6 has no switch for the redirects that a router sends where one neighbour of it sends to another. Pods that cannot
  /// send to each other must not be told to.
  private static var gatewayChain: RuleChain {
    RuleChain(
      Chain("output", type: .filter, hook: .output, priority: priority, policy: .accept),
      [
        Rule(
          drop: "redirect", .match(.etherType, is: 0x86dd), .match(.ipv6NextHeader, is: 58), .match(.icmpType, is: 137))
      ])
  }

  /// Before the bridge's other hooks and its decision where to forward.
  private static let priority: Int32 = -200
}

extension Delivery {
  /// Packets go to the station that has their destination: to the gateway for what several have, to the last holder of a
  /// pair's address, and before all to the pod whose own address it is.
  func steering(_ destination: Field, _ shared: NamedSet, _ holder: NamedSet, _ station: NamedSet)
    -> [SourceFilter.Rule]
  {
    steering([
      SourceFilter.Rule(.lookup([destination], in: shared.name), .takeIn(by: NodeNames.gatewayMAC)),
      SourceFilter.Rule(.redirect(of: [destination], from: holder.name)),
      SourceFilter.Rule(.redirect(of: [destination], from: station.name)),
    ])
  }

  /// Frames are sent on to the station that has their address, except where no frame goes from pod to pod.
  func steering(_ rules: [SourceFilter.Rule]) -> [SourceFilter.Rule] { self == .routed ? [] : rules }
}
