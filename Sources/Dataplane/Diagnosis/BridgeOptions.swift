internal import Netlink
internal import NetlinkRoute

extension PlacedInstance {
  /// What the bridge, and its ports to these pods, were told by somebody else.
  package func bridgeProblems(_ ports: [Port]) throws(DataplaneError) -> [String] {
    let route = try kernel.route()
    let links = try asking { () throws(NetlinkError) in try route.links() }
    // Whether it is there, and whether a host end is its port, is asked elsewhere.
    guard let bridge = links.first(where: { $0.index == self.bridge }) else { return [] }
    var problems = bridge.isUp ? [] : ["bridge \(NodeNames.bridge) is down"]
    if let mac = bridge.address, mac != NodeNames.gatewayMAC {
      problems.append("bridge \(NodeNames.bridge) has the MAC \(mac) instead of \(NodeNames.gatewayMAC)")
    }
    if let found = bridge.bridge {
      problems += Bridge.told.differences(found).map { "bridge \(NodeNames.bridge): \($0)" }
    }
    let byName = Dictionary(links.map { ($0.name, $0) }) { $1 }
    for port in ports {
      guard let found = byName[port.hostName]?.bridgePort else { continue }
      problems += BridgePort(port, in: self).differences(found).map { "host end \(port.hostName): \($0)" }
    }
    return problems
  }
}

// The options' names are those of ip-link(8) and bridge(8).

extension Bridge {
  fileprivate func differences(_ found: Bridge) -> [String] {
    [
      number("forward_delay", found.forwardDelay, forwardDelay),
      number("ageing_time", found.ageingTime, ageingTime),
      flag("stp_state", found.spanningTree, spanningTree),
      number("group_fwd_mask", found.groupForwardMask.map(UInt32.init), groupForwardMask.map(UInt32.init)),
      flag("mcast_snooping", found.multicastSnooping, multicastSnooping),
      flag("no_linklocal_learn", found.noLinkLocalLearning, noLinkLocalLearning),
      number("fdb_max_learned", found.learningLimit, learningLimit),
    ].compactMap(\.self)
  }
}

extension BridgePort {
  fileprivate func differences(_ found: BridgePort) -> [String] {
    [
      flag("hairpin", found.hairpin, hairpin),
      flag("learning", found.learning, learning),
      flag("flood", found.unicastFlood, unicastFlood),
      flag("mcast_flood", found.multicastFlood, multicastFlood),
      flag("bcast_flood", found.broadcastFlood, broadcastFlood),
      flag("isolated", found.isolated, isolated),
    ].compactMap(\.self)
  }
}

/// An option that is not as wanted; one that the kernel does not know is not one.
private func number(_ option: String, _ found: UInt32?, _ wanted: UInt32?) -> String? {
  guard let found, let wanted, found != wanted else { return nil }
  return "\(option) is \(found) instead of \(wanted)"
}

private func flag(_ option: String, _ found: Bool?, _ wanted: Bool?) -> String? {
  guard let found, let wanted, found != wanted else { return nil }
  return "\(option) is \(found ? "on" : "off") instead of \(wanted ? "on" : "off")"
}
