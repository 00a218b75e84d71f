internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

extension NodeKernel {
  /// Whether one of the links exists in the node's namespace; `true` where that cannot be found out.
  package func hasAnyLink(_ names: [String]) -> Bool {
    do {
      let connection = try route()
      for name in names {
        if try connection.link(.name(name)) != nil { return true }
      }
      return false
    } catch {
      return true
    }
  }

  /// Removes a host end of which the store knows nothing, its permissions, and the bridge's knowledge of the addresses
  /// behind it, as far as the kernel tells of them.
  package func removeUnrecorded(link name: String) throws(DataplaneError) {
    let bindings = try elements(of: name)
    let route = try route()
    let bridge = try asking { () throws(NetlinkError) in try route.link(.name(NodeNames.bridge)) }
    try route.deleteIfPresent([name])
    let netfilter = try netfilter()
    for (set, elements) in bindings where !elements.isEmpty {
      var transaction = Transaction()
      transaction.delete(elements, from: set, in: SourceFilter.table, ifMissing: .ignore)
      do { try transaction.commit(on: netfilter) } catch { throw .netlink(error) }
    }
    guard let bridge else { return }
    let macs = bindings.flatMap { $0.elements.compactMap { MACAddress(bytes: $0.key.bytes.dropFirst(16).prefix(6)) } }
    let found = try asking { () throws(NetlinkError) in try route.neighbors(link: bridge.index) }
    var batch = Batch()
    for neighbor in found where neighbor.mac.map(macs.contains) == true { batch.deleteNeighbor(neighbor) }
    try route.carryOut(batch)
  }

  /// The filter's elements whose first field is this port.
  private func elements(of port: String) throws(DataplaneError) -> [(set: NamedSet, elements: [SetElement])] {
    let connection = try netfilter()
    let key = KeyField.interface(port).bytes
    var found: [(NamedSet, [SetElement])] = []
    for set in SourceFilter.sets {
      do {
        let all = try connection.elements(of: set, in: SourceFilter.table)
        found.append((set, all.filter { $0.key.bytes.starts(with: key) }))
      } catch {
        if error.errno != .noSuchFile { throw .netlink(error) }
      }
    }
    return found
  }
}
