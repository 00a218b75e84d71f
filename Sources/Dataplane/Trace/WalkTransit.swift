internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

// From one instance to another.

extension Walk {
  mutating func enterTransit(
    _ instance: TracedInstance, _ placed: PlacedInstance, _ end: Link
  ) throws(DataplaneError) -> Spot? {
    let place = TraceStep.Place.instance(instance.name)
    let address = TransitNames.transitAddress(packet.family)
    guard
      try check(neighbor: address, at: [TransitNames.transitMAC], on: end.index, in: placed.kernel, place)
    else { return nil }
    return .transit(from: instance)
  }

  /// Both instances' links, the rule that leads to the importer's table, the route there, and the way back that the
  /// transit asks for before it lets the packet pass.
  mutating func crossTransit(from instance: TracedInstance) throws(DataplaneError) -> Spot? {
    guard let transit = map.transit else {
      stop(.transit, .transitNamespace, "network namespace", Self.foreign)
      return nil
    }
    let wanted = wantedInstance.flatMap { map.instances[$0] }
    guard let input = try checkLink(instance.vni, in: transit) else { return nil }
    if let wanted, wanted.vni != 0, wanted.vni != instance.vni, try checkLink(wanted.vni, in: transit) == nil {
      return nil
    }
    let router = Router(kernel: transit, place: .transit)
    enter(transit)
    guard try meetFrame(.deviceIngress, .netdev, in: transit, .transit, input: input),
      try meet(.prerouting, in: transit, .transit, input: input),
      try checkRule(instance.vni, packet.family, transit), try checkForwarding(router, input)
    else { return nil }
    guard let (exporter, output) = try checkRoute(from: instance, wanted, transit),
      try checkReverse(from: instance, exporter, output, transit),
      try meet(.forward, in: transit, .transit, input: input, output: output),
      try meet(.postrouting, in: transit, .transit, output: output),
      try check(
        neighbor: TransitNames.instanceAddress(packet.family), at: [TransitNames.instanceMAC], on: output.index,
        in: transit, .transit)
    else { return nil }
    remember(in: transit)
    return try enterExporter(exporter)
  }

  private mutating func checkLink(_ vni: UInt32, in transit: KernelNamespace) throws(DataplaneError) -> Link? {
    let link = try transit.findLink(.index(TransitNames.linkIndex(vni)))
    return check(link, .transit, .transitLink, "link \(TransitNames.link(vni))", "up") ? link : nil
  }

  private mutating func checkRoute(
    from instance: TracedInstance, _ wanted: TracedInstance?, _ transit: KernelNamespace
  ) throws(DataplaneError) -> (TracedInstance, Link)? {
    let object = "route to \(packet.tuple.destination) in table \(TransitNames.table(instance.vni).rawValue)"
    let found = try transit.lookUp(
      to: packet.tuple.destination, from: packet.tuple.source, input: TransitNames.linkIndex(instance.vni))
    guard let route = found, let index = route.output, let output = try transit.findLink(.index(index)) else {
      stop(.transit, .transitRoute, object, "what comes by \(TransitNames.link(instance.vni)) finds none")
      return nil
    }
    let text = try transit.text(route)
    guard let exporter = map.instances.values.first(where: { TransitNames.linkIndex($0.vni) == index }) else {
      stop(.transit, .transitRoute, object, "it is \(text), which is no instance's")
      return nil
    }
    if request.isConnected, let wanted, wanted.vni != exporter.vni {
      stop(.transit, .transitRoute, object, "it is \(text), not \(TransitNames.link(wanted.vni))")
      return nil
    }
    pass(.transit, .transitRoute, object, text)
    return (exporter, output)
  }

  private mutating func checkReverse(
    from instance: TracedInstance, _ exporter: TracedInstance, _ output: Link, _ transit: KernelNamespace
  ) throws(DataplaneError) -> Bool {
    guard try checkRule(exporter.vni, packet.family, transit) else { return false }
    let object = "reverse route to \(packet.tuple.source) in table \(TransitNames.table(exporter.vni).rawValue)"
    let found = try transit.lookUp(to: packet.tuple.source, from: packet.tuple.destination, input: output.index)
    guard let found else {
      // The look-up answers for a packet that is to be forwarded from there.
      guard try checkForwarding(Router(kernel: transit, place: .transit), output) else { return false }
      stop(.refused, .transit, .reverseRoute, object, "what comes by \(output.name) finds none")
      return false
    }
    let text = try transit.text(found)
    guard found.output == TransitNames.linkIndex(instance.vni) else {
      stop(.refused, .transit, .reverseRoute, object, "it is \(text), not \(TransitNames.link(instance.vni))")
      return false
    }
    pass(.transit, .reverseRoute, object, text)
    return true
  }

  private mutating func checkRule(
    _ vni: UInt32, _ family: IPFamily, _ transit: KernelNamespace
  ) throws(DataplaneError) -> Bool {
    let connection = try transit.route()
    let rules = try asking { () throws(NetlinkError) in try connection.rules(family: family) }
    let table = TransitNames.table(vni)
    let object = "\(family) rule for what comes by \(TransitNames.link(vni))"
    let isThere = rules.contains {
      $0.inputInterface == TransitNames.link(vni) && $0.table == table && $0.action == .lookUp
    }
    guard isThere else {
      stop(.transit, .rule, object, "none leads to table \(table.rawValue)")
      return false
    }
    pass(.transit, .rule, object, "table \(table.rawValue)")
    return true
  }

  /// The exporter's instance, by its link.
  private mutating func enterExporter(_ exporter: TracedInstance) throws(DataplaneError) -> Spot? {
    let place = TraceStep.Place.instance(exporter.name)
    guard let placed = exporter.placed else {
      stop(place, .instanceNamespace, "network namespace", Self.foreign)
      return nil
    }
    let end = try placed.kernel.findLink(.name(TransitNames.instanceLink))
    guard check(end, place, .transitEnd, "link \(TransitNames.instanceLink)", "up"), let end,
      try checkBridge(of: placed) != nil
    else { return nil }
    return .router(router(exporter, placed), input: end)
  }
}
