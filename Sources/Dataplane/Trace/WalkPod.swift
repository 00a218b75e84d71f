internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

// Out of a pod onto its instance's bridge, and into a pod.

extension Walk {
  mutating func leave(_ end: TraceEnd) throws(DataplaneError) -> Spot? {
    let place = TraceStep.Place.pod(end.pod)
    guard let pod = end.kernel else {
      stop(place, .podNamespace, "network namespace", "it is not the one that was attached")
      return nil
    }
    let link = try pod.findLink(.name(end.port.name))
    guard check(link, place, .podLink, "interface \(end.port.name)", "up"), let link else { return nil }
    if !packet.isAnswer, try !checkAddress(of: end, in: pod) { return nil }
    enter(pod)
    let destination = packet.tuple.destination
    let object = "route to \(destination)"
    guard let route = try pod.lookUp(to: destination, from: packet.tuple.source) else {
      stop(place, .podRoute, object, "the kernel has none")
      return nil
    }
    let way = try pod.text(route)
    if route.type == .local {
      stop(.refused, place, .podRoute, object, "it is the pod's own")
      return nil
    }
    let output = try route.output.flatMap { (index) throws(DataplaneError) in try pod.findLink(.index(index)) }
    // A virtual router's own link sends through the interface.
    guard let output, output.index == link.index || output.peerIndex == link.index else {
      let prefix = try pod.route(to: destination)?.destination?.description ?? "default"
      let family = destination.family == .v4 ? "ip" : "ip -6"
      stop(
        .missing, place, .podRoute, object, "it is \(way), not \(end.port.name)",
        mend: pod.command("\(family) route del \(prefix) \(way)"))
      return nil
    }
    pass(place, .podRoute, object, way)
    guard try meet(.output, in: pod, place, output: output), try meet(.postrouting, in: pod, place, output: output),
      try meetFrame(.deviceEgress, .netdev, in: pod, place, output: output)
    else { return nil }
    remember(in: pod)
    if let gateway = route.gateway {
      let macs = [NodeNames.gatewayMAC]
      guard try check(neighbor: gateway, at: macs, on: output.index, in: pod, place, .podNeighbor) else { return nil }
      packet.destinationMAC = NodeNames.gatewayMAC
    } else {
      packet.destinationMAC = try pod.neighbor(destination, on: output.index)
    }
    packet.sourceMAC = output.address ?? end.port.mac
    return try enterInstance(end, gateway: route.gateway)
  }

  /// An address of a pair may be on another link of the pod.
  mutating func checkAddress(of end: TraceEnd, in pod: KernelNamespace) throws(DataplaneError) -> Bool {
    let object = "address \(end.address)"
    guard try pod.lookUp(to: end.address)?.type == .local else {
      stop(.pod(end.pod), .podAddress, object, "interface \(end.port.name) does not have it")
      return false
    }
    pass(.pod(end.pod), .podAddress, object, end.isOwn ? "on \(end.port.name)" : "the pod has it")
    return true
  }

  mutating func reach(_ end: TraceEnd) throws(DataplaneError) -> Spot? {
    let place = TraceStep.Place.pod(end.pod)
    guard let pod = end.kernel else {
      stop(place, .podNamespace, "network namespace", "it is not the one that was attached")
      return nil
    }
    let object = "interface \(end.port.name)"
    let link = try pod.findLink(.name(end.port.name))
    guard check(link, place, .podLink, object, "up"), let link else { return nil }
    if end.isOwn, let mac = link.address, mac != end.port.mac {
      stop(.refused, place, .podLink, object, "it has the MAC \(mac); frames come for \(end.port.mac)")
      return nil
    }
    enter(pod)
    guard try meetFrame(.deviceIngress, .netdev, in: pod, place, input: link),
      try meet(.prerouting, in: pod, place, input: link)
    else { return nil }
    guard try pod.lookUp(to: packet.tuple.destination)?.type == .local else {
      stop(place, .podAddress, "address \(packet.tuple.destination)", "interface \(end.port.name) does not have it")
      return nil
    }
    pass(
      place, .podAddress, "address \(packet.tuple.destination)", end.isOwn ? "on \(end.port.name)" : "the pod has it")
    guard try meet(.input, in: pod, place, input: link) else { return nil }
    remember(in: pod)
    return .arrived(.pod(end))
  }
}

extension KernelNamespace {
  /// The route of the main table that an address falls under, as it is written there.
  func route(to address: IPAddress) throws(DataplaneError) -> Route? {
    let connection = try route()
    return try asking { () throws(NetlinkError) in try connection.routes(family: address.family) }
      .filter { $0.table == .main && ($0.destination?.contains(address) ?? true) }
      .max {
        ($0.destination?.length ?? 0, -Int64($0.priority ?? 0)) < (
          $1.destination?.length ?? 0, -Int64($1.priority ?? 0)
        )
      }
  }
}
