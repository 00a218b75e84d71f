internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

/// What the store knows of this node's namespaces and who has which address there, opened once.
final class TraceEnds {
  private let node: Node
  private let records: [String: InstanceRecord]
  private let instances: [String: TracedInstance]
  private let transit: KernelNamespace?
  private var kernels: [NamespaceIdentity: KernelNamespace?] = [:]
  /// By instance and address.
  private var owners: [String: [IPAddress: (party: TraceParty, point: TracePoint)]] = [:]

  init(_ node: Node, _ all: [TraceParty]) throws {
    self.node = node
    let records = try node.store.transaction { transaction in
      try (transaction.instances() + [InstanceRecord.transit]).compactMap { try transaction.instance($0) }
    }
    var instances: [String: TracedInstance] = [:]
    var transit: KernelNamespace?
    for record in records {
      if record.name == InstanceRecord.transit {
        transit = try record.identity.flatMap { try node.kernel.namespace(at: record.pin, recorded: $0) }
      } else {
        instances[record.name] = TracedInstance(
          name: record.name, placed: try node.openIfThere(record), vni: record.vni, uplink: record.uplink)
      }
    }
    self.records = Dictionary(records.map { ($0.name, $0) }) { first, _ in first }
    self.instances = instances
    self.transit = transit
    for party in all {
      for point in party.points {
        owners[point.network, default: [:]][point.address] = (party, point)
      }
    }
  }

  func trace(
    _ from: TraceParty, to target: TraceTarget, _ flow: TraceFlow, _ choice: some TraceChoice
  ) throws -> [TracedPair] {
    let kernels = try from.attachments.first.flatMap(kernel)?.outputName(to: target.address)
    func source(_ point: TracePoint?) -> TracePoint? {
      choice.source(from.points, to: target.address, point, kernels)
    }
    if target.holders.isEmpty {
      guard let point = source(nil), let pair = try trace(from, point, to: target.address, nil, flow, false) else {
        return []
      }
      return [pair]
    }
    return try (target.isPair ? holders(of: target) : target.holders).compactMap { holder in
      guard let point = source(holder.point) else { return nil }
      let isConnected = choice.isConnected(point.network, holder.point.network)
      return try trace(from, point, to: target.address, holder, flow, isConnected)
    }
  }

  private func trace(
    _ from: TraceParty, _ point: TracePoint, to address: IPAddress, _ holder: (party: TraceParty, point: TracePoint)?,
    _ flow: TraceFlow, _ isConnected: Bool
  ) throws -> TracedPair? {
    guard let start = end(from, point) else { return nil }
    let map = TraceMap(instances: Array(instances.values), transit: transit) { [self] instance, address in
      owners[instance]?[address].flatMap { end($0.party, $0.point) }
    }
    let request = TraceRequest(
      from: start, address: address, to: holder.flatMap { end($0.party, $0.point) }, flow: flow,
      isConnected: isConnected)
    return TracedPair(
      from: point, to: holder.map { ($0.party.name, $0.point) }, address: address,
      result: try node.kernel.trace(request, map),
      gatewayOf: try instances.values.filter { try $0.placed?.hasGateway(address) ?? false }.map(\.name).sorted())
  }

  /// Who of those that may have an address has it by now.
  private func holders(of target: TraceTarget) throws -> [(party: TraceParty, point: TracePoint)] {
    var found: [(party: TraceParty, point: TracePoint)] = []
    for network in Set(target.holders.map(\.point.network)).sorted() {
      let candidates = target.holders.filter { $0.point.network == network }
      guard let placed = instances[network]?.placed else { return candidates }
      let ends = candidates.compactMap { end($0.party, $0.point) }
      for (holder, how) in try node.kernel.holders(of: target.address, among: ends, in: placed) {
        guard
          var entry = candidates.first(where: { $0.party.name == holder.pod && $0.point.interface == holder.port.name })
        else { continue }
        entry.point.pair = how
        found.append(entry)
      }
    }
    return found
  }

  private func kernel(_ attachment: Attachment) -> KernelNamespace? {
    if let known = kernels[attachment.namespace] { return known }
    let found = try? node.kernel.namespace(at: attachment.namespacePath, recorded: attachment.namespace)
    kernels[attachment.namespace] = .some(found)
    return found
  }

  private func end(_ party: TraceParty, _ point: TracePoint) -> TraceEnd? {
    for attachment in party.attachments {
      for interface in attachment.interfaces where interface.name == point.interface {
        let ports = attachment.ports(in: interface.instance, records[interface.instance]?.forwardingMode ?? .l2AndL3)
        guard let port = ports.first(where: { $0.name == interface.name }) else { continue }
        return TraceEnd(
          pod: party.name, kernel: kernel(attachment), port: port, address: point.address,
          instanceName: interface.instance)
      }
    }
    return nil
  }
}

extension Node {
  /// `nil` where the pin is not the recorded namespace, which is what a trace is to find.
  fileprivate func openIfThere(_ record: InstanceRecord) throws -> PlacedInstance? {
    do { return try open(record) } catch DataplaneError.foreignPin {
      return nil
    }
  }
}
