package import CNI
package import Dataplane
internal import LinuxSystem
package import NetworkAddresses
package import NetworkAttachments
package import ObjectStore

/// A pod, or whoever else has attachments.
package struct TraceParty {
  /// `namespace/name`.
  package var name: String
  package var attachments: [Attachment]

  package init(name: String, attachments: [Attachment]) {
    self.name = name
    self.attachments = attachments
  }
}

/// An interface's address, one end of what is traced.
package struct TracePoint: Hashable, Sendable {
  package var interface: String
  /// `namespace/network`.
  package var network: String
  package var address: IPAddress
  /// How it is known who has the address, if it is one of an allowed address pair; otherwise empty.
  package var pair = ""

  package init(interface: String, network: String, address: IPAddress) {
    self.interface = interface
    self.network = network
    self.address = address
  }
}

extension TraceParty {
  /// Its own addresses.
  package var points: [TracePoint] {
    attachments.flatMap(\.interfaces).flatMap { interface in
      interface.addresses.map {
        TracePoint(interface: interface.name, network: interface.network, address: $0.address.address)
      }
    }
  }

  /// Its interfaces that may have the address by an allowed address pair.
  package func pairPoints(_ address: IPAddress) -> [TracePoint] {
    attachments.flatMap(\.interfaces).filter { interface in interface.pairs.contains { $0.prefix.contains(address) } }
      .map { TracePoint(interface: $0.name, network: $0.network, address: address) }
  }
}

/// An address that a trace leads to.
package struct TraceTarget {
  package let address: IPAddress
  /// The pods that have it, or may have it by an allowed address pair; none where it is no pod's.
  package let holders: [(party: TraceParty, point: TracePoint)]
  /// Whether they have it by allowed address pairs.
  package let isPair: Bool

  package init(_ address: IPAddress, holders: [(party: TraceParty, point: TracePoint)] = [], isPair: Bool = false) {
    self.address = address
    self.holders = holders
    self.isPair = isPair
  }
}

/// What the kernel has on the way from one address to another, and back.
package struct TracedPair: Sendable {
  package let from: TracePoint
  /// The pod that is meant, and its interface; `nil` for an address that is no pod's.
  package let to: (pod: String, point: TracePoint)?
  package let address: IPAddress
  package let result: TraceResult
  /// The networks of this node whose gateway has the address.
  package let gatewayOf: [String]

  package init(
    from: TracePoint, to: (pod: String, point: TracePoint)?, address: IPAddress, result: TraceResult,
    gatewayOf: [String]
  ) {
    self.from = from
    self.to = to
    self.address = address
    self.result = result
    self.gatewayOf = gatewayOf
  }
}

/// What decides between the ways that a trace could take.
package protocol TraceChoice {
  /// From which of a pod's addresses a target is reached, where its kernel would take this interface; `nil` where it has
  /// none of the family.
  func source(_ points: [TracePoint], to address: IPAddress, _ target: TracePoint?, _ kernels: String?) -> TracePoint?
  /// Whether two networks are to reach each other.
  func isConnected(_ one: String, _ other: String) -> Bool
}

/// What the node's kernel has on the ways from a pod to addresses: nothing is sent, nothing is changed.
///
/// - Parameters:
///   - note: who asks, for those who wait.
///   - all: every pod of the node, whom packets may come to.
package func trace(
  _ configuration: ContrailConfiguration, note: String, from: TraceParty, to targets: [TraceTarget], _ flow: TraceFlow,
  among all: [TraceParty], _ choice: some TraceChoice
) throws(CNIError) -> [TracedPair] {
  let node = try Node(
    configuration, note: note, log: PluginLog(path: configuration.logFile, threshold: configuration.logLevel))
  do {
    let ends = try TraceEnds(node, all)
    return try targets.flatMap { try ends.trace(from, to: $0, flow, choice) }
  } catch {
    throw CNIError(converting: error)
  }
}
