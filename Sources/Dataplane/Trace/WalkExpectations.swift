internal import NetlinkRoute
internal import NetworkAddresses

// Who is to get the packet, and whom the answer is to come from.

extension Walk {
  mutating func expect(_ arrival: Arrival) {
    guard let wanted = request.to else { return }
    if case .pod(let end) = arrival, end.pod == wanted.pod { return }
    let (place, part, object): (TraceStep.Place, TraceStep.Part, String) =
      switch arrival {
      case .pod(let end): (.pod(end.pod), .arrival, "packets to \(request.address)")
      case .router(let router): (router.place, .arrival, "packets to \(request.address)")
      case .beyond(_, let router):
        (router.place, router.instance == nil ? .nodeRoute : .instanceRoute, "route to \(request.address)")
      }
    let detail: String
    if case .beyond(let link, _) = arrival {
      detail = "they leave the node by \(link.name)"
    } else {
      detail = "they end here"
    }
    stop(.missing, place, part, object, detail)
  }

  mutating func expectAnswer(_ arrival: Arrival) {
    guard case .pod(let end) = arrival, end.pod == request.from.pod else {
      stop(.refused, arrival.place, .arrival, "answers to \(request.from.address)", "they end here")
      return
    }
    if packet.tuple.source != request.address {
      stop(
        .refused, .pod(end.pod), .answer, "answers of \(request.address)",
        "they come from \(packet.tuple.source), and nobody waits for these", mend: bridgedAnswers)
    }
  }

  /// What stays on the node's bridge passes by those who translate, unless the kernel is told otherwise.
  private var bridgedAnswers: String? {
    guard map.instances[request.from.instanceName]?.placed?.kernel === node else { return nil }
    return "sysctl -w net.bridge.bridge-nf-call-\(packet.family == .v4 ? "iptables" : "ip6tables")=1"
  }
}

extension Walk.Arrival {
  fileprivate var place: TraceStep.Place {
    switch self {
    case .pod(let end): .pod(end.pod)
    case .router(let router), .beyond(_, let router): router.place
    }
  }

  var named: TraceResult.Arrival {
    switch self {
    case .pod(let end): return .pod(end.pod, end.address)
    case .router(let router):
      if let instance = router.instance { return .instance(instance.name) }
      return .node
    case .beyond(let link, _): return .beyond(link.name)
    }
  }
}
