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

  package init(interface: String, network: String, address: IPAddress) {
    self.interface = interface
    self.network = network
    self.address = address
  }
}

/// What the kernel has on the way from one address to another, and back.
package struct TracedPair: Hashable, Sendable {
  package var from: TracePoint
  package var to: TracePoint
  package var there: [TraceStep]
  package var back: [TraceStep]

  package init(from: TracePoint, to: TracePoint, there: [TraceStep], back: [TraceStep]) {
    self.from = from
    self.to = to
    self.there = there
    self.back = back
  }
}

extension TraceParty {
  package var points: [TracePoint] {
    attachments.flatMap(\.interfaces).flatMap { interface in
      interface.addresses.map {
        TracePoint(interface: interface.name, network: interface.network, address: $0.address.address)
      }
    }
  }
}

/// What the node's kernel has on the ways between two pods: nothing is sent, nothing is changed.
///
/// - Parameters:
///   - note: who asks, for those who wait.
///   - to: the other pod's addresses that are meant.
///   - choose: from which of the pod's addresses one is reached; it is told by which interface the pod's kernel would.
/// - Returns: a pair for each address that `choose` finds a source for, and the chains of others on the node that refuse
///   what no rule of theirs accepts.
package func trace(
  _ configuration: ContrailConfiguration, note: String, from: TraceParty, to: TraceParty, at points: [TracePoint],
  choose: ([TracePoint], TracePoint, _ kernels: String?) -> TracePoint?
) throws(CNIError) -> (pairs: [TracedPair], foreignChains: [String]) {
  let node = try Node(
    configuration, note: note, log: PluginLog(path: configuration.logFile, threshold: configuration.logLevel))
  do {
    let ends = try TraceEnds(node)
    var pairs: [TracedPair] = []
    for target in points {
      let kernels = try ends.output(of: from, to: target.address)
      guard let source = choose(from.points, target, kernels),
        let one = try ends.end(from, source), let other = try ends.end(to, target)
      else { continue }
      pairs.append(
        TracedPair(
          from: source, to: target, there: try node.kernel.way(from: one, to: other, transit: ends.transit),
          back: try node.kernel.way(from: other, to: one, transit: ends.transit)))
    }
    return (pairs, try node.kernel.node.blockingForwardChains(thorough: true))
  } catch {
    throw CNIError(converting: error)
  }
}

/// The same for an address that is no pod's, as far as this node's routes know where it is; without ways back.
package func traceOut(
  _ configuration: ContrailConfiguration, note: String, from: TraceParty, to address: IPAddress
) throws(CNIError) -> TracedPair? {
  let node = try Node(
    configuration, note: note, log: PluginLog(path: configuration.logFile, threshold: configuration.logLevel))
  do {
    let ends = try TraceEnds(node)
    let kernels = try ends.output(of: from, to: address)
    let usable = from.points.filter { $0.address.family == address.family }
    guard let source = usable.first(where: { $0.interface == kernels }) ?? usable.first,
      let end = try ends.end(from, source)
    else { return nil }
    return TracedPair(
      from: source, to: TracePoint(interface: "", network: "", address: address),
      there: try node.kernel.wayOut(from: end, to: address), back: [])
  } catch {
    throw CNIError(converting: error)
  }
}

/// What the store knows of this node's namespaces, opened once.
private final class TraceEnds {
  private let node: Node
  private var instances: [String: (record: InstanceRecord, placed: PlacedInstance?)] = [:]
  let transit: KernelNamespace?

  init(_ node: Node) throws {
    self.node = node
    let records = try node.store.transaction { transaction in
      try (transaction.instances() + [InstanceRecord.transit]).compactMap { try transaction.instance($0) }
    }
    var transit: KernelNamespace?
    for record in records {
      if record.name == InstanceRecord.transit {
        transit = record.identity.flatMap { node.kernel.namespace(at: record.pin, recorded: $0) }
      } else {
        // A pin that is not the recorded namespace is what a trace is to find.
        instances[record.name] = (record, try? node.open(record))
      }
    }
    self.transit = transit
  }

  /// The interface by which the pod's kernel sends to an address.
  func output(of party: TraceParty, to address: IPAddress) throws -> String? {
    try party.attachments.first.flatMap(kernel)?.outputName(to: address)
  }

  private func kernel(_ attachment: Attachment) -> KernelNamespace? {
    node.kernel.namespace(at: attachment.namespacePath, recorded: attachment.namespace)
  }

  func end(_ party: TraceParty, _ point: TracePoint) throws -> TraceEnd? {
    for attachment in party.attachments {
      for interface in attachment.interfaces where interface.name == point.interface {
        let known = instances[interface.instance]
        let ports = attachment.ports(in: interface.instance, known?.record.forwardingMode ?? .l2AndL3)
        guard let port = ports.first(where: { $0.name == interface.name }) else { continue }
        return TraceEnd(
          pod: party.name, kernel: kernel(attachment), port: port, address: point.address,
          instanceName: interface.instance, instance: known?.placed, vni: known?.record.vni ?? 0)
      }
    }
    return nil
  }
}
