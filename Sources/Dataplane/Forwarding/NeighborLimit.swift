internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetworkAddresses

/// For how many addresses that nobody is known to have a gateway asks on behalf of a port, in table `inet contrail-neighbors`.
///
/// The kernel keeps an entry for each address that it asks for, in one table for all namespaces, and gives an entry that
/// nobody answered for back after three seconds at the earliest. Pods' own addresses are not asked for: their neighbours are
/// permanent, and they pass here. What is left are the addresses of allowed address pairs, and those that nobody has.
enum NeighborLimit {
  static let table = Table(.inet, NodeNames.table + "-neighbors")

  /// Addresses that a port may have asked for in a second, and at once.
  static let perPort = RuleLimit.packets(perSecond: 16, burst: 128)
  /// The same for all that comes by a link from many ports, and for what a gateway or a pod itself sends.
  static let perLink = RuleLimit.packets(perSecond: 32, burst: 256)

  private static let members4 = NamedSet("members4", key: [.ipv4Address])
  private static let members6 = NamedSet("members6", key: [.ipv6Address])
  /// What was asked for. It is forgotten after this time also while something is sent there, and counts anew: so a port holds
  /// no more than its burst and what it may ask for in that time, and who asks little loses nothing.
  private static let asked4 = NamedSet("asked4", key: [.ipv4Address], flags: .dynamic, timeout: 30_000, size: 65_536)
  private static let asked6 = NamedSet("asked6", key: [.ipv6Address], flags: .dynamic, timeout: 30_000, size: 65_536)
  private static let ports = NamedSet("ports", key: [.etherAddress], flags: .dynamic, timeout: 60_000, size: 65_536)
  static let links = NamedSet("links", key: [.interfaceName], flags: .dynamic, timeout: 60_000, size: 1024)

  /// Multicast and broadcast, which need no neighbour.
  private static let groups4 = IPPrefix(containing: .v4(IPv4Address(rawValue: 0xe000_0000)), length: 3)
  private static let groups6 = IPPrefix(containing: .v6(IPv6Address(rawValue: 0xff00 << 112)), length: 8)

  /// The comment of the rules that refuse.
  static let reason = "asks for too many neighbours"
  static let full = "too many neighbours"

  /// The sets of the pods' own addresses.
  static let memberSets = [members4, members6]

  /// The elements that say which addresses are pods' own.
  static func elements(of ports: [Port]) -> [(set: NamedSet, elements: [SetElement])] {
    let addresses = ports.flatMap { $0.ownAddresses(with: $0.mac) }
    return [(members4, IPFamily.v4), (members6, .v6)].compactMap { set, family in
      let own = addresses.filter { $0.family == family }.map { SetElement(SetKey(.ip($0))) }
      return own.isEmpty ? nil : (set, own)
    }
  }

  /// Makes the table, with these ports' elements.
  ///
  /// - Parameter knowsPorts: whether a frame's source says which port it is from.
  static func addTable(to transaction: inout Transaction, ports: [Port], knowsPorts: Bool) {
    transaction.add(table)
    for set in [members4, members6, asked4, asked6, Self.ports, links] { transaction.add(set, to: table) }
    let neighbors = Chain("neighbors")
    transaction.add(neighbors, to: table)
    for hook in [Hook.forward, .output] {
      let chain = Chain(hook == .forward ? "forward" : "output", type: .filter, hook: hook, priority: priority)
      transaction.add(chain, to: table)
      transaction.add(
        rule: [.match(.outputInterface, is: .interface(NodeNames.bridge)), .goto(neighbors.name)], to: chain.name,
        in: table)
    }
    for (statements, reason) in rules(knowsPorts: knowsPorts) {
      transaction.add(rule: statements, comment: reason, to: neighbors.name, in: table)
    }
    for (set, elements) in elements(of: ports) { transaction.add(elements, to: set, in: table) }
  }

  private static func rules(knowsPorts: Bool) -> [(statements: [Statement], reason: String?)] {
    let families = [
      (IPFamily.v4, members4, asked4, groups4), (.v6, members6, asked6, groups6),
    ]
    var rules: [(statements: [Statement], reason: String?)] = []
    for (family, members, asked, groups) in families {
      let neighbor = Field.nextHop(family)
      let isOfFamily = Statement.family(family)
      rules.append(([isOfFamily, .lookup([neighbor], in: members.name), .accept], nil))
      rules.append(([isOfFamily, .match(neighbor, in: groups), .accept], nil))
      rules.append(([isOfFamily, .lookup([neighbor], in: asked.name), .accept], nil))
    }
    let fromPods = Statement.match(.inputInterface, is: .interface(NodeNames.bridge))
    if knowsPorts {
      rules.append(([fromPods, .exceeds(perPort, of: [.sourceMAC], in: Self.ports.name), .counter, .drop], reason))
    }
    let fromElsewhere = Statement.match(.inputInterface, isNot: .interface(NodeNames.bridge))
    rules.append(
      (
        (knowsPorts ? [fromElsewhere] : [])
          + [.exceeds(perLink, of: [.inputInterface], in: links.name), .counter, .drop], reason
      ))
    for (family, _, asked, _) in families {
      rules.append(([.family(family), .insert([.nextHop(family)], into: asked.name), .accept], nil))
    }
    rules.append(([.counter, .drop], full))
    return rules
  }

  /// After the rules that may refuse the packet for another reason.
  static let priority: Int32 = 10
}
