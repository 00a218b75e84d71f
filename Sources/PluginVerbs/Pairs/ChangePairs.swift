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
    if pairs == interface.pairs { return (false, warnings) }
    var changed = interface
    changed.pairs = pairs
    let holder = Holder(owner: reference.containerID, interface: interface.name)
    try withInstances([record.name]) {
      try store.transaction { transaction in
        try network?.refuseOthersAddresses(pairs, of: holder, source: "", transaction)
        try transaction.setPairs(
          pairs, of: interface, containerID: reference.containerID, interfaceName: reference.attachment)
      }
      do {
        try change(interface, to: changed, found.attachment, record)
      } catch {
        try store.transaction { transaction in
          try transaction.setPairs(
            interface.pairs, of: changed, containerID: reference.containerID, interfaceName: reference.attachment)
        }
        try? change(changed, to: interface, found.attachment, record)
        throw error
      }
    }
    guard interface.hasOutsidePairs || changed.hasOutsidePairs else { return (true, warnings) }
    return (true, warnings + (try applyDefinitions()))
  }

  private func change(
    _ interface: AttachedInterface, to changed: AttachedInterface, _ attachment: Attachment, _ record: InstanceRecord
  ) throws {
    guard let instance = try open(record) else { throw DataplaneError.instanceMissing }
    let ports = attachment.ports(in: record.name, record.forwardingMode)
    guard let port = ports.first(where: { $0.name == interface.name }) else { return }
    try kernel.changePairs(
      of: port.keeping(interface.pairs.map(AddressPair.init)), to: port.keeping(changed.pairs.map(AddressPair.init)),
      in: instance)
    guard interface.hasRoutedPairs || changed.hasRoutedPairs, record.forwardingMode != .l2 else { return }
    try routePairs(in: instance, holdersAreUp: true)
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
