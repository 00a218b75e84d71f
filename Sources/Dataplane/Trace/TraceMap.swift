package import NetworkAddresses

/// A routing instance as a trace meets it.
package struct TracedInstance {
  /// `namespace/network`.
  package let name: String
  /// `nil` if the kernel has no such namespace.
  package let placed: PlacedInstance?
  /// Its number in the transit; 0 for none.
  package let vni: UInt32
  /// The number of its uplink; 0 for none.
  package let uplink: UInt32

  package init(name: String, placed: PlacedInstance?, vni: UInt32, uplink: UInt32) {
    self.name = name
    self.placed = placed
    self.vni = vni
    self.uplink = uplink
  }
}

/// What is known of the namespaces of a node.
package struct TraceMap {
  let instances: [String: TracedInstance]
  let transit: KernelNamespace?
  let end: (_ instance: String, IPAddress) -> TraceEnd?

  /// - Parameters:
  ///   - transit: `nil` where the kernel has no such namespace.
  ///   - end: the pod that has an address in an instance, as its own.
  package init(
    instances: [TracedInstance], transit: KernelNamespace?, end: @escaping (_ instance: String, IPAddress) -> TraceEnd?
  ) {
    self.instances = Dictionary(instances.map { ($0.name, $0) }) { first, _ in first }
    self.transit = transit
    self.end = end
  }
}

/// What a trace is about.
package struct TraceRequest {
  package let from: TraceEnd
  package let address: IPAddress
  /// The pod that the address is to lead to; `nil` where it may lead to anybody.
  package let to: TraceEnd?
  package let flow: TraceFlow
  /// Whether both instances are to reach each other by the transit.
  package let isConnected: Bool

  package init(from: TraceEnd, address: IPAddress, to: TraceEnd?, flow: TraceFlow, isConnected: Bool) {
    self.from = from
    self.address = address
    self.to = to
    self.flow = flow
    self.isConnected = isConnected
  }
}

/// What became of the packet of a trace and of its answer.
package struct TraceResult: Equatable, Sendable {
  /// Who got the packet.
  package enum Arrival: Hashable, Sendable {
    /// `namespace/name`, and the address of it that the packet came to.
    case pod(String, IPAddress)
    case instance(String)
    case node
    /// Nobody here: it left by this link of the node.
    case beyond(String)
  }

  package var there: [TraceStep] = []
  package var back: [TraceStep] = []
  /// `nil` where it got nowhere.
  package var arrival: Arrival?
  /// The rules of others on which it depends what becomes of it, with what they ask; empty where that is certain.
  package var deciders: [String] = []
  /// Whether it is chance what becomes of it, and other packets fare otherwise.
  package var isChance = false
  /// Chains of others that asked for protocols or ports.
  package var askedPorts: [String] = []
  /// Tables of the older iptables on the way, with where they are: their rules cannot be read.
  package var unreadTables: [String] = []

  package init() {}

  package var fault: TraceStep? { (there + back).first { $0.state != .ok } }
}
