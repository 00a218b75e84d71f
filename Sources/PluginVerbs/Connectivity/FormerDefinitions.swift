internal import CNI
internal import Dataplane
internal import NetworkAddresses
package import NetworkAttachments
internal import ObjectStore

/// What the definitions wanted of this node's instances before somebody changed them.
///
/// Where that is what the kernel was last told, only the difference has to be told: with hundreds of networks that reach
/// each other, all of them change a little when one of them does.
package struct FormerDefinitions {
  private let instances: [String: WantedInstance]

  /// The definitions of now.
  ///
  /// - Parameter note: who asks, for those who wait.
  package init(_ configuration: ContrailConfiguration, note: String) throws {
    let connected = try Node(configuration, note: note).wantedInstances().filter { $0.wanted.connection != nil }
    instances = Dictionary(connected.map { ($0.wanted.name, $0.wanted) }) { $1 }
  }

  /// - Returns: `nil` where something else changes too, or where it is not certain what the kernel was told.
  func imports(
    of wanted: WantedInstance, recordedAs record: InstanceRecord, _ kernel: KernelNamespace
  ) -> FormerImports? {
    guard let former = instances[wanted.name], former.fingerprint == record.fingerprint,
      let old = former.connection, let new = wanted.connection, old.vni == new.vni, old.prefixes == new.prefixes,
      former.outside == wanted.outside
    else { return nil }
    return FormerImports(wanted, PlacedConnection(new, in: kernel), from: old, former.reachedPrefixes)
  }
}

/// An instance that has to import something else than before, and what it imported.
struct FormerImports {
  let wanted: WantedInstance
  /// What its pods have routes to.
  let prefixes: [IPPrefix]
  let change: ImportChange

  fileprivate init(
    _ wanted: WantedInstance, _ connection: PlacedConnection, from old: ConnectedInstance, _ prefixes: [IPPrefix]
  ) {
    self.wanted = wanted
    self.prefixes = prefixes
    change = ImportChange(connection, from: old)
  }
}
