internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore
internal import VirtualNetworks

// The transit as this node keeps it: its lock, its record, and which instances have a link to it.

extension Node {

  /// Makes instances reach what they import, those that import them reach them, and takes those out that reach nothing
  /// any more. Their locks are held exclusively.
  ///
  /// - Parameter imports: instances that are connected, and of which the difference is known.
  func connect(
    _ instances: [(wanted: WantedInstance, kernel: KernelNamespace)], _ imports: [FormerImports] = []
  ) throws {
    let connections = instances.compactMap { instance in
      instance.wanted.connection.map { PlacedConnection($0, in: instance.kernel) }
    }
    let connected = try store.transaction { try $0.connectedInstances() }
    let alone = Set(instances.filter { $0.wanted.connection == nil }.map(\.wanted.name))
    try disconnect(connected.filter { alone.contains($0.name) }.map(\.vni))
    if connections.isEmpty && imports.isEmpty { return }
    try withTransit { transit in
      let linked = try imports.isEmpty ? [] : transit.linked()
      let changes = imports.map(\.change)
      let parted = changes.map(\.connection).filter { !linked.contains($0.instance.vni) }
      let importers = try importers(of: connections + parted, among: connected)
      try transit.update(connections + parted) { importers[$0.vni] ?? [] }
      try transit.apply(changes.filter { linked.contains($0.connection.instance.vni) })
    }
  }

  /// Which of the connected instances import these, by their numbers.
  private func importers(
    of connections: [PlacedConnection], among connected: [(name: String, vni: UInt32)]
  ) throws -> [UInt32: [UInt32]] {
    let numbers = Dictionary(connected.map { ($0.name, $0.vni) }) { $1 }
    return try definitions.read { reader in
      var importers: [UInt32: [UInt32]] = [:]
      for instance in connections.map(\.instance) {
        importers[instance.vni] = try reader.importers(of: NetworkName(path: instance.name))
          .compactMap { numbers[$0.description] }
      }
      return importers
    }
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
    guard let record else {
      // Whoever recorded the first connection died before the transit was recorded, or its removal before it was gone.
      guard connected.allSatisfy({ numbers.contains($0.vni) }) else { return }
      try kernel.removeTransit(in: pins)
      return try lock.removeFile()
    }
    // What was in a lost one is gone; who connects next makes it anew. The links of the last go before the namespace,
    // which ends in its own time.
    try recordedTransit(record)?.disconnect(numbers)
    if connected.allSatisfy({ numbers.contains($0.vni) }) {
      // A namespace without a record is forgotten, and made anew; a record without a namespace would stand in the way.
      try store.transaction { transaction in
        try transaction.disconnect(numbers)
        try transaction.removeInstance(InstanceRecord.transit)
      }
      try kernel.removeTransit(in: pins)
      return try lock.removeFile()
    }
    // Whoever takes out the last one while this instance goes must know.
    try store.transaction { transaction in try transaction.disconnect(numbers) }
  }

  /// Makes the transit itself what it should be, if instances are connected.
  func mendTransit() throws {
    if try store.transaction({ try $0.connectedInstances() }).isEmpty { return }
    try withTransit { try $0.ensure() }
  }

  private func withTransit<Result>(_ body: (Transit) throws -> Result) throws -> Result {
    let lock = try locks.transit()
    defer { extendLifetime(lock) }
    let record = try store.transaction { try $0.instance(InstanceRecord.transit) }
    let known = try record.flatMap { try recordedTransit($0) }
    if let known, record?.fingerprint == Self.made { return try body(known) }
    if let record, known == nil, try !isMountNamespaceOurs() { throw DataplaneError.foreignPin(path: record.pin) }
    let transit = try known ?? kernel.openTransit(in: pins, recorded: nil)
    try self.record(transit, as: "")
    try transit.reconcile(connections())
    // Whoever dies before this leaves a transit that is looked at again.
    try self.record(transit, as: Self.made)
    return try body(transit)
  }

  private func record(_ transit: Transit, as fingerprint: String) throws {
    try store.transaction { transaction in
      try transaction.record(
        InstanceRecord(
          name: InstanceRecord.transit, pin: "\(pins)/\(TransitNames.namespace)", identity: transit.kernel.identity,
          fingerprint: fingerprint))
    }
  }

  /// What the record of a transit says that was made to the end.
  private static let made = "v1"

  /// The transit as it is recorded; `nil` where its pin is another namespace, or none.
  private func recordedTransit(_ record: InstanceRecord) throws -> Transit? {
    guard let identity = record.identity else { return nil }
    do { return try kernel.openTransit(in: pins, recorded: identity) } catch {
      guard case .foreignPin(let path) = error else { throw error }
      log.write(.warning, "the transit is not there any more", ["pin": path])
      return nil
    }
  }

  /// Whether the instances that were connected are to be seen from here. Then the transit would be too, if it were there:
  /// it is not hidden in another mount namespace.
  private func isMountNamespaceOurs() throws -> Bool {
    try store.transaction { transaction in
      try transaction.connectedInstances().compactMap { try transaction.instance($0.name) }
    }.allSatisfy { record in
      guard let identity = record.identity else { return true }
      return try kernel.namespace(at: record.pin, recorded: identity) != nil
    }
  }

  /// The instances that are connected, as the definitions want them.
  func connections() throws -> [PlacedConnection] {
    let (records, outside) = try store.transaction { transaction in
      (
        try transaction.connectedInstances().compactMap { try transaction.instance($0.name) },
        try transaction.outsidePairs()
      )
    }
    return try definitions.read { reader in
      try records.compactMap { record in
        let name = NetworkName(path: record.name)
        guard let facts = try reader.virtualNetwork(namespace: name.namespace, name: name.name), facts.name == name,
          let connection = try reader.connection(of: facts), record.bridgeIndex != 0
        else { return nil }
        return PlacedConnection(
          connection.reaching(outside), in: try kernel.open(record.placement, recorded: record.identity))
      }
    }
  }
}
