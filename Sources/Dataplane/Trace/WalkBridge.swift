internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

// On the bridge of an instance: what a pod may send, who gets it, and how the gateway delivers.

extension Walk {
  mutating func enterInstance(_ end: TraceEnd, gateway: IPAddress?) throws(DataplaneError) -> Spot? {
    let place = TraceStep.Place.instance(end.instanceName)
    guard let instance = map.instances[end.instanceName], let placed = instance.placed else {
      stop(place, .instanceNamespace, "network namespace", Self.foreign)
      return nil
    }
    guard let bridge = try checkBridge(of: placed) else { return nil }
    if let gateway, try !checkGateway(gateway, of: placed) { return nil }
    guard let port = try checkHostEnd(of: end, in: placed), try checkFilter(end, placed) else { return nil }
    if packet.destinationMAC == nil {
      let isGateway = try placed.hasGateway(packet.tuple.destination)
      // Who has it answers the pod before it sends.
      let own = station(packet.tuple.destination, in: placed).flatMap { $0.isOwn ? $0.port.mac : nil }
      packet.destinationMAC = isGateway ? NodeNames.gatewayMAC : own
    }
    guard try meetFrame(.deviceIngress, .netdev, in: placed.kernel, place, input: port),
      try meetFrame(.prerouting, .bridge, in: placed.kernel, place, input: port)
    else { return nil }
    guard packet.destinationMAC == NodeNames.gatewayMAC else { return try cross(placed, from: port, bridge) }
    guard try meetFrame(.input, .bridge, in: placed.kernel, place, input: port) else { return nil }
    return .router(router(instance, placed), input: bridge)
  }

  mutating func checkBridge(of placed: PlacedInstance) throws(DataplaneError) -> Link? {
    let link = try placed.kernel.findLink(.index(placed.bridge))
    return check(link, .instance(placed.name), .bridge, "bridge \(NodeNames.bridge)", "up") ? link : nil
  }

  private mutating func checkGateway(_ gateway: IPAddress, of placed: PlacedInstance) throws(DataplaneError) -> Bool {
    let object = "gateway \(gateway)"
    guard try placed.hasGateway(gateway) else {
      stop(.instance(placed.name), .gateway, object, "\(NodeNames.bridge) does not have it")
      return false
    }
    let entry = try placed.kernel.stations(on: placed.bridge).first { $0.mac == NodeNames.gatewayMAC }
    guard let entry, entry.link == placed.bridge else {
      stop(
        .instance(placed.name), .gateway, object,
        "the forwarding entry \(NodeNames.gatewayMAC) does not lead to \(NodeNames.bridge)")
      return false
    }
    pass(.instance(placed.name), .gateway, object, "on \(NodeNames.bridge)")
    return true
  }

  mutating func checkHostEnd(of end: TraceEnd, in placed: PlacedInstance) throws(DataplaneError) -> Link? {
    let place = TraceStep.Place.instance(placed.name)
    let object = "host end \(end.port.hostName)"
    let found = try placed.kernel.findLink(.name(end.port.hostName))
    guard let link = found, link.isUp, link.master == placed.bridge else {
      if found?.isUp == true {
        stop(place, .hostEnd, object, "it is no port of \(NodeNames.bridge)")
      } else {
        _ = check(found, place, .hostEnd, object)
      }
      return nil
    }
    if let state = link.bridgePort?.state, state != .forwarding, link.operationalState == .up {
      stop(.refused, place, .hostEnd, object, "the bridge does not forward on it (state \(state.rawValue))")
      return nil
    }
    pass(place, .hostEnd, object, "port of \(NodeNames.bridge)")
    return link
  }

  /// The elements without which what the pod sends from its own address is dropped. For what else it sends from, the chains
  /// say.
  private mutating func checkFilter(_ end: TraceEnd, _ placed: PlacedInstance) throws(DataplaneError) -> Bool {
    let place = TraceStep.Place.instance(placed.name)
    guard placed.checksSources else {
      pass(place, .sourceFilter, "source filter", "off for this network")
      return true
    }
    let source = packet.tuple.source
    guard end.port.allAddresses.contains(where: { $0.address == source }) else { return true }
    let name = KeyField.interface(end.port.hostName)
    let binding = source.family == .v4 ? SourceFilter.bind4 : SourceFilter.bind6
    let wanted = [
      (SourceFilter.l2, SetElement(name, .mac(end.port.mac)), "\(end.port.mac)"),
      (binding, SetElement(name, .mac(end.port.mac), .ip(source)), "\(end.port.mac) \(source)"),
    ]
    for (set, element, text) in wanted {
      let object = "set \(SourceFilter.table) \(set.name)"
      guard try placed.kernel.data(of: element, in: set) != nil else {
        stop(place, .sourceFilter, object, "it lacks \(end.port.hostName) \(text)")
        return false
      }
      pass(place, .sourceFilter, object, "has \(end.port.hostName) \(text)")
    }
    return true
  }

  // MARK: From port to port

  private mutating func cross(_ placed: PlacedInstance, from source: Link, _ bridge: Link) throws(DataplaneError)
    -> Spot?
  {
    let place = TraceStep.Place.instance(placed.name)
    let address = packet.tuple.destination
    guard let end = station(address, in: placed) else {
      stop(place, .station, "address \(address)", "no pod of this network has it, so that nobody answers for it")
      return nil
    }
    if placed.delivery == .told && end.isOwn {
      let map = address.family == .v4 ? SourceFilter.station4 : SourceFilter.station6
      let object = "map \(SourceFilter.table) \(map.name)"
      guard try placed.kernel.data(of: SetElement(SetKey(.ip(address))), in: map) != nil else {
        stop(place, .station, object, "it lacks \(address)")
        return nil
      }
      pass(place, .station, object, "\(address) is \(end.port.mac)")
    }
    guard let target = try checkHostEnd(of: end, in: placed) else { return nil }
    if target.bridgePort?.isolated == true, source.bridgePort?.isolated == true {
      stop(.refused, place, .isolation, "ports", "no frame goes from one isolated port to another")
      return nil
    }
    guard try checkForwarding(to: target, end, in: placed),
      try meetBridged(bridge, in: placed.kernel, place),
      try meetFrame(.forward, .bridge, in: placed.kernel, place, input: source, output: target),
      try meetFrame(.postrouting, .bridge, in: placed.kernel, place, output: target),
      try meetFrame(.deviceEgress, .netdev, in: placed.kernel, place, output: target)
    else { return nil }
    return try reach(end)
  }

  /// Who has an address in an instance.
  func station(_ address: IPAddress, in placed: PlacedInstance) -> TraceEnd? {
    for end in [request.to, request.from] {
      if let end, end.instanceName == placed.name, end.address == address { return end }
    }
    return map.end(placed.name, address)
  }

  /// The bridge knows where the station is, or asks everybody.
  mutating func checkForwarding(
    to port: Link, _ end: TraceEnd, in placed: PlacedInstance
  ) throws(DataplaneError) -> Bool {
    let place = TraceStep.Place.instance(placed.name)
    let mac = packet.destinationMAC ?? end.port.mac
    let object = "forwarding entry \(mac)"
    let found = try placed.kernel.stations(on: placed.bridge).first { $0.mac == mac }
    if found == nil, port.bridgePort?.unicastFlood != false {
      pass(place, .forwardingEntry, object, "unknown: frames go to every port")
      return true
    }
    guard found?.link == port.index else {
      stop(place, .forwardingEntry, object, "it does not lead to \(end.port.hostName)")
      return false
    }
    pass(place, .forwardingEntry, object, "at \(end.port.hostName)")
    return true
  }
}
