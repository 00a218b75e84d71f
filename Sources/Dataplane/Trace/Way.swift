internal import Netlink
internal import NetlinkRoute
package import NetworkAddresses

extension NodeKernel {
  /// Looks at everything that packets need from one end to the other, in the order in which they meet it, up to the first
  /// thing that keeps them from going on.
  ///
  /// Nothing is sent, and nothing is changed: where a packet would go is asked of the kernel's own look-ups.
  package func way(
    from: TraceEnd, to: TraceEnd, transit: KernelNamespace?
  ) throws(DataplaneError) -> [TraceStep] {
    var way = Way(from: from, to: to, transit: transit)
    try way.walk()
    return way.steps
  }
}

extension NodeKernel {
  /// The same for an address that is no pod's: as far as the node's routes know where it is.
  package func wayOut(from: TraceEnd, to address: IPAddress) throws(DataplaneError) -> [TraceStep] {
    let nowhere = TraceEnd(
      pod: "", kernel: nil, port: from.port, address: address, instanceName: "", instance: nil, vni: 0)
    var way = Way(from: from, to: nowhere, transit: nil)
    try way.walkOut(node)
    return way.steps
  }
}

/// A walk along what packets meet; it stops where a packet would.
struct Way {
  let from: TraceEnd
  let to: TraceEnd
  let transit: KernelNamespace?
  private(set) var steps: [TraceStep] = []

  init(from: TraceEnd, to: TraceEnd, transit: KernelNamespace?) {
    self.from = from
    self.to = to
    self.transit = transit
  }

  mutating func walk() throws(DataplaneError) {
    guard let (start, route) = try begin() else { return }
    if from.instanceName == to.instanceName {
      guard try cross(start, isRouted: route.gateway != nil) else { return }
    } else {
      guard try leaveInstance(start), try crossTransit(), try enterExporter() else { return }
    }
    try reachPod()
  }

  private mutating func begin() throws(DataplaneError) -> (PlacedInstance, Route)? {
    guard let route = try leavePod() else { return nil }
    guard let start = from.instance else {
      _ = stop(.instance(from.instanceName), .instanceNamespace, "network namespace", Self.foreign)
      return nil
    }
    return try enterInstance(start, by: route) ? (start, route) : nil
  }

  mutating func walkOut(_ node: KernelNamespace) throws(DataplaneError) {
    guard let (start, route) = try begin(), route.gateway != nil else { return }
    let place = TraceStep.Place.instance(start.name)
    let object = "route to \(to.address)"
    guard let onward = try start.kernel.lookUp(to: to.address, from: from.address, input: start.bridge) else {
      _ = stop(place, .instanceRoute, object, "the kernel has none")
      return
    }
    if onward.type == .local { return pass(place, .instanceRoute, object, "an address of the instance itself") }
    pass(place, .instanceRoute, object, try start.kernel.text(onward))
    if start.kernel === node { return }
    guard let last = try node.lookUp(to: to.address) else {
      _ = stop(.node, .nodeRoute, object, "the kernel has none")
      return
    }
    pass(.node, .nodeRoute, object, last.type == .local ? "an address of the node" : try node.text(last))
    try passUplink(of: start.kernel, node, isLocal: last.type == .local)
  }

  /// What the node lets come by an instance's uplink; what it translates for services is another destination.
  private mutating func passUplink(
    of instance: KernelNamespace, _ node: KernelNamespace, isLocal: Bool
  ) throws(DataplaneError) {
    let end = try instance.findLink(.name(UplinkNames.instanceLink))
    guard let index = end?.peerIndex, let name = try node.findLink(.index(index))?.name else { return }
    let object = "uplink \(name)"
    if name.hasPrefix(UplinkNames.routedPrefix) { return pass(.node, .uplink, object, "routed") }
    guard name.hasPrefix(UplinkNames.translatedPrefix) else {
      _ = stop(
        .refused, .node, .uplink, object,
        name.hasPrefix(UplinkNames.servicesPrefix) ? "it carries packets for services only" : "it carries answers only")
      return
    }
    if isLocal {
      _ = stop(.refused, .node, .uplink, object, "the node itself is reached through services only")
    } else {
      pass(.node, .uplink, object, "with the node's address")
    }
  }

  static let foreign = "there is none, or not the one that was recorded"

  // MARK: Steps

  /// Notes a thing that is as it should be.
  mutating func pass(_ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String, _ detail: String = "") {
    steps.append(TraceStep(.ok, place, part, object, detail))
  }

  /// Notes what keeps packets from going on.
  mutating func stop(
    _ state: TraceStep.State, _ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String,
    _ detail: String
  ) -> Bool {
    steps.append(TraceStep(state, place, part, object, detail))
    return false
  }

  /// Notes what is not there, or leads elsewhere.
  mutating func stop(
    _ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String, _ detail: String
  ) -> Bool { stop(.missing, place, part, object, detail) }

  /// A link that has to be there and up.
  mutating func check(
    _ link: Link?, _ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String, _ detail: String = ""
  ) -> Bool {
    guard let link else { return stop(place, part, object, "there is no such link") }
    guard link.isUp else { return stop(place, part, object, "it is down") }
    pass(place, part, object, detail)
    return true
  }

  /// A neighbour that the plugin made known for good; one that is not there is asked for.
  mutating func check(
    neighbor address: IPAddress, at mac: MACAddress, on link: UInt32, in kernel: KernelNamespace,
    _ place: TraceStep.Place, _ part: TraceStep.Part = .neighbor
  ) throws(DataplaneError) -> Bool {
    let connection = try kernel.route()
    let found = try asking { () throws(NetlinkError) in
      try connection.neighbors(family: address.family, link: link)
    }.first { $0.link == link && $0.address == address }
    let object = "neighbour \(address)"
    if let other = found?.mac, other != mac { return stop(.refused, place, part, object, "at \(other), not \(mac)") }
    pass(place, part, object, found?.mac == nil ? "not asked for yet" : "at \(mac)")
    return true
  }

  // MARK: The last part

  private mutating func reachPod() throws(DataplaneError) {
    let place = TraceStep.Place.pod(to.pod)
    guard let pod = to.kernel else {
      _ = stop(place, .podNamespace, "network namespace", "it is not the one that was attached")
      return
    }
    let object = "interface \(to.port.name)"
    let link = try pod.findLink(.name(to.port.name))
    guard check(link, place, .podLink, object, "up"), let link else { return }
    if let mac = link.address, mac != to.port.mac {
      _ = stop(.refused, place, .podLink, object, "it has the MAC \(mac); frames come for \(to.port.mac)")
      return
    }
    _ = try check(addressOf: to, link, in: pod)
  }

  mutating func check(
    addressOf end: TraceEnd, _ link: Link, in pod: KernelNamespace
  ) throws(DataplaneError) -> Bool {
    let connection = try pod.route()
    let addresses = try asking { () throws(NetlinkError) in try connection.addresses(link: link.index) }
    let object = "address \(end.address)"
    let isThere = addresses.contains { $0.link == link.index && $0.address.address == end.address }
    if !isThere { return stop(.pod(end.pod), .podAddress, object, "interface \(end.port.name) does not have it") }
    pass(.pod(end.pod), .podAddress, object, "on \(end.port.name)")
    return true
  }
}
