/// One thing that packets need on their way, and how the kernel has it.
package struct TraceStep: Hashable, Sendable {
  package enum State: String, Hashable, Sendable {
    /// It is as packets need it.
    case ok
    /// It is not there, or leads elsewhere.
    case missing
    /// It is there, and refuses the packets.
    case refused
  }

  package enum Place: Hashable, Sendable {
    /// `namespace/name`.
    case pod(String)
    /// `namespace/network`.
    case instance(String)
    case transit
    /// The node's own namespace, behind an instance.
    case node
  }

  /// What kind of thing it is: what mends it depends on that.
  package enum Part: String, Hashable, Sendable {
    case podNamespace, podLink, podAddress, podRoute, podNeighbor
    case instanceNamespace, bridge, gateway, hostEnd, sourceFilter, isolation, station, forwardingEntry
    case transitEnd, instanceRoute, neighbor
    case transitNamespace, transitLink, rule, transitRoute, reverseRoute
    case nodeRoute, uplink
    /// Whether packets for others are passed on.
    case forwarding
    /// A chain of rules, and what one of them translates.
    case chain, translation
    /// Whom packets come to in the end, and whom answers seem to come from.
    case arrival, answer
  }

  package var state: State
  package var place: Place
  package var part: Part
  /// `interface eth1`, `route to 172.16.2.2`.
  package var object: String
  /// What was found.
  package var detail: String
  /// What mends exactly this, as a command; `nil` where it depends on more.
  package var mend: String?

  package init(_ state: State, _ place: Place, _ part: Part, _ object: String, _ detail: String = "") {
    self.state = state
    self.place = place
    self.part = part
    self.object = object
    self.detail = detail
  }
}

extension TraceStep.Place: CustomStringConvertible {
  /// `pod lab/a`.
  package var description: String {
    switch self {
    case .pod(let name): "pod \(name)"
    case .instance(let name): "instance \(name)"
    case .transit: "transit"
    case .node: "node"
    }
  }
}
