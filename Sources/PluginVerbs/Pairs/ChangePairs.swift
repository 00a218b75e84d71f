package import CNI
internal import ContrailIPAM
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
package import NetworkAttachments
internal import ObjectStore

/// An interface of a running pod, as its record names it.
package struct InterfaceReference: Equatable, Sendable {
  package let containerID: String
  /// The interface of the call that made it.
  package let attachment: String
  /// Its name inside the pod.
  package let name: String

  package init(containerID: String, attachment: String, name: String) {
    self.containerID = containerID
    self.attachment = attachment
    self.name = name
  }
}

/// Gives an interface of a running pod these allowed address pairs instead of those that it has. Its other traffic, and
/// pairs that stay, are not touched.
///
/// - Parameter note: who does it, for those who wait.
/// - Returns: whether anything had to be changed, and what a person should know.
package func changePairs(
  of interface: InterfaceReference, to pairs: [AllowedAddressPair], _ configuration: ContrailConfiguration,
  note: String
) throws(CNIError) -> (isChanged: Bool, warnings: [String]) {
  let node = try Node(
    configuration, note: note, log: PluginLog(path: configuration.logFile, threshold: configuration.logLevel))
  do { return try node.changePairs(of: interface, to: pairs) } catch { throw CNIError(converting: error) }
}

extension Node {
  func changePairs(
    of reference: InterfaceReference, to pairs: [AllowedAddressPair]
  ) throws -> (isChanged: Bool, warnings: [String]) {
    try locks.makeDirectory()
    let lock = try locks.container(reference.containerID)
    defer { extendLifetime(lock) }
    let gone = CNIError(
      .unknownContainer, "container \(reference.containerID) has no interface \(reference.name)", "its pod is gone")
    guard let found = try leftover(containerID: reference.containerID, interfaceName: reference.attachment),
      found.attachment.state == .attached,
      let interface = found.attachment.interfaces.first(where: { $0.name == reference.name }),
      let record = found.instances.first(where: { $0.name == interface.instance })
    else {
      try lock.removeFile()
      throw gone
    }
    let network = try self.network(of: interface)
    try network?.check(pairs, source: "")
    let warnings = network?.oddities(of: pairs) ?? []
    var changed = interface
    changed.pairs = pairs
    // Until all is done both are recorded, so that whoever comes after a process that died knows of both.
    var both = interface
    both.pairs += pairs.filter { !interface.pairs.contains($0) }
    let change = PairChange(found.attachment, record, reference)
    try withInstances([record.name]) {
      try store.transaction { transaction in
        try network?.refuseOthersAddresses(
          pairs, of: Holder(owner: reference.containerID, interface: interface.name), source: "", transaction)
        try change.record(both, transaction)
      }
      do { try carryOut(change, from: both, to: changed) } catch {
        try? carryOut(change, from: both, to: interface)
        throw error
      }
    }
    let isChanged = pairs != interface.pairs
    guard both.hasOutsidePairs else { return (isChanged, warnings) }
    return (isChanged, warnings + (try applyDefinitions()))
  }

  /// Changes filter, bridge port and the gateway's routes, and records what is to be at last. Whatever was done already is
  /// done again.
  private func carryOut(_ change: PairChange, from: AttachedInterface, to: AttachedInterface) throws {
    guard let instance = try open(change.instance) else { throw DataplaneError.instanceMissing }
    let ports = change.attachment.ports(in: instance.name, change.instance.forwardingMode)
    guard let port = ports.first(where: { $0.name == to.name }) else { return }
    try kernel.changePairs(
      of: port.keeping(from.pairs.map(AddressPair.init)), to: port.keeping(to.pairs.map(AddressPair.init)),
      in: instance)
    guard from.hasRoutedPairs, instance.isRouter else {
      return try store.transaction { try change.record(to, $0) }
    }
    let kept = Set(to.routedPairs.map { RoutedPair.Key($0) })
    try routePairs(
      Set(from.routedPairs.map(\.prefix)), of: to.addresses.map(\.address.address), in: instance,
      where: { $0.containerID != change.reference.containerID || $0.interface != to.name || kept.contains($0.key) },
      record: { try change.record(to, $0) })
  }

  /// The network as it is defined; `nil` where its definition is gone.
  private func network(of interface: AttachedInterface) throws -> NodeNetwork? {
    let name = NetworkName(path: interface.network)
    return try definitions.read { reader in
      let directory = NetworkDirectory(configuration, reader, mtu: interface.mtu)
      if name == NetworkName.defaultPodNetwork(clusterName: configuration.clusterName) {
        return try NodeNetwork(default: configuration, connection: nil, mtu: interface.mtu)
      }
      return try reader.virtualNetwork(namespace: name.namespace, name: name.name).map { try directory.network($0) }
    }
  }
}

/// Whose pairs are changed.
private struct PairChange {
  let attachment: Attachment
  let instance: InstanceRecord
  let reference: InterfaceReference

  init(_ attachment: Attachment, _ instance: InstanceRecord, _ reference: InterfaceReference) {
    self.attachment = attachment
    self.instance = instance
    self.reference = reference
  }

  func record(_ interface: AttachedInterface, _ transaction: AttachmentTransaction) throws(StoreError) {
    try transaction.setPairs(
      interface.pairs, of: interface, containerID: reference.containerID, interfaceName: reference.attachment)
  }
}
