internal import Dataplane
internal import NetworkAddresses
internal import PluginVerbs
internal import VirtualNetworks

/// Whether two addresses exchange packets, why, and what is to be done about it.
struct TraceVerdict {
  enum Answer: String {
    case yes, no
    /// A rule of somebody else decides, by what a trace cannot know.
    case unknown
  }

  let pair: TracedPair
  let answer: Answer
  /// The first thing on the way there, or else on the way back, that keeps packets from going on.
  let fault: TraceStep?
  let reason: String
  /// Empty where there is nothing to mend.
  let remedy: String

  /// The kernel decides; the definitions say why.
  init(_ pair: TracedPair, _ definitions: TraceDefinitions, of from: TraceParty) {
    self.pair = pair
    let result = pair.result
    fault = result.fault ?? pair.missingService(definitions)
    if !result.deciders.isEmpty || fault == nil && !result.unreadTables.isEmpty {
      answer = .unknown
    } else {
      answer = fault == nil ? .yes : .no
    }
    guard let network = pair.to?.point.network ?? pair.gatewayOf(for: definitions) else {
      let services = pair.isTranslated ? nil : definitions.serviceNetwork(of: pair.address)
      reason = services.map { "an address of \($0), which no rule translates" } ?? pair.reason
      remedy = fault.map { pair.remedy(outside: $0, isService: services != nil) } ?? ""
      return
    }
    let networks = from.points.filter { $0.address.family == pair.address.family }.map(\.network)
    let explanation = definitions.explanation(networks, chosen: pair.from.network, network)
    let gateway = pair.to == nil ? "it is the gateway of \(network)" : ""
    let why = [gateway, explanation.reason].filter { !$0.isEmpty }.joined(separator: "; ")
    reason = fault == nil && !explanation.isConnected ? "the kernel connects them, though \(why)" : why
    if let fault {
      remedy = explanation.isConnected ? contrailctl.remedy(fault) : explanation.remedy
    } else {
      remedy = explanation.isConnected ? "" : repair
    }
  }

  var canTalk: Bool { answer == .yes }
}

extension TracedPair {
  /// Whose gateway the address is, where it is one: rather one that the pod is to reach, because networks may overlap.
  fileprivate func gatewayOf(for definitions: TraceDefinitions) -> String? {
    if case .instance(let name)? = result.arrival, gatewayOf.contains(name) { return name }
    if result.arrival != nil { return nil }
    return gatewayOf.first { definitions.isConnected(from.network, $0) } ?? gatewayOf.first
  }

  /// What is known of an address that is neither a pod's nor a gateway's.
  fileprivate var reason: String {
    switch result.arrival {
    case .pod(let name, let own)?:
      own == address ? "pod \(name) has this address" : "a service: what goes to it comes to pod \(name), \(own)"
    case .instance(let name)?: "an address of routing instance \(name)"
    case .node?: isTranslated ? "a service: what goes to it comes to the node itself" : "an address of the node"
    case .beyond(let link)? where isTranslated: "a service: what goes to it leaves the node by \(link)"
    case .beyond(let link)?:
      "no pod of this node has this address; it leaves the node by \(link), and what is beyond is not looked at"
    case nil: "no pod of this node has this address"
    }
  }

  /// A service's address that nobody translates leads outside, where nobody has it.
  fileprivate func missingService(_ definitions: TraceDefinitions) -> TraceStep? {
    guard case .beyond? = result.arrival, !isTranslated, let network = definitions.serviceNetwork(of: address) else {
      return nil
    }
    return TraceStep(
      .missing, .node, .translation, "service \(address)",
      "\(network) has no such service, or not at this port, or this is a ping")
  }

  fileprivate var isTranslated: Bool {
    result.there.contains { $0.part == .translation && $0.object.hasPrefix("destination") }
  }

  fileprivate func remedy(outside fault: TraceStep, isService: Bool) -> String {
    if isService, [.instanceRoute, .nodeRoute, .uplink, .translation].contains(fault.part) {
      return "a service with this address and port; pings are not translated: ask with --port"
    }
    if fault.mend == nil, fault.part == .chain || fault.part == .sourceFilter, address.isLinkLocal {
      return "link-local-services in the plugin's configuration, if pods are meant to reach it"
    }
    if fault.part == .instanceRoute || fault.part == .podRoute && fault.mend == nil {
      return "only networks with fabricSNAT or fabricForwarding lead outside, and only through the interface of the "
        + "default route; services are reached from the default pod network and those of isolated namespaces"
    }
    return contrailctl.remedy(fault)
  }
}

private let repair = "contrailctl doctor --fix"

/// What mends a thing that the definitions want otherwise.
private func remedy(_ fault: TraceStep) -> String {
  if let mend = fault.mend { return mend }
  switch fault.part {
  case .podNamespace: return "the container is gone: its runtime has to detach it"
  case .podLink, .podAddress:
    return "start the pod again, or set it right inside the pod and run '\(repair)', which gives it its routes back"
  case .podRoute: return "\(repair); a pod that lost its default route or its own network's has to be started again"
  case .podNeighbor: return "'ip neighbour flush' inside the pod"
  case .instanceNamespace, .transitNamespace:
    return
      "look whether contrailctl runs in the mount namespace of the runtime; a namespace that is gone is made with the "
      + "network's first pod: start its pods again"
  case .hostEnd: return "\(repair); a link that is gone is made with the pod: start it again"
  case .uplink:
    return "fabricSNAT or fabricForwarding of the network, if its pods are meant to get outside; services are reached"
  case .nodeRoute: return "a route of the node, 'ip route', leads to it"
  case .chain:
    // Those of others come with what mends them.
    return fault.object == "chain inet contrail input"
      ? "nothing: a gateway answers pings, and nothing else, of other networks" : repair
  case .arrival: return "another address: this one is somebody else's"
  case .answer: return "whoever translates the address has to see the answers too: a route back by the same way"
  case .bridge, .gateway, .sourceFilter, .isolation, .station, .forwardingEntry, .transitEnd,
    .instanceRoute, .translation, .neighbor, .transitLink, .rule, .transitRoute, .reverseRoute, .forwarding:
    return repair
  }
}

extension IPAddress {
  /// RFC 3927, RFC 4291.
  fileprivate var isLinkLocal: Bool {
    switch self {
    case .v4(let address): address.rawValue >> 16 == 0xa9fe
    case .v6(let address): address.rawValue >> 118 == 0xfe80 >> 6
    }
  }
}
