internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

// Which port has an address that several may have: what the filter learnt from announcements.

extension KernelNamespace {
  /// Forgets that these ports have addresses of pairs. Whoever asks next asks everybody.
  func forgetHolders(_ ports: [Port]) throws(DataplaneError) {
    let ports = ports.filter { !$0.pairs.isEmpty }
    if ports.isEmpty { return }
    for map in [SourceFilter.holder4, SourceFilter.holder6] {
      for element in try elements(of: map) where ports.contains(where: { $0.holds(element) }) {
        var transaction = Transaction()
        transaction.delete([SetElement(element.key)], from: map, in: SourceFilter.table)
        // It may have been forgotten by itself meanwhile.
        _ = try commitIfPresent(transaction)
      }
    }
  }
}

extension Port {
  fileprivate func holds(_ element: SetElement) -> Bool {
    guard let address = IPAddress(bytes: element.key.bytes), case .data(let field)? = element.value else {
      return false
    }
    return pairs.contains { pair in
      pair.prefix.contains(address) && macs(of: pair).contains { $0.bytes == field.bytes }
    }
  }
}

extension NodeKernel {
  /// Changes which pairs a running port has, and touches nothing else of it: what stays allowed is allowed all the time.
  package func changePairs(of old: Port, to new: Port, in instance: PlacedInstance) throws(DataplaneError) {
    try instance.kernel.exchange(old, new)
    let connection = try instance.kernel.route()
    var batch = Batch()
    batch.setLink(.name(new.hostName), LinkAttributes(), port: BridgePort(new, in: instance))
    try connection.carryOut(batch)
    try instance.kernel.forgetHolders([old.keeping(old.pairs.filter { !new.pairs.contains($0) })])
  }
}

extension KernelNamespace {
  fileprivate func exchange(_ old: Port, _ new: Port) throws(DataplaneError) {
    let before = Dictionary(SourceFilter.filterElements(of: [old]).map { ($0.set, Set($0.elements)) }) { $1 }
    let after = Dictionary(SourceFilter.filterElements(of: [new]).map { ($0.set, Set($0.elements)) }) { $1 }
    var transaction = Transaction()
    for (set, elements) in before {
      let gone = elements.subtracting(after[set] ?? [])
      transaction.delete(Array(gone), from: set, in: SourceFilter.table, ifMissing: .ignore)
    }
    // Also what should be there already: an earlier change may have died on its way.
    for (set, elements) in after { transaction.add(Array(elements), to: set, in: SourceFilter.table) }
    guard try commitIfPresent(transaction) else { throw .instanceMissing }
  }
}
