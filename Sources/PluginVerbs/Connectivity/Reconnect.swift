package import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
package import NetworkAttachments
internal import ObjectStore
internal import VirtualNetworks

/// Brings what runs on this node in line with the definitions, after somebody changed them.
///
/// - Parameters:
///   - note: who does it, for those who wait.
///   - former: what the definitions were before.
/// - Returns: the pods that could not be told, and why.
package func applyDefinitions(
  _ configuration: ContrailConfiguration, note: String, former: FormerDefinitions? = nil
) throws(CNIError) -> [String] {
  do {
    return try Node(configuration, note: note).applyDefinitions(former: former)
  } catch {
    throw CNIError(converting: error)
  }
}

extension Node {
  convenience init(_ configuration: ContrailConfiguration, note: String) throws {
    try self.init(
      configuration, note: note, log: PluginLog(path: configuration.logFile, threshold: configuration.logLevel))
  }

  /// - Parameter mending: also what is recorded as it should be is looked at, and made again where the kernel has it
  ///   otherwise.
  func applyDefinitions(former: FormerDefinitions? = nil, mending: Bool = false) throws -> [String] {
    let changed = try changedInstances(of: nil, mending).map(\.wanted.name)
    if changed.isEmpty { return [] }
    try locks.makeDirectory()
    let failures = try withInstances(changed, exclusive: Set(changed)) {
      // Read again: whoever had the locks may have changed something.
      try bringUpToDate(changedInstances(of: Set(changed), mending), mending ? nil : former, mending)
    }
    if mending { try mendTransit() }
    try removeUnusedInstances()
    return failures
  }

  typealias Change = (wanted: WantedInstance, record: InstanceRecord)

  /// The instances on this node that the definitions want otherwise than they are recorded; all of them to mend them.
  func changedInstances(of names: Set<String>?, _ mending: Bool) throws -> [Change] {
    try wantedInstances(of: names).filter { wanted, record in
      // What else the configuration says of the node's own network is for the plugin, whose configuration it is.
      guard record.placement != .node || wanted.differsInConnectionOnly(from: record.fingerprint) else { return false }
      return wanted.fingerprint != record.fingerprint || mending
    }
  }

  /// The instances on this node, as they are recorded and as the definitions want them; without those that no
  /// definition wants any more.
  func wantedInstances(of names: Set<String>? = nil) throws -> [Change] {
    let (all, outside) = try store.transaction { transaction in
      let records = try transaction.instances().compactMap { name in
        names?.contains(name) == false ? nil : try transaction.instance(name)
      }
      return (records, try transaction.outsidePairs())
    }
    let records = all.filter { ($0.identity != nil || $0.placement == .node) && $0.bridgeIndex != 0 }
    if records.isEmpty { return [] }
    // The MTU is the configuration's, and pods keep theirs.
    let mtu = try podMTU()
    return try definitions.read { reader in
      let directory = NetworkDirectory(configuration, reader, mtu: mtu)
      return try records.compactMap { record -> Change? in
        try directory.network(of: record).map { (WantedInstance($0, outside), record) }
      }
    }
  }

  /// - Returns: the pods that could not be told.
  private func bringUpToDate(
    _ changes: [Change], _ former: FormerDefinitions?, _ mending: Bool
  ) throws -> [String] {
    var connections: [(wanted: WantedInstance, kernel: KernelNamespace)] = []
    var imports: [FormerImports] = []
    var reconnected: [(wanted: WantedInstance, kernel: KernelNamespace)] = []
    var failures: [String] = []
    for (wanted, record) in changes {
      guard !mending && wanted.differsInConnectionOnly(from: record.fingerprint) else {
        failures += try make(wanted, record: record).untold
        continue
      }
      let kernel = try kernel.open(record.placement, recorded: record.identity)
      reconnected.append((wanted, kernel))
      if let known = former?.imports(of: wanted, recordedAs: record, kernel) {
        imports.append(known)
      } else {
        connections.append((wanted, kernel))
      }
    }
    // Neither the old nor the new until all is done: who comes after a kill has to look at it.
    try self.record(reconnected.map(\.wanted), isDone: false)
    try connect(connections, imports)
    let formerPrefixes = Dictionary(imports.map { ($0.wanted.name, $0.prefixes) }) { $1 }
    let attachments = try store.transaction { transaction in
      try reconnected.map { try transaction.attachments(instance: $0.wanted.name).filter { $0.state == .attached } }
    }
    for ((wanted, kernel), attachments) in zip(reconnected, attachments) {
      failures += updateRoutes(of: attachments, in: wanted, kernel, from: formerPrefixes[wanted.name])
    }
    try self.record(reconnected.map(\.wanted), isDone: true)
    return failures
  }

  private func record(_ instances: [WantedInstance], isDone: Bool) throws {
    try store.transaction { transaction in
      for wanted in instances {
        guard var record = try transaction.instance(wanted.name) else { continue }
        record.vni = wanted.connection?.vni ?? (isDone ? 0 : record.vni)
        record.fingerprint = isDone ? wanted.fingerprint : ""
        try transaction.record(record)
      }
    }
  }
}
