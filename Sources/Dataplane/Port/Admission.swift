internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter

// What an instance's tables know of its ports: elements, never rules.

/// Elements of one set of one table.
struct TableElements {
  let table: Table
  let set: NamedSet
  let elements: [SetElement]

  /// All that the tables know of these ports.
  static func of(_ ports: [Port]) -> [TableElements] {
    SourceFilter.filterElements(of: ports).map {
      TableElements(table: SourceFilter.table, set: $0.set, elements: $0.elements)
    }
      + NeighborLimit.elements(of: ports).map {
        TableElements(table: NeighborLimit.table, set: $0.set, elements: $0.elements)
      }
  }
}

extension KernelNamespace {
  /// Lets the ports send, and be sent to, before they exist.
  func admit(_ ports: [Port]) throws(DataplaneError) {
    var transaction = Transaction()
    for known in TableElements.of(ports) { transaction.add(known.elements, to: known.set, in: known.table) }
    guard try commitIfPresent(transaction) else { throw .instanceMissing }
  }

  /// Takes the ports' permission back; what is not there is nothing to take.
  func dismiss(_ ports: [Port]) throws(DataplaneError) {
    let all = TableElements.of(ports)
    if try !commitIfPresent(deletion(of: all, ifMissing: .fail)) {
      // An element is missing, or a table.
      for table in [SourceFilter.table, NeighborLimit.table] {
        _ = try commitIfPresent(deletion(of: all.filter { $0.table == table }, ifMissing: .ignore))
      }
    }
    try forgetHolders(ports)
  }

  private func deletion(of all: [TableElements], ifMissing: MissingObject) -> Transaction {
    var transaction = Transaction()
    for known in all { transaction.delete(known.elements, from: known.set, in: known.table, ifMissing: ifMissing) }
    return transaction
  }
}
