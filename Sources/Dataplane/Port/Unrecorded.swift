internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

extension KernelNamespace {
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

  /// The names of the host ends that are ports of our bridge.
  package func portNames() throws(DataplaneError) -> [String] {
    let route = try route()
    return try asking { () throws(NetlinkError) in
      guard let bridge = try route.link(.name(NodeNames.bridge)) else { return [] }
      return try route.links(master: bridge.index).map(\.name).filter { $0.hasPrefix(NodeNames.portPrefix) }
    }
  }

  /// The names of the links of a group.
  package func linkNames(group: UInt32) throws(DataplaneError) -> [String] {
    let route = try route()
    return try asking { () throws(NetlinkError) in try route.links().filter { $0.group == group }.map(\.name) }
  }

  /// Removes a host end of which the store knows nothing, its permissions, and the bridge's knowledge of the addresses
  /// behind it, as far as the kernel tells of them.
  ///
  /// The link goes last: while it is there, another attempt finds the rest.
  package func removeUnrecorded(link name: String) throws(DataplaneError) {
    let known = try elements(of: name)
    var transaction = Transaction()
    for sets in known.sets { transaction.delete(sets.elements, from: sets.set, in: sets.table) }
    try commit(transaction)
    try forgetNeighbors(behind: name, known.macs)
    try route().deleteIfPresent([name])
  }

  /// - Parameter macs: those that the filter let the port use, beside the one that the bridge was told of.
  private func forgetNeighbors(behind port: String, _ macs: [MACAddress]) throws(DataplaneError) {
    let route = try route()
    let batch = try asking { () throws(NetlinkError) in
      var batch = Batch()
      guard let bridge = try route.link(.name(NodeNames.bridge)), let link = try route.link(.name(port)) else {
        return batch
      }
      let told = try route.forwardingEntries(bridge: bridge.index).filter { $0.link == link.index }.compactMap(\.mac)
      for neighbor in try route.neighbors(link: bridge.index) {
        if let mac = neighbor.mac, (macs + told).contains(mac) { batch.deleteNeighbor(neighbor) }
      }
      return batch
    }
    if !batch.isEmpty { try route.carryOut(batch) }
  }

  /// The filter's elements whose first field is this port, and those that lead to a MAC behind it.
  private func elements(
    of port: String
  ) throws(DataplaneError) -> (sets: [TableElements], macs: [MACAddress]) {
    let key = KeyField.interface(port).bytes
    var found: [TableElements] = []
    var macs: [MACAddress] = []
    for set in SourceFilter.sets {
      let ours = try self.elements(of: set).filter { element in
        element.key.bytes.starts(with: key) || macs.contains { element.value == .data(.mac($0)) }
      }
      if !ours.isEmpty { found.append(TableElements(table: SourceFilter.table, set: set, elements: ours)) }
      macs += ours.compactMap { MACAddress(bytes: $0.key.bytes.dropFirst(16).prefix(6)) }
    }
    let stations = Set(found.filter { $0.set.content != .membership }.flatMap(\.elements).map(\.key))
    for set in NeighborLimit.memberSets {
      let ours = try self.elements(of: set, in: NeighborLimit.table).filter { stations.contains($0.key) }
      if !ours.isEmpty { found.append(TableElements(table: NeighborLimit.table, set: set, elements: ours)) }
    }
    return (found, macs)
  }
}
