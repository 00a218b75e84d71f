internal import Dataplane
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
  /// The address of the first pod that is meant, its own or one of an allowed address pair; `nil` for what its kernel takes.
  let source: IPAddress?
  let to: Target
  /// Only this interface of the target; `nil` for all.
  let interface: String?
  let flow: TraceFlow
}

extension NodeCluster {
  func trace(_ question: TraceQuestion) throws -> TraceReport {
    let all = try parties()
    let from = try party(question.from)
    let choice = TraceDefinitions(
      try connectivity(), withoutGateway: try networksWithoutGateway(), source: try source(question, from))
    let (name, targets) = try targets(question, from, all, choice)
    let pairs = try PluginVerbs.trace(
      configuration, note: Self.note, from: from, to: targets, question.flow, among: all, choice)
    if pairs.isEmpty, case .address(let address) = question.to {
      throw Failure("pod \(from.name) has no \(address.family) address")
    }
    return TraceReport(
      from: from.name, to: name, question.flow, verdicts: pairs.map { TraceVerdict($0, choice, of: from) })
  }

  /// What the second word of the question is called, and the addresses that it means.
  private func targets(
    _ question: TraceQuestion, _ from: TraceParty, _ all: [TraceParty], _ choice: TraceDefinitions
  ) throws -> (String, [TraceTarget]) {
    switch question.to {
    case .pod(let name):
      let to = try party(name)
      guard to.name != from.name else { throw Failure("\(to.name) is on both sides") }
      let points = to.points.filter { question.interface == nil || $0.interface == question.interface }
      if points.isEmpty {
        throw Failure("pod \(to.name) has no interface \(question.interface ?? "with an address")")
      }
      return (to.name, points.map { TraceTarget($0.address, holders: [(to, $0)]) })
    case .address(let address):
      guard !from.points.contains(where: { $0.address == address }) else {
        throw Failure("\(address) is \(from.name)'s own: it is on both sides")
      }
      let others = all.filter { $0.name != from.name }
      let own = others.flatMap { party in party.points.filter { $0.address == address }.map { (party, $0) } }
      // Networks may overlap: one that the pod reaches before any other.
      if let holder = own.first(where: { choice.reaches(from.points, $0.1) }) ?? own.first {
        return (holder.0.name, [TraceTarget(address, holders: [holder])])
      }
      let pairs = others.flatMap { party in party.pairPoints(address).map { (party, $0) } }
      let reached = pairs.filter { choice.reaches(from.points, $0.1) }
      return ("\(address)", [TraceTarget(address, holders: reached.isEmpty ? pairs : reached, isPair: !pairs.isEmpty)])
    }
  }

  private func source(_ question: TraceQuestion, _ from: TraceParty) throws -> TracePoint? {
    guard let address = question.source else { return nil }
    let points = from.points.filter { $0.address == address } + from.pairPoints(address)
    guard let point = points.first else {
      throw Failure("pod \(from.name) has no address \(address), and no allowed address pair with it")
    }
    return point
  }

  /// Every pod of the node.
  private func parties() throws -> [TraceParty] {
    var parties: [TraceParty] = []
    try workloads.pages(namespace: nil, 250) { page in parties += page.map { TraceParty($0) } }
    return parties
  }

  private func party(_ name: TraceQuestion.PodName) throws -> TraceParty {
    guard let workload = try workloads.named(name.name, namespace: name.namespace).last else {
      throw ObjectError.notFound(ObjectKey(.pod, namespace: name.namespace, name.name))
    }
    return TraceParty(workload)
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
