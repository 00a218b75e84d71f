internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

extension NodeKernel {
  /// Looks at everything that a packet needs from a pod to an address, and its answer back, in the order in which they
  /// meet it, up to the first thing that keeps them from going on.
  ///
  /// Nothing is sent, and nothing is changed: where a packet would go is asked of the kernel's own look-ups, and the rules
  /// of nf_tables that it meets are read and carried out here.
  package func trace(_ request: TraceRequest, _ map: TraceMap) throws(DataplaneError) -> TraceResult {
    var chooser = Chooser()
    var results: [TraceResult] = []
    let rulesets = TracedRulesets()
    var doubts: Set<Doubt> = []
    repeat {
      var walk = Walk(request, map, node, rulesets, chooser)
      try walk.run()
      chooser = walk.chooser
      doubts.formUnion(walk.doubts)
      results.append(walk.result)
    } while results.count < 64 && chooser.advance()
    return judged(results, doubts)
  }

  /// What is true of all that may happen.
  private func judged(_ results: [TraceResult], _ doubts: Set<Doubt>) -> TraceResult {
    let failing = results.first { $0.fault != nil }
    guard var result = failing ?? results.first else { return TraceResult() }
    guard failing != nil, results.contains(where: { $0.fault == nil }) else { return result }
    let foreign = doubts.filter { !$0.isChance }
    result.deciders = foreign.map { "\($0.chain) (\($0.question))" }.sorted()
    result.isChance = foreign.isEmpty
    return result
  }
}

/// The rules of all namespaces on the way, each read once.
final class TracedRulesets {
  private var known: [ObjectIdentifier: InstalledRuleset] = [:]

  func ruleset(of kernel: KernelNamespace) throws(DataplaneError) -> InstalledRuleset {
    if let found = known[ObjectIdentifier(kernel)] { return found }
    let ruleset = try InstalledRuleset(kernel)
    known[ObjectIdentifier(kernel)] = ruleset
    return ruleset
  }
}

/// A walk along what a packet meets; it stops where the packet would.
struct Walk {
  /// A namespace that passes packets on.
  struct Router {
    let kernel: KernelNamespace
    let place: TraceStep.Place
    /// `nil` for the transit, and for the node where it is no instance.
    var instance: TracedInstance?
  }

  /// Where the packet is.
  enum Spot {
    /// About to leave a pod that sends it.
    case leaving(TraceEnd)
    /// About to leave a namespace with the address that it is from.
    case answering(Router)
    case router(Router, input: Link)
    case transit(from: TracedInstance)
    case arrived(Arrival)
  }

  enum Arrival {
    case pod(TraceEnd)
    case router(Router)
    case beyond(Link, Router)
  }

  /// What a namespace remembers of a connection.
  struct TrackedConnection {
    let original: TracedPacket.Tuple
    let translated: TracedPacket.Tuple
    let status: ConntrackStatus
    let mark: UInt32
  }

  let request: TraceRequest
  let map: TraceMap
  let node: KernelNamespace
  let rulesets: TracedRulesets
  var chooser: Chooser
  var doubts: Set<Doubt> = []
  var packet: TracedPacket
  /// What the packet was when it came into the namespace that it is in.
  var entering: TracedPacket.Tuple
  /// What that namespace makes of an answer.
  var tracked: TrackedConnection?
  var connections: [ObjectIdentifier: [TrackedConnection]] = [:]
  var steps: [TraceStep] = []
  var result = TraceResult()

  init(
    _ request: TraceRequest, _ map: TraceMap, _ node: KernelNamespace, _ rulesets: TracedRulesets, _ chooser: Chooser
  ) {
    self.request = request
    self.map = map
    self.node = node
    self.rulesets = rulesets
    self.chooser = chooser
    packet = TracedPacket(request.flow, from: request.from.address, to: request.address)
    entering = packet.tuple
  }

  mutating func run() throws(DataplaneError) {
    let arrival = try travel(from: .leaving(request.from))
    if let arrival {
      result.arrival = arrival.named
      expect(arrival)
    }
    result.there = steps
    guard let arrival, result.fault == nil else { return }
    let start: Spot
    switch arrival {
    case .pod(let end): start = .leaving(end)
    case .router(let router): start = .answering(router)
    // Whoever is there answers, if anybody does, by the same link.
    case .beyond(let link, let router): start = .router(router, input: link)
    }
    steps = []
    packet = TracedPacket(answering: packet)
    if let end = try travel(from: start) { expectAnswer(end) }
    result.back = steps
  }

  /// The node's namespace as a router; its pods' network is an instance there.
  var nodeRouter: Router { Router(kernel: node, place: .node) }

  func router(_ instance: TracedInstance, _ placed: PlacedInstance) -> Router {
    Router(kernel: placed.kernel, place: .instance(instance.name), instance: instance)
  }

  /// The instance that the packet is to come to in the end.
  var wantedInstance: String? { packet.isAnswer ? request.from.instanceName : request.to?.instanceName }

  private mutating func travel(from start: Spot) throws(DataplaneError) -> Arrival? {
    var spot: Spot? = start
    for _ in 0..<32 {
      switch spot {
      case nil: return nil
      case .leaving(let end)?: spot = try leave(end)
      case .answering(let router)?: spot = try answer(from: router)
      case .router(let router, let input)?: spot = try route(router, input)
      case .transit(let instance)?: spot = try crossTransit(from: instance)
      case .arrived(let arrival)?: return arrival
      }
    }
    stop(.refused, .node, .arrival, "packets to \(packet.tuple.destination)", "they go round in circles")
    return nil
  }

  // MARK: Expectations

  private mutating func expect(_ arrival: Arrival) {
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

  private mutating func expectAnswer(_ arrival: Arrival) {
    guard case .pod(let end) = arrival, end.pod == request.from.pod else {
      stop(.refused, arrival.place, .arrival, "answers to \(request.from.address)", "they end here")
      return
    }
    if packet.tuple.source != request.address {
      stop(
        .refused, .pod(end.pod), .answer, "answers of \(request.address)",
        "they come from \(packet.tuple.source), and nobody waits for these")
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
    _ state: TraceStep.State, _ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String, _ detail: String,
    mend: String? = nil
  ) {
    var step = TraceStep(state, place, part, object, detail)
    step.mend = mend
    steps.append(step)
  }

  /// Notes what is not there, or leads elsewhere.
  mutating func stop(_ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String, _ detail: String) {
    stop(.missing, place, part, object, detail)
  }

  /// A link that has to be there and up.
  mutating func check(
    _ link: Link?, _ place: TraceStep.Place, _ part: TraceStep.Part, _ object: String, _ detail: String = ""
  ) -> Bool {
    guard let link, link.isUp else {
      stop(place, part, object, link == nil ? "there is no such link" : "it is down")
      return false
    }
    pass(place, part, object, detail)
    return true
  }

  /// A neighbour that the plugin made known for good; one that is not there is asked for.
  mutating func check(
    neighbor address: IPAddress, at macs: [MACAddress], on link: UInt32, in kernel: KernelNamespace,
    _ place: TraceStep.Place, _ part: TraceStep.Part = .neighbor
  ) throws(DataplaneError) -> Bool {
    let found = try kernel.neighbor(address, on: link)
    let object = "neighbour \(address)"
    if let found, !macs.contains(found) {
      stop(.refused, place, part, object, "at \(found), not \(macs[0])")
      return false
    }
    pass(place, part, object, found.map { "at \($0)" } ?? "not asked for yet")
    return true
  }
}

extension Walk.Arrival {
  fileprivate var place: TraceStep.Place {
    switch self {
    case .pod(let end): .pod(end.pod)
    case .router(let router), .beyond(_, let router): router.place
    }
  }

  fileprivate var named: TraceResult.Arrival {
    switch self {
    case .pod(let end): return .pod(end.pod, end.address)
    case .router(let router):
      if let instance = router.instance { return .instance(instance.name) }
      return .node
    case .beyond(let link, _): return .beyond(link.name)
    }
  }
}

extension KernelNamespace {
  /// The command, to be carried out in this namespace.
  func command(_ words: String) -> String { path.isEmpty ? words : "nsenter --net=\(path) \(words)" }

  /// Where a neighbour is, if that is known.
  func neighbor(_ address: IPAddress, on link: UInt32) throws(DataplaneError) -> MACAddress? {
    let connection = try route()
    return try asking { () throws(NetlinkError) in
      try connection.neighbors(family: address.family, link: link)
    }
    .first { $0.link == link && $0.address == address }?.mac
  }
}
