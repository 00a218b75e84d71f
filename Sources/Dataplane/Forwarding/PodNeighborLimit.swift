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

  /// Makes the table, which must not be there.
  static func addTable(_ table: Table, to transaction: inout Transaction) {
    transaction.add(table, ifExists: .fail)
    for set in [NeighborLimit.asked4, NeighborLimit.asked6, NeighborLimit.links] { transaction.add(set, to: table) }
    let output = Chain("output", type: .filter, hook: .output, priority: NeighborLimit.priority)
    transaction.add(output, to: table)
    transaction.add(rule: [.match(.outputInterface, is: .interface("lo")), .accept], to: output.name, in: table)
    let families = [(IPFamily.v4, NeighborLimit.asked4), (.v6, NeighborLimit.asked6)]
    for (family, asked) in families {
      let neighbor = Field.nextHop(family)
      transaction.add(
        rule: [.family(family), .lookup([neighbor], in: asked.name), .insert([neighbor], into: asked.name), .accept],
        to: output.name, in: table)
    }
    transaction.add(
      rule: [.exceeds(NeighborLimit.perLink, of: [.outputInterface], in: NeighborLimit.links.name), .counter, .drop],
      comment: NeighborLimit.reason, to: output.name, in: table)
    for (family, asked) in families {
      transaction.add(
        rule: [.family(family), .insert([.nextHop(family)], into: asked.name)], to: output.name, in: table)
    }
  }
}

extension KernelNamespace {
  /// Bounds what a pod asks for, by a table made anew.
  package func limitNeighbors(group: UInt32) throws(DataplaneError) {
    let table = PodNeighborLimit.table(group: group)
    var transaction = Transaction()
    PodNeighborLimit.addTable(table, to: &transaction)
    do throws(DataplaneError) { try commit(transaction) } catch {
      guard case .netlink(let reason) = error, reason.errno == .exists else { throw error }
      try replaceTables([table]) { PodNeighborLimit.addTable(table, to: &$0) }
    }
  }

  /// Takes the bound of an attachment away; what is not there is nothing to take.
  package func releaseNeighbors(group: UInt32) throws(DataplaneError) {
    try deleteTable(PodNeighborLimit.table(group: group))
  }
}
