internal import JSON
internal import NetworkAddresses
internal import NetworkAttachments
internal import PluginVerbs
internal import VirtualNetworks

/// What a trace is asked about.
struct TraceQuestion {
  struct PodName: Hashable {
    let namespace: String
    let name: String
  }

  enum Target {
    case pod(PodName)
    case address(IPAddress)
  }

  let from: PodName
  let to: Target
  /// Only this interface of the target; `nil` for all.
  let interface: String?
}

extension NodeCluster {
  func trace(_ question: TraceQuestion) throws -> TraceReport {
    let from = try party(question.from)
    let connectivity = try connectivity()
    let definitions = TraceDefinitions(connectivity, withoutGateway: try networksWithoutGateway())
    switch question.to {
    case .pod(let name):
      let to = try party(name)
      guard to.name != from.name else { throw Failure("\(to.name) is on both sides") }
      let points = to.points.filter { question.interface == nil || $0.interface == question.interface }
      if points.isEmpty {
        throw Failure("pod \(to.name) has no interface \(question.interface ?? "with an address")")
      }
      return try trace(from, to, points, definitions)
    case .address(let address):
      guard let (to, point) = try holder(of: address, for: from, definitions) else {
        return try traceOut(from, address, definitions)
      }
      return try trace(from, to, [point], definitions)
    }
  }

  private func trace(
    _ from: TraceParty, _ to: TraceParty, _ points: [TracePoint], _ definitions: TraceDefinitions
  ) throws -> TraceReport {
    let (pairs, chains) = try PluginVerbs.trace(
      configuration, note: Self.note, from: from, to: to, at: points, choose: definitions.source)
    return TraceReport(
      from: from.name, to: to.name, foreignChains: chains, definitions,
      verdicts: pairs.map { pair in
        let family = pair.to.address.family
        let networks = from.points.filter { $0.address.family == family }.map(\.network)
        return TraceVerdict(pair, definitions.explanation(networks, chosen: pair.from.network, pair.to.network))
      })
  }

  private func traceOut(
    _ from: TraceParty, _ address: IPAddress, _ definitions: TraceDefinitions
  ) throws -> TraceReport {
    guard let pair = try PluginVerbs.traceOut(configuration, note: Self.note, from: from, to: address) else {
      throw Failure("pod \(from.name) has no \(address.family) address")
    }
    return TraceReport(
      from: from.name, to: "\(address)", foreignChains: [], definitions,
      verdicts: [TraceVerdict(out: pair)])
  }

  private func party(_ name: TraceQuestion.PodName) throws -> TraceParty {
    guard let workload = try workloads.named(name.name, namespace: name.namespace).last else {
      throw ObjectError.notFound(ObjectKey(.pod, namespace: name.namespace, name.name))
    }
    return TraceParty(workload)
  }

  /// The pod that has the address: one that the pod's networks reach before any other, because networks may overlap.
  private func holder(
    of address: IPAddress, for from: TraceParty, _ definitions: TraceDefinitions
  ) throws -> (TraceParty, TracePoint)? {
    var found: [(TraceParty, TracePoint)] = []
    try workloads.pages(namespace: nil, 250) { page in
      for party in page.map({ TraceParty($0) }) where party.name != from.name {
        found += party.points.filter { $0.address == address }.map { (party, $0) }
      }
    }
    return found.first { definitions.reaches(from.points, $0.1) } ?? found.first
  }

  private func networksWithoutGateway() throws -> Set<NetworkName> {
    var names: Set<NetworkName> = []
    try pages(of: .virtualNetwork, namespace: nil, .columns) { page in
      for network in page
      where network.spec["virtualNetworkProperties"]?.object?["forwardingMode"]?.string == "l2" {
        names.insert(NetworkName(namespace: network.metadata.namespace, name: network.metadata.name))
      }
    }
    return names
  }
}

extension TraceParty {
  fileprivate init(_ workload: Workload) {
    self.init(
      name:
        "\(workload.pod.podNamespace)/\(workload.pod.podName.isEmpty ? workload.pod.containerID : workload.pod.podName)",
      attachments: workload.attachments)
  }
}
