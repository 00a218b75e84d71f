internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetworkAddresses

/// For how many addresses a pod's own kernel asks, in a table inside the pod's namespace.
///
/// What a pod sends to addresses of its own subnets passes no port before the pod's kernel has made an entry for each, in the
/// one table of all namespaces. An interface of a pod asks for as many as a link of a gateway; those of an attachment together
/// have 512. Who has `CAP_NET_ADMIN` in the pod can take the table away.
enum PodNeighborLimit {
  /// Each attachment has a table of its own, which comes and goes with it.
  static func table(group: UInt32) -> Table { Table(.inet, prefix + String(group, radix: 16)) }

  /// Whether it is the table of some attachment.
  static func isTable(_ table: Table) -> Bool { table.family == .inet && table.name.hasPrefix(prefix) }

  private static let prefix = NeighborLimit.table.name + "-"

  /// The attachment's interfaces; others are not its own to bound.
  private static let own = NamedSet("own", key: [.interfaceName])
  /// A family, its routers, and what was asked for by which interface, as long as something is sent there. Half of what a
  /// kernel keeps that nobody told to keep more: the kernel does not give an entry back that is sent to.
  private static let families: [(family: IPFamily, routers: NamedSet, asked: NamedSet)] = [
    (
      .v4, NamedSet("routers4", key: [.ipv4Address]),
      NamedSet("asked4", key: [.interfaceName, .ipv4Address], flags: .dynamic, timeout: 30_000, size: 512)
    ),
    (
      .v6, NamedSet("routers6", key: [.ipv6Address]),
      NamedSet("asked6", key: [.interfaceName, .ipv6Address], flags: .dynamic, timeout: 30_000, size: 512)
    ),
  ]

  /// The sets whose elements only an attachment's ports decide about.
  static let fixedSets = [own] + families.map(\.routers)

  /// Makes the table, which must not be there, for the ports of an attachment.
  static func addTable(_ table: Table, to transaction: inout Transaction, ports: [Port]) {
    transaction.add(table, ifExists: .fail)
    for set in fixedSets + families.map(\.asked) + [NeighborLimit.links] { transaction.add(set, to: table) }
    let neighbors = Chain("neighbors")
    transaction.add(neighbors, to: table)
    // A namespace may forward without having been told to: it begins with what the node's has for IPv4.
    for hook in [Hook.output, .forward] {
      let name = hook == .output ? "output" : "forward"
      transaction.add(Chain(name, type: .filter, hook: hook, priority: NeighborLimit.priority), to: table)
      transaction.add(rule: [.goto(neighbors.name)], to: name, in: table)
    }
    for (statements, reason) in rules {
      transaction.add(rule: statements, comment: reason, to: neighbors.name, in: table)
    }
    for (set, elements) in elements(of: ports) { transaction.add(elements, to: set, in: table) }
  }

  /// The way to the routers is always open: who has a pod answer many addresses uses up what it may ask for.
  private static var rules: [(statements: [Statement], reason: String?)] {
    let tooMany = Statement.exceeds(NeighborLimit.perLink, of: [.outputInterface], in: NeighborLimit.links.name)
    func byFamily(_ last: (Field, NamedSet, NamedSet) -> [Statement]) -> [(statements: [Statement], reason: String?)] {
      families.map { family, routers, asked in
        ([.family(family)] + last(.nextHop(family), routers, asked) + [.accept], nil)
      }
    }
    return byFamily { nextHop, _, asked in [.refresh([.outputInterface, nextHop], in: asked.name)] }
      + [([.lookup([.outputInterface], in: own.name, inverted: true), .accept], nil)]
      + byFamily { nextHop, routers, _ in [.lookup([nextHop], in: routers.name)] }
      + [([tooMany, .counter, .drop], NeighborLimit.reason)]
      + byFamily { nextHop, _, asked in [.insert([.outputInterface, nextHop], into: asked.name)] }
      + [([.counter, .drop], NeighborLimit.full)]
  }

  private static func elements(of ports: [Port]) -> [(set: NamedSet, elements: [SetElement])] {
    let routers = families.map { family, set, _ in
      let addresses = Set(ports.flatMap(\.routers).filter { $0.family == family }.flatMap { [$0] + $0.askedGroups })
      return (set, addresses.sorted().map { SetElement(SetKey(.ip($0))) })
    }
    return ([(own, ports.map { SetElement(SetKey(.interface($0.name))) })] + routers).filter { !$0.1.isEmpty }
  }
}

extension IPAddress {
  /// Where an IPv6 address is asked for: its solicited-node multicast address (RFC 4291, 2.7.1).
  fileprivate var askedGroups: [IPAddress] {
    guard case .v6(let address) = self else { return [] }
    return [.v6(IPv6Address(rawValue: 0xff02 << 112 | 0x1_ff00_0000 | address.rawValue & 0xff_ffff))]
  }
}

extension KernelNamespace {
  /// Bounds what a pod asks for, by a table made anew for the ports of an attachment.
  package func limitNeighbors(of ports: [Port]) throws(DataplaneError) {
    guard let group = ports.first?.group else { return }
    let table = PodNeighborLimit.table(group: group)
    var transaction = Transaction()
    PodNeighborLimit.addTable(table, to: &transaction, ports: ports)
    do throws(DataplaneError) { try commit(transaction) } catch {
      guard case .netlink(let reason) = error, reason.errno == .exists else { throw error }
      try replaceTables([table]) { PodNeighborLimit.addTable(table, to: &$0, ports: ports) }
    }
  }

  /// Takes the bound of an attachment away; what is not there is nothing to take.
  package func releaseNeighbors(group: UInt32) throws(DataplaneError) {
    try deleteTable(PodNeighborLimit.table(group: group))
  }
}
