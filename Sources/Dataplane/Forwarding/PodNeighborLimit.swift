internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetworkAddresses

/// For how many addresses a pod's own kernel asks, in a table inside the pod's namespace.
///
/// What a pod sends to addresses of its own subnets passes no port before the pod's kernel has made an entry for each, in the
/// one table of all namespaces. An interface of a pod asks for as many as a link of a gateway. Who has `CAP_NET_ADMIN` in the
/// pod can take the table away; nobody else there can.
enum PodNeighborLimit {
  /// Each attachment has a table of its own, which comes and goes with it.
  static func table(group: UInt32) -> Table { Table(.inet, prefix + String(group, radix: 16)) }

  /// Whether it is the table of some attachment.
  static func isTable(_ table: Table) -> Bool { table.family == .inet && table.name.hasPrefix(prefix) }

  private static let prefix = NeighborLimit.table.name + "-"

  /// A family, its routers, and what was asked for, as long as something is sent there.
  private static let families: [(family: IPFamily, routers: NamedSet, asked: NamedSet)] = [
    (.v4, NamedSet("routers4", key: [.ipv4Address]), NeighborLimit.asked4),
    (.v6, NamedSet("routers6", key: [.ipv6Address]), NeighborLimit.asked6),
  ]

  /// Makes the table, which must not be there. The way to the routers is always open: who has a pod answer others uses up what
  /// it may ask for.
  static func addTable(_ table: Table, to transaction: inout Transaction, routers: [IPAddress]) {
    transaction.add(table, ifExists: .fail)
    for set in families.flatMap({ [$0.routers, $0.asked] }) + [NeighborLimit.links] { transaction.add(set, to: table) }
    let output = Chain("output", type: .filter, hook: .output, priority: NeighborLimit.priority)
    transaction.add(output, to: table)
    func add(_ rule: [Statement], _ reason: String? = nil) {
      transaction.add(rule: rule, comment: reason, to: output.name, in: table)
    }
    for (family, _, asked) in families {
      add([.family(family), .refresh([.nextHop(family)], in: asked.name), .accept])
    }
    add([.match(.outputInterface, is: .interface("lo")), .accept])
    for (family, routers, asked) in families {
      let nextHop = [Field.nextHop(family)]
      add([.family(family), .lookup(nextHop, in: routers.name), .insert(nextHop, into: asked.name), .accept])
    }
    let tooMany = Statement.exceeds(NeighborLimit.perLink, of: [.outputInterface], in: NeighborLimit.links.name)
    add([tooMany, .counter, .drop], NeighborLimit.reason)
    for (family, _, asked) in families { add([.family(family), .insert([.nextHop(family)], into: asked.name)]) }
    for (family, set, _) in families {
      let own = Set(routers.filter { $0.family == family }.flatMap { [$0] + $0.askedGroups })
      if !own.isEmpty { transaction.add(own.sorted().map { SetElement(SetKey(.ip($0))) }, to: set, in: table) }
    }
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
    let routers = ports.flatMap(\.routers)
    var transaction = Transaction()
    PodNeighborLimit.addTable(table, to: &transaction, routers: routers)
    do throws(DataplaneError) { try commit(transaction) } catch {
      guard case .netlink(let reason) = error, reason.errno == .exists else { throw error }
      try replaceTables([table]) { PodNeighborLimit.addTable(table, to: &$0, routers: routers) }
    }
  }

  /// Takes the bound of an attachment away; what is not there is nothing to take.
  package func releaseNeighbors(group: UInt32) throws(DataplaneError) {
    try deleteTable(PodNeighborLimit.table(group: group))
  }
}
