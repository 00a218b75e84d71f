internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

// From one instance to another.

extension Way {
  /// The link to the transit, and the route that leads there.
  mutating func leaveInstance(_ instance: PlacedInstance) throws(DataplaneError) -> Bool {
    let place = TraceStep.Place.instance(instance.name)
    let end = try instance.kernel.findLink(.name(TransitNames.instanceLink))
    // One that reaches nobody has no link, and its routes say where packets go instead.
    if end != nil || from.vni != 0 {
      guard checkTransitEnd(end, place) else { return false }
    }
    let object = "route to \(to.address)"
    let found = try instance.kernel.lookUp(to: to.address, from: from.address, input: instance.bridge)
    guard let route = found else { return stop(place, .instanceRoute, object, "the kernel has none") }
    let way = try instance.kernel.text(route)
    guard let end, route.output == end.index else {
      return stop(place, .instanceRoute, object, "it is \(way), not \(TransitNames.instanceLink)")
    }
    pass(place, .instanceRoute, object, way)
    let family = to.address.family
    return try check(
      neighbor: TransitNames.transitAddress(family), at: TransitNames.transitMAC, on: end.index, in: instance.kernel,
      place)
  }

  private mutating func checkTransitEnd(_ link: Link?, _ place: TraceStep.Place) -> Bool {
    check(link, place, .transitEnd, "link \(TransitNames.instanceLink)", "up")
  }

  /// Both instances' links, the rule that leads to the importer's table, the route there, and the way back that the
  /// transit asks for before it lets the packet pass.
  mutating func crossTransit() throws(DataplaneError) -> Bool {
    guard let transit else {
      return stop(.transit, .transitNamespace, "network namespace", Self.foreign)
    }
    for end in [from, to] {
      let link = try transit.findLink(.index(TransitNames.linkIndex(end.vni)))
      guard check(link, .transit, .transitLink, "link \(TransitNames.link(end.vni))", "up") else { return false }
    }
    let there = (input: from, output: to, destination: to.address, source: from.address)
    let back = (input: to, output: from, destination: from.address, source: to.address)
    for (way, part) in [(there, TraceStep.Part.transitRoute), (back, .reverseRoute)] {
      let (input, output) = (TransitNames.link(way.input.vni), TransitNames.linkIndex(way.output.vni))
      guard try checkRule(way.input.vni, way.destination.family, transit) else { return false }
      let table = TransitNames.table(way.input.vni).rawValue
      let object =
        part == .transitRoute
        ? "route to \(way.destination) in table \(table)" : "reverse route to \(way.destination) in table \(table)"
      let found = try transit.lookUp(
        to: way.destination, from: way.source, input: TransitNames.linkIndex(way.input.vni))
      guard let route = found else {
        return stop(
          part == .transitRoute ? .missing : .refused, .transit, part, object, "what comes by \(input) finds none")
      }
      let text = try transit.text(route)
      guard route.output == output else {
        return stop(
          part == .transitRoute ? .missing : .refused, .transit, part, object,
          "it is \(text), not \(TransitNames.link(way.output.vni))")
      }
      pass(.transit, part, object, text)
    }
    return try check(
      neighbor: TransitNames.instanceAddress(to.address.family), at: TransitNames.instanceMAC,
      on: TransitNames.linkIndex(to.vni), in: transit, .transit)
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
    if !isThere { return stop(.transit, .rule, object, "none leads to table \(table.rawValue)") }
    pass(.transit, .rule, object, "table \(table.rawValue)")
    return true
  }

  /// The exporter's instance, from its link to the target's port.
  mutating func enterExporter() throws(DataplaneError) -> Bool {
    let place = TraceStep.Place.instance(to.instanceName)
    guard let instance = to.instance else {
      return stop(place, .instanceNamespace, "network namespace", Self.foreign)
    }
    let end = try instance.kernel.findLink(.name(TransitNames.instanceLink))
    guard checkTransitEnd(end, place), let end, try check(bridgeOf: instance) else { return false }
    return try checkDelivery(in: instance, input: end.index)
  }
}
