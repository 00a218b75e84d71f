internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
package import NetworkAddresses

extension KernelNamespace {
  /// The neighbours that the bridge was told of, or that pass as pods' own, and are none of these.
  package func staleNeighbors(besides known: Set<IPAddress>) throws(DataplaneError) -> [IPAddress] {
    let members = try staleMembers(known).flatMap(\.elements).compactMap { IPAddress(bytes: $0.key.bytes) }
    return Set(try staleEntries(known).compactMap(\.address) + members).sorted()
  }

  /// Makes bridge and rules forget them.
  package func forgetNeighbors(besides known: Set<IPAddress>) throws(DataplaneError) {
    var batch = Batch()
    for neighbor in try staleEntries(known) { batch.deleteNeighbor(neighbor) }
    if !batch.isEmpty { try route().carryOut(batch, except: .noSuchFile) }
    var transaction = Transaction()
    for stale in try staleMembers(known) { transaction.delete(stale.elements, from: stale.set, in: stale.table) }
    try commit(transaction)
  }

  private func staleEntries(_ known: Set<IPAddress>) throws(DataplaneError) -> [Neighbor] {
    guard let bridge = try bridgeFound()?.index else { return [] }
    let route = try route()
    return try asking { () throws(NetlinkError) in try route.neighbors(link: bridge) }.filter { entry in
      guard entry.link == bridge, entry.state == .permanent, let address = entry.address else { return false }
      return !known.contains(address)
    }
  }

  /// Link-local addresses follow from MACs.
  private func staleMembers(_ known: Set<IPAddress>) throws(DataplaneError) -> [TableElements] {
    var stale: [TableElements] = []
    for set in NeighborLimit.memberSets {
      let elements = try self.elements(of: set, in: NeighborLimit.table).filter { element in
        guard let address = IPAddress(bytes: element.key.bytes) else { return true }
        return !known.contains(address) && !(address.family == .v6 && LinkLocal.ipv6.contains(address))
      }
      if !elements.isEmpty { stale.append(TableElements(table: NeighborLimit.table, set: set, elements: elements)) }
    }
    return stale
  }
}
