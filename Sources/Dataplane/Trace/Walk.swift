internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

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
}
