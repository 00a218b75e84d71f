internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute

// Which uplinks there are, and how they go.

extension NodeKernel {
  /// Takes an instance's uplink away, and with the last one the node's rules; what is gone already is nothing to take
  /// away.
  ///
  /// - Parameter instance: `nil` where its namespace is gone.
  /// - Returns: whether there is no uplink left.
  @discardableResult
  package func removeUplink(number: UInt32, in instance: KernelNamespace?) throws(DataplaneError) -> Bool {
    let links = try uplinks()
    let own = links.filter { $0.isUplink(of: number) }
    // The rules know it before it is made, under whichever of its names.
    if own.count < links.count { try forgetUplinks(UplinkNames.prefixes.map { "\($0)\(number)" }) }
    try deleteUplinks(own)
    if let instance { try instance.deleteTable(UplinkRules.instanceTable) }
    guard own.count == links.count else { return false }
    try node.deleteTable(UplinkRules.nodeTable)
    return true
  }

  /// Takes uplinks out of the node's rules. Where the table is gone there is nothing to take away.
  private func forgetUplinks(_ names: [String]) throws(DataplaneError) {
    var transaction = Transaction()
    UplinkRules.remove(links: names, from: &transaction)
    _ = try node.commitIfPresent(transaction)
  }

  /// The numbers of the uplinks.
  package func uplinkNumbers() throws(DataplaneError) -> [UInt32] { try uplinks().compactMap(\.uplinkNumber) }

  func uplinks() throws(DataplaneError) -> [Link] {
    let route = try node.route()
    return try asking { () throws(NetlinkError) in try route.links() }.filter { $0.uplinkNumber != nil }
  }

  func deleteUplinks(_ links: [Link]) throws(DataplaneError) {
    for link in links {
      let watch = try LinkWatch(for: [link.name], in: node)
      var batch = Batch()
      batch.deleteLink(.index(link.index))
      let kept = node.netfilterDescriptor.map { [$0] } ?? []
      let sender = try send(batch, on: try node.routeTransport(), keeping: kept)
      try awaitRemoval([watch], sender: sender)
    }
  }
}

extension Link {
  /// The number of the uplink that the link is an end of.
  var uplinkNumber: UInt32? {
    guard kind == Veth.name, address == UplinkNames.nodeMAC else { return nil }
    for prefix in UplinkNames.prefixes where name.hasPrefix(prefix) {
      return UInt32(name.dropFirst(prefix.utf8.count))
    }
    return nil
  }

  func isUplink(of number: UInt32) -> Bool { uplinkNumber == number }
}
