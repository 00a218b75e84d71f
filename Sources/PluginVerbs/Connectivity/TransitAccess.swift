internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

// The transit as this node keeps it: its lock, its record, and which instances have a link to it.

extension Node {

  /// Makes instances reach what they import, those that import them reach them, and takes those out that reach nothing
  /// any more. Their locks are held exclusively.
  func connect(_ instances: [(wanted: WantedInstance, kernel: KernelNamespace)]) throws {
    let connections = instances.compactMap { instance in
      instance.wanted.connection.map { PlacedConnection($0, in: instance.kernel) }
    }
    let connected = try store.transaction { try $0.connectedInstances() }
    let alone = Set(instances.filter { $0.wanted.connection == nil }.map(\.wanted.name))
    try disconnect(connected.filter { alone.contains($0.name) }.map(\.vni))
    if connections.isEmpty { return }
    let numbers = Dictionary(connected.map { ($0.name, $0.vni) }) { $1 }
    let importers = try definitions.read { reader in
      var importers: [UInt32: [UInt32]] = [:]
      for instance in connections.map(\.instance) {
        importers[instance.vni] = try reader.importers(of: NetworkName(path: instance.name))
          .compactMap { numbers[$0.description] }
      }
      return importers
    }
    try withTransit { try $0.update(connections) { importers[$0.vni] ?? [] } }
  }

  /// Takes instances out of the transit, which goes with the last.
  func disconnect(_ numbers: [UInt32]) throws {
    let numbers = numbers.filter { $0 != 0 }
    if numbers.isEmpty { return }
    let lock = try locks.transit()
    defer { extendLifetime(lock) }
    let (record, connected) = try store.transaction { transaction in
      (try transaction.instance(InstanceRecord.transit), try transaction.connectedInstances())
    }
    guard let record else { return }
    if connected.allSatisfy({ numbers.contains($0.vni) }) {
      try kernel.removeTransit(in: pins)
      try store.transaction { try $0.removeInstance(InstanceRecord.transit) }
      try lock.removeFile()
    } else {
      try kernel.openTransit(in: pins, recorded: record.identity).disconnect(numbers)
    }
  }

  private func withTransit<Result>(_ body: (Transit) throws -> Result) throws -> Result {
    let lock = try locks.transit()
    defer { extendLifetime(lock) }
    let record = try store.transaction { try $0.instance(InstanceRecord.transit) }
    let transit = try kernel.openTransit(in: pins, recorded: record?.identity)
    if record?.identity == nil {
      try transit.ensure()
      try store.transaction { transaction in
        try transaction.record(
          InstanceRecord(
            name: InstanceRecord.transit, pin: "\(pins)/\(TransitNames.namespace)",
            identity: transit.kernel.identity))
      }
    }
    return try body(transit)
  }
}
