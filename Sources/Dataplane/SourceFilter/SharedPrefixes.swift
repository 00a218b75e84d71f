internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetworkAddresses

// The addresses that several ports have at once: the filter sends what is for them to the gateway, which chooses.

extension KernelNamespace {
  /// Changes which addresses go to the gateway first. None of the prefixes is in another one.
  func changeShared(adding added: [IPPrefix], removing removed: [IPPrefix]) throws(DataplaneError) {
    let connection = try netfilter()
    // Only what is there is deleted: closing the socket after a deletion waits 10 ms.
    var transaction = Transaction()
    for prefix in removed {
      let element = SetElement(in: prefix)
      let found = try asking { () throws(NetlinkError) in
        try connection.element(element, of: prefix.shared, in: SourceFilter.table)
      }
      if found != nil { transaction.delete([element], from: prefix.shared, in: SourceFilter.table) }
    }
    for prefix in added {
      transaction.add([SetElement(in: prefix)], to: prefix.shared, in: SourceFilter.table)
    }
    try commit(transaction)
  }

  /// Makes the addresses that go to the gateway first exactly these.
  func replaceShared(_ prefixes: [IPPrefix]) throws(DataplaneError) {
    let connection = try netfilter()
    var transaction = Transaction()
    for (set, family) in [(SourceFilter.shared4, IPFamily.v4), (SourceFilter.shared6, .v6)] {
      let found = try asking { () throws(NetlinkError) in
        try connection.elements(of: set, in: SourceFilter.table)
      }
      let wanted = widest(prefixes.filter { $0.family == family }).map { SetElement(in: $0) }
      if Set(found) == Set(wanted) { continue }
      transaction.flush(set: set.name, in: SourceFilter.table)
      transaction.add(wanted, to: set, in: SourceFilter.table)
    }
    try commit(transaction)
  }
}

extension IPPrefix {
  /// The set of such addresses that several have.
  fileprivate var shared: NamedSet { family == .v4 ? SourceFilter.shared4 : SourceFilter.shared6 }
}
