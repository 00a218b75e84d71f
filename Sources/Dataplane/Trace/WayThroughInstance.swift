internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

// From a pod into its instance, and to another pod of the same one.

extension Way {
  /// - Returns: the route that the packet takes in the pod.
  mutating func leavePod() throws(DataplaneError) -> Route? {
    let place = TraceStep.Place.pod(from.pod)
    guard let pod = from.kernel else {
      _ = stop(place, .podNamespace, "network namespace", "it is not the one that was attached")
      return nil
    }
    let link = try pod.findLink(.name(from.port.name))
    guard check(link, place, .podLink, "interface \(from.port.name)", "up"), let link,
      try check(addressOf: from, link, in: pod)
    else { return nil }
    let object = "route to \(to.address)"
    guard let route = try pod.lookUp(to: to.address, from: from.address) else {
      _ = stop(place, .podRoute, object, "the kernel has none")
      return nil
    }
    let way = try pod.text(route)
    guard route.output == link.index else {
      _ = stop(place, .podRoute, object, "it is \(way), not \(from.port.name)")
      return nil
    }
    pass(place, .podRoute, object, way)
    if let gateway = route.gateway {
      guard try check(neighbor: gateway, at: NodeNames.gatewayMAC, on: link.index, in: pod, place, .podNeighbor) else {
        return nil
      }
    }
    return route
  }

  /// The bridge, the gateway on it if the packet goes there, the pod's port, and what the pod may send.
  mutating func enterInstance(_ instance: PlacedInstance, by route: Route) throws(DataplaneError) -> Bool {
    guard try check(bridgeOf: instance) else { return false }
    if let gateway = route.gateway {
      let connection = try instance.kernel.route()
      let addresses = try asking { () throws(NetlinkError) in try connection.addresses(link: instance.bridge) }
      let isThere = addresses.contains { $0.link == instance.bridge && $0.address.address == gateway }
      let object = "gateway \(gateway)"
      if !isThere { return stop(.instance(instance.name), .gateway, object, "\(NodeNames.bridge) does not have it") }
      pass(.instance(instance.name), .gateway, object, "on \(NodeNames.bridge)")
    }
    guard try check(hostEndOf: from, in: instance) != nil else { return false }
    return try checkFilter(instance)
  }

  mutating func check(bridgeOf instance: PlacedInstance) throws(DataplaneError) -> Bool {
    check(
      try instance.kernel.findLink(.index(instance.bridge)), .instance(instance.name), .bridge,
      "bridge \(NodeNames.bridge)", "up")
  }

  mutating func check(hostEndOf end: TraceEnd, in instance: PlacedInstance) throws(DataplaneError) -> Link? {
    let place = TraceStep.Place.instance(instance.name)
    let object = "host end \(end.port.hostName)"
    let found = try instance.kernel.findLink(.name(end.port.hostName))
    guard let link = found, link.isUp, link.master == instance.bridge else {
      if found?.isUp == true {
        _ = stop(place, .hostEnd, object, "it is no port of \(NodeNames.bridge)")
      } else {
        _ = check(found, place, .hostEnd, object)
      }
      return nil
    }
    if let state = link.bridgePort?.state, state != .forwarding, link.operationalState == .up {
      _ = stop(.refused, place, .hostEnd, object, "the bridge does not forward on it (state \(state.rawValue))")
      return nil
    }
    pass(place, .hostEnd, object, "port of \(NodeNames.bridge)")
    return link
  }

  /// The elements without which the pod's packets are dropped.
  private mutating func checkFilter(_ instance: PlacedInstance) throws(DataplaneError) -> Bool {
    let place = TraceStep.Place.instance(instance.name)
    guard instance.checksSources else {
      pass(place, .sourceFilter, "source filter", "off for this network")
      return true
    }
    let name = KeyField.interface(from.port.hostName)
    let binding = from.address.family == .v4 ? SourceFilter.bind4 : SourceFilter.bind6
    let wanted = [
      (SourceFilter.l2, SetElement(name, .mac(from.port.mac)), "\(from.port.mac)"),
      (binding, SetElement(name, .mac(from.port.mac), .ip(from.address)), "\(from.port.mac) \(from.address)"),
    ]
    for (set, element, text) in wanted {
      let object = "set \(SourceFilter.table) \(set.name)"
      guard try instance.kernel.has(element, set) else {
        return stop(place, .sourceFilter, object, "it lacks \(from.port.hostName) \(text)")
      }
      pass(place, .sourceFilter, object, "has \(from.port.hostName) \(text)")
    }
    return true
  }

  /// From port to port of one bridge, or by the gateway where pods are neighbours of nobody else.
  mutating func cross(_ instance: PlacedInstance, isRouted: Bool) throws(DataplaneError) -> Bool {
    let place = TraceStep.Place.instance(instance.name)
    if isRouted {
      return try checkDelivery(in: instance, input: instance.bridge)
    }
    if instance.delivery == .told {
      let station = to.address.family == .v4 ? SourceFilter.station4 : SourceFilter.station6
      let object = "map \(SourceFilter.table) \(station.name)"
      guard try instance.kernel.has(SetElement(SetKey(.ip(to.address))), station) else {
        return stop(place, .station, object, "it lacks \(to.address)")
      }
      pass(place, .station, object, "\(to.address) is \(to.port.mac)")
    }
    guard let target = try check(hostEndOf: to, in: instance) else { return false }
    if target.bridgePort?.isolated == true,
      try instance.kernel.findLink(.name(from.port.hostName))?.bridgePort?.isolated == true
    {
      return stop(.refused, place, .isolation, "ports", "no frame goes from one isolated port to another")
    }
    return try checkForwarding(to: target, in: instance)
  }

  /// The bridge knows where the station is, or asks everybody.
  private mutating func checkForwarding(to port: Link, in instance: PlacedInstance) throws(DataplaneError) -> Bool {
    let place = TraceStep.Place.instance(instance.name)
    let connection = try instance.kernel.route()
    let entries = try asking { () throws(NetlinkError) in try connection.forwardingEntries(bridge: instance.bridge) }
    let object = "forwarding entry \(to.port.mac)"
    let found = entries.first { $0.mac == to.port.mac }
    if found == nil, port.bridgePort?.unicastFlood != false {
      pass(place, .forwardingEntry, object, "unknown: frames go to every port")
      return true
    }
    guard found?.link == port.index else {
      return stop(place, .forwardingEntry, object, "it does not lead to \(to.port.hostName)")
    }
    pass(place, .forwardingEntry, object, "at \(to.port.hostName)")
    return true
  }

  /// From the instance as a router to the target's port.
  ///
  /// - Parameter input: the link that the packet came by.
  mutating func checkDelivery(in instance: PlacedInstance, input: UInt32) throws(DataplaneError) -> Bool {
    let place = TraceStep.Place.instance(instance.name)
    let object = "route to \(to.address)"
    guard let route = try instance.kernel.lookUp(to: to.address, from: from.address, input: input) else {
      return stop(place, .instanceRoute, object, "the kernel has none")
    }
    let way = try instance.kernel.text(route)
    guard route.output == instance.bridge else {
      return stop(place, .instanceRoute, object, "it is \(way), not \(NodeNames.bridge)")
    }
    pass(place, .instanceRoute, object, way)
    guard
      try check(neighbor: to.address, at: to.port.mac, on: instance.bridge, in: instance.kernel, place),
      let port = try check(hostEndOf: to, in: instance)
    else { return false }
    return try checkForwarding(to: port, in: instance)
  }
}

extension KernelNamespace {
  fileprivate func has(_ element: SetElement, _ set: NamedSet) throws(DataplaneError) -> Bool {
    let connection = try netfilter()
    return try asking { () throws(NetlinkError) in
      try connection.element(element, of: set, in: SourceFilter.table) != nil
    }
  }
}
