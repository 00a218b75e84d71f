internal import Dataplane
internal import PluginVerbs
internal import VirtualNetworks

/// Whether two addresses exchange packets, why, and what is to be done about it.
struct TraceVerdict {
  let pair: TracedPair
  /// The first thing on the way there, or else on the way back, that keeps packets from going on.
  let fault: TraceStep?
  let reason: String
  /// Empty where there is nothing to mend.
  let remedy: String

  /// The kernel decides; the definitions say why.
  init(_ pair: TracedPair, _ explanation: ConnectionExplanation) {
    self.pair = pair
    fault = pair.fault
    reason =
      fault == nil && !explanation.isConnected
      ? "the kernel connects them, though \(explanation.reason)" : explanation.reason
    if let fault {
      remedy = explanation.isConnected ? contrailctl.remedy(fault) : explanation.remedy
    } else {
      remedy = explanation.isConnected ? "" : repair
    }
  }

  /// The verdict on an address that is no pod's.
  init(out pair: TracedPair) {
    self.pair = pair
    fault = pair.fault
    reason = "no pod of this node has this address; what is beyond the node is not looked at"
    remedy =
      fault.map { step in
        let hasNoWayOut = step.part == .instanceRoute || step.part == .podRoute
        return hasNoWayOut
          ? "only networks with fabricSNAT or fabricForwarding lead outside, and only through the interface of the default "
            + "route" : contrailctl.remedy(step)
      } ?? ""
  }

  var canTalk: Bool { fault == nil }
}

extension TracedPair {
  var fault: TraceStep? { (there + back).first { $0.state != .ok } }
}

private let repair = "contrailctl repair"

/// What mends a thing that the definitions want otherwise.
private func remedy(_ fault: TraceStep) -> String {
  switch fault.part {
  case .podNamespace: "the container is gone: its runtime has to detach it"
  case .podLink, .podAddress:
    "start the pod again, or set it right inside the pod and run '\(repair)', which gives it its routes back"
  case .podRoute: "\(repair); a pod that lost its default route or its own network's has to be started again"
  case .podNeighbor: "'ip neighbour flush' inside the pod"
  case .instanceNamespace, .transitNamespace:
    "look whether contrailctl runs in the mount namespace of the runtime; a namespace that is gone is made with the "
      + "network's first pod: start its pods again"
  case .hostEnd: "\(repair); a link that is gone is made with the pod: start it again"
  case .uplink:
    "fabricSNAT or fabricForwarding of the network, if its pods are meant to get there; services are reached"
  case .nodeRoute: "a route of the node, 'ip route', leads to it"
  case .bridge, .gateway, .sourceFilter, .isolation, .station, .forwardingEntry, .transitEnd, .instanceRoute, .neighbor,
    .transitLink, .rule, .transitRoute, .reverseRoute:
    repair
  }
}
