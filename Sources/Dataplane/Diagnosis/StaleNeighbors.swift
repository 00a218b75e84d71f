internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute
package import NetworkAddresses

extension KernelNamespace {
  /// The neighbours that the bridge was told of and that are none of these.
  package func staleNeighbors(besides known: Set<IPAddress>) throws(DataplaneError) -> [IPAddress] {
    try staleEntries(known).compactMap(\.address)
  }

  /// Makes the bridge forget them.
  package func forgetNeighbors(besides known: Set<IPAddress>) throws(DataplaneError) {
    var batch = Batch()
    for neighbor in try staleEntries(known) { batch.deleteNeighbor(neighbor) }
    if !batch.isEmpty { try route().carryOut(batch, except: .noSuchFile) }
  }

  private func staleEntries(_ known: Set<IPAddress>) throws(DataplaneError) -> [Neighbor] {
    guard let bridge = try bridgeFound()?.index else { return [] }
    let route = try route()
    return try asking { () throws(NetlinkError) in try route.neighbors(link: bridge) }.filter { entry in
      guard entry.link == bridge, entry.state == .permanent, let address = entry.address else { return false }
      return !known.contains(address)
    }
  }
}
