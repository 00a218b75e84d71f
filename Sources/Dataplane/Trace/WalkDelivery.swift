internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
package import NetworkAddresses

// How a gateway delivers to the stations of its bridge.

extension Walk {
  /// From the instance as a router to the station that the packet, or the next hop, belongs to.
  mutating func deliver(to hop: IPAddress, in instance: TracedInstance) throws(DataplaneError) -> Spot? {
    let place = TraceStep.Place.instance(instance.name)
    guard let placed = instance.placed else {
      stop(place, .instanceNamespace, "network namespace", Self.foreign)
      return nil
    }
    guard let end = station(packet.tuple.destination, in: placed) ?? map.end(placed.name, hop) else {
      stop(place, .neighbor, "neighbour \(hop)", "no pod of this network has the address")
      return nil
    }
    let isNext = hop != packet.tuple.destination
    let macs = end.isOwn || isNext ? [end.port.mac] : end.port.pairs.flatMap(end.port.macs)
    guard try check(neighbor: hop, at: macs, on: placed.bridge, in: placed.kernel, place),
      let port = try checkHostEnd(of: end, in: placed)
    else { return nil }
    packet.destinationMAC = try placed.kernel.neighbor(hop, on: placed.bridge)
    packet.sourceMAC = NodeNames.gatewayMAC
    guard try checkForwarding(to: port, end, in: placed),
      try meetFrame(.output, .bridge, in: placed.kernel, place, output: port),
      try meetFrame(.postrouting, .bridge, in: placed.kernel, place, output: port),
      try meetFrame(.deviceEgress, .netdev, in: placed.kernel, place, output: port)
    else { return nil }
    return try reach(end)
  }
}

extension PlacedInstance {
  /// Whether the bridge has the address.
  package func hasGateway(_ address: IPAddress) throws(DataplaneError) -> Bool {
    let connection = try kernel.route()
    let addresses: [Address]
    do throws(NetlinkError) { addresses = try connection.addresses(link: bridge) } catch {
      if error.errno == .noSuchDevice { return false }
      throw .netlink(error)
    }
    return addresses.contains { $0.link == bridge && $0.address.address == address }
  }
}

extension KernelNamespace {
  /// The element of a set or map of the source filter.
  func data(of element: SetElement, in set: NamedSet) throws(DataplaneError) -> SetElement? {
    let connection = try netfilter()
    return try asking { () throws(NetlinkError) in try connection.element(element, of: set, in: SourceFilter.table) }
  }

  /// A bridge's forwarding entries.
  func stations(on bridge: UInt32) throws(DataplaneError) -> [Neighbor] {
    let connection = try route()
    return try asking { () throws(NetlinkError) in try connection.forwardingEntries(bridge: bridge) }
  }
}
