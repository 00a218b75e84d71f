internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

// Through the namespaces that pass packets on: instances and the node.

extension Walk {
  mutating func route(_ router: Router, _ input: Link) throws(DataplaneError) -> Spot? {
    enter(router.kernel)
    guard try meetFrame(.deviceIngress, .netdev, in: router.kernel, router.place, input: input),
      try meet(.prerouting, in: router.kernel, router.place, input: input)
    else { return nil }
    let destination = packet.tuple.destination
    let part: TraceStep.Part = router.instance == nil ? .nodeRoute : .instanceRoute
    let found = try router.kernel.lookUp(to: destination, from: packet.tuple.source, input: input.index)
    if found?.type == .local { return try takeIn(router, input, part) }
    guard try checkForwarding(router, input) else { return nil }
    let object = "route to \(destination)"
    guard var route = found else {
      if let instance = router.instance, instance.vni != 0, try !checkTransitEnd(of: router) { return nil }
      stop(router.place, part, object, try whyNoRoute(router, input))
      return nil
    }
    if let hop = try chooseHop(router, route) { route.gateway = hop }
    let output = try route.output.flatMap { (index) throws(DataplaneError) in try router.kernel.findLink(.index(index))
    }
    let way = try router.kernel.text(route)
    guard let output, isWanted(output, router) else {
      if router.instance != nil, try !checkTransitEnd(of: router) { return nil }
      stop(router.place, part, object, "it is \(way), not \(TransitNames.instanceLink)")
      return nil
    }
    pass(router.place, part, object, way)
    guard try meet(.forward, in: router.kernel, router.place, input: input, output: output) else { return nil }
    return try send(router, by: output, to: route.gateway ?? destination)
  }

  /// Answers of the router's own.
  mutating func answer(from router: Router) throws(DataplaneError) -> Spot? {
    enter(router.kernel)
    // What was translated is translated back before the route is looked up again.
    if let back = tracked?.original.reversed {
      (packet.tuple.destination, packet.tuple.destinationPort) = (back.destination, back.destinationPort)
    }
    let destination = packet.tuple.destination
    let part: TraceStep.Part = router.instance == nil ? .nodeRoute : .instanceRoute
    let object = "route to \(destination)"
    guard let route = try router.kernel.lookUp(to: destination, from: packet.tuple.source),
      let index = route.output, let output = try router.kernel.findLink(.index(index))
    else {
      stop(router.place, part, object, "the kernel has none")
      return nil
    }
    pass(router.place, part, object, try router.kernel.text(route))
    guard try meet(.output, in: router.kernel, router.place, output: output) else { return nil }
    return try send(router, by: output, to: route.gateway ?? destination)
  }

  private mutating func takeIn(_ router: Router, _ input: Link, _ part: TraceStep.Part) throws(DataplaneError) -> Spot?
  {
    pass(router.place, part, "address \(packet.tuple.destination)", "its own")
    guard try meet(.input, in: router.kernel, router.place, input: input) else { return nil }
    remember(in: router.kernel)
    return .arrived(.router(router))
  }

  /// Where two instances are to reach each other by the transit, no other way will do.
  private func isWanted(_ output: Link, _ router: Router) -> Bool {
    guard request.isConnected, let instance = router.instance, let wanted = wantedInstance else { return true }
    let first = packet.isAnswer ? request.to?.instanceName : request.from.instanceName
    guard instance.name == first, wanted != first else { return true }
    return output.name == TransitNames.instanceLink
  }

  private mutating func checkTransitEnd(of router: Router) throws(DataplaneError) -> Bool {
    check(
      try router.kernel.findLink(.name(TransitNames.instanceLink)), router.place, .transitEnd,
      "link \(TransitNames.instanceLink)", "up")
  }

  private func whyNoRoute(_ router: Router, _ input: Link) throws(DataplaneError) -> String {
    let isThere = try router.kernel.lookUp(to: packet.tuple.destination) != nil
    guard isThere, packet.family == .v4 else { return "the kernel has none" }
    let connection = try router.kernel.route()
    for index in [RouterConfiguration.all, Int32(bitPattern: input.index)] {
      let found = try asking { () throws(NetlinkError) in
        try connection.routerConfiguration(of: index, family: .v4)
      }
      guard let filter = found?.reversePathFilter, filter != 0 else { continue }
      let name = index < 0 ? "all" : input.name
      return "net.ipv4.conf.\(name).rp_filter = \(filter) refuses \(packet.tuple.source) by \(input.name)"
    }
    return "the kernel has none for what comes by \(input.name)"
  }

  /// Whether what comes by a link is passed on.
  mutating func checkForwarding(_ router: Router, _ input: Link) throws(DataplaneError) -> Bool {
    let connection = try router.kernel.route()
    let family = packet.family
    func isOn(_ index: Int32) throws(DataplaneError) -> Bool {
      try asking { () throws(NetlinkError) in
        try connection.routerConfiguration(of: index, family: family)
      }?.isForwarding ?? true
    }
    let isOnForAll = try isOn(RouterConfiguration.all)
    let isOnForLink = try isOn(Int32(bitPattern: input.index))
    // IPv4 asks the link, IPv6 both.
    if isOnForLink && (isOnForAll || family == .v4) { return true }
    let parameter = "net.\(family == .v4 ? "ipv4" : "ipv6").conf.\(isOnForAll ? input.name : "all").forwarding"
    stop(
      .refused, router.place, .forwarding, "\(family) forwarding", "\(parameter) = 0",
      mend: isOnForAll ? router.kernel.command("sysctl -w \(parameter)=1") : nil)
    return false
  }

  /// Which of several next hops takes the packet: the one of the pod that is meant, or any.
  private mutating func chooseHop(_ router: Router, _ route: Route) throws(DataplaneError) -> IPAddress? {
    guard router.instance?.placed != nil else { return nil }
    let hops = try router.kernel.sharedHops(to: packet.tuple.destination)
    if hops.isEmpty { return nil }
    let own = request.to?.port.addresses.map(\.address) ?? []
    return hops.first(where: own.contains) ?? hops[0]
  }

  // MARK: Out by a link

  private mutating func send(_ router: Router, by output: Link, to hop: IPAddress) throws(DataplaneError) -> Spot? {
    guard try meet(.postrouting, in: router.kernel, router.place, output: output),
      try meetFrame(.deviceEgress, .netdev, in: router.kernel, router.place, output: output)
    else { return nil }
    remember(in: router.kernel)
    let own = router.instance ?? map.instances.values.first { $0.placed?.kernel === router.kernel }
    if let own, let placed = own.placed {
      if output.index == placed.bridge { return try deliver(to: hop, in: own) }
      if output.name == TransitNames.instanceLink { return try enterTransit(own, placed, output) }
      if placed.kernel !== node, output.name == UplinkNames.instanceLink { return try climb(output) }
    }
    if router.kernel === node, let number = output.uplinkNumber { return try descend(number, output) }
    pass(router.place, .nodeRoute, "link \(output.name)", "out of this node")
    return .arrived(.beyond(output, router))
  }

  /// Up to the node.
  private mutating func climb(_ inside: Link) throws(DataplaneError) -> Spot? {
    let outside = try inside.peerIndex.flatMap { (index) throws(DataplaneError) in try node.findLink(.index(index)) }
    let object = "uplink \(outside?.name ?? "")"
    guard check(outside, .node, .uplink, object, "up"), let outside else { return nil }
    return .router(nodeRouter, input: outside)
  }

  /// Down into an instance.
  private mutating func descend(_ number: UInt32, _ outside: Link) throws(DataplaneError) -> Spot? {
    guard let instance = map.instances.values.first(where: { $0.uplink == number }), let placed = instance.placed else {
      stop(.node, .uplink, "uplink \(outside.name)", "its instance is not known")
      return nil
    }
    let inside = try placed.kernel.findLink(.name(UplinkNames.instanceLink))
    let place = TraceStep.Place.instance(instance.name)
    guard check(inside, place, .uplink, "uplink \(UplinkNames.instanceLink)", "up"), let inside,
      try checkBridge(of: placed) != nil
    else { return nil }
    return .router(router(instance, placed), input: inside)
  }
}

extension KernelNamespace {
  /// The next hops of a prefix that several ports have at once.
  func sharedHops(to address: IPAddress) throws(DataplaneError) -> [IPAddress] {
    let connection = try route()
    let found = try asking { () throws(NetlinkError) in
      try connection.routes(family: address.family, origin: .pairs)
    }.filter { $0.origin == .pairs && $0.destination?.contains(address) == true }
    let best = found.max { ($0.destination?.length ?? 0) < ($1.destination?.length ?? 0) }
    guard let best, best.nextHopID != nil else { return [] }
    return best.nextHops.isEmpty ? best.gateway.map { [$0] } ?? [] : best.nextHops.compactMap(\.gateway)
  }
}
