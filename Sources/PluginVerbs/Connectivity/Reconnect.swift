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
///   - mending: also what is recorded as it should be is looked at, and made again where the kernel has it otherwise.
/// - Returns: the pods that could not be told, and why.
package func applyDefinitions(
  _ configuration: ContrailConfiguration, note: String, mending: Bool = false
) throws(CNIError) -> [String] {
  let node = try Node(
    configuration, note: note, log: PluginLog(path: configuration.logFile, threshold: configuration.logLevel))
  do { return try node.applyDefinitions(mending: mending) } catch { throw CNIError(converting: error) }
}

extension Node {
  func applyDefinitions(mending: Bool = false) throws -> [String] {
    let changed = try changedInstances(of: nil, mending).map(\.wanted.name)
    if changed.isEmpty { return [] }
    try locks.makeDirectory()
    let failures = try withInstances(changed, exclusive: Set(changed)) {
      // Read again: whoever had the locks may have changed something.
      try bringUpToDate(changedInstances(of: Set(changed), mending), mending)
    }
    if mending { try mendTransit() }
    try removeUnusedInstances()
    return failures
  }

  private typealias Change = (wanted: WantedInstance, record: InstanceRecord)

  /// The instances on this node that the definitions want otherwise than they are recorded; all of them to mend them.
  private func changedInstances(of names: Set<String>?, _ mending: Bool) throws -> [Change] {
    let (all, outside) = try store.transaction { transaction in
      let records = try transaction.instances().compactMap { name in
        names?.contains(name) == false ? nil : try transaction.instance(name)
      }
      return (records, try transaction.outsidePairs())
    }
    let records = all.filter { ($0.identity != nil || $0.placement == .node) && $0.bridgeIndex != 0 }
    if records.isEmpty { return [] }
    return try definitions.read { reader in
      try records.compactMap { record -> Change? in
        let name = NetworkName(path: record.name)
        guard let facts = try reader.virtualNetwork(namespace: name.namespace, name: name.name), facts.name == name
        else { return nil }
        // The MTU is the configuration's, and pods keep theirs.
        let directory = NetworkDirectory(configuration, reader, mtu: try podMTU())
        let wanted = WantedInstance(try directory.network(facts), outside)
        // What else the configuration says of the node's own network is for the plugin, whose configuration it is.
        guard record.placement != .node || wanted.differsInConnectionOnly(from: record.fingerprint) else { return nil }
        return wanted.fingerprint == record.fingerprint && !mending ? nil : (wanted, record)
      }
    }
  }

  /// - Returns: the pods that could not be told.
  private func bringUpToDate(_ changes: [Change], _ mending: Bool) throws -> [String] {
    var connections: [(wanted: WantedInstance, kernel: KernelNamespace)] = []
    for (wanted, record) in changes {
      if !mending && wanted.differsInConnectionOnly(from: record.fingerprint) {
        var record = record
        record.vni = wanted.connection?.vni ?? record.vni
        connections.append((wanted, try kernel.open(record.placement, recorded: record.identity)))
      } else {
        _ = try make(wanted, record: record)
      }
    }
    try store.transaction { transaction in
      for (wanted, record) in changes {
        var record = try transaction.instance(record.name) ?? record
        record.vni = wanted.connection?.vni ?? record.vni
        // Neither the old nor the new until all is done: who comes after a kill has to look at it.
        record.fingerprint = ""
        try transaction.record(record)
      }
    }
    try connect(connections)
    let attachments = try store.transaction { transaction in
      try changes.map { try transaction.attachments(instance: $0.wanted.name) }
    }
    var failures: [String] = []
    for (change, attachments) in zip(changes, attachments) {
      for attachment in attachments where attachment.state == .attached {
        do { try updateRoutes(of: attachment, in: change.wanted) } catch {
          failures.append("pod \(attachment.pod.namespace)/\(attachment.pod.name): \(CNIError(converting: error))")
        }
      }
    }
    try store.transaction { transaction in
      for (wanted, record) in changes {
        guard var record = try transaction.instance(record.name) else { continue }
        record.fingerprint = wanted.fingerprint
        record.vni = wanted.connection?.vni ?? 0
        try transaction.record(record)
      }
    }
    return failures
  }

  /// The pod's routes to what the instance imports. A pod that is gone needs none.
  private func updateRoutes(of attachment: Attachment, in wanted: WantedInstance) throws {
    guard let pod = kernel.namespace(at: attachment.namespacePath, recorded: attachment.namespace) else { return }
    for port in attachment.ports(in: wanted.name, wanted.routing.mode) {
      try kernel.updateRoutes(
        in: pod, interface: port.name, gateways: port.importRouters,
        prefixes: wanted.reachedPrefixes)
    }
  }
}
