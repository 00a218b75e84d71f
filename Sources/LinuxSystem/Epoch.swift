/// What the node's network state lives in: one boot of the kernel and one network namespace of it.
///
/// Interfaces that were recorded in another epoch are gone, or are not this node's.
package struct Epoch: Equatable, Sendable {
  /// `/proc/sys/kernel/random/boot_id`.
  package let bootID: String
  package let namespace: NamespaceIdentity

  package init(bootID: String, namespace: NamespaceIdentity) {
    self.bootID = bootID
    self.namespace = namespace
  }

  /// The running kernel's boot ID with the given identity of the node's namespace.
  package static func current(namespace: NamespaceIdentity) throws(Errno) -> Epoch {
    let bootID = try Sysctl("kernel/random/boot_id").read()
    return Epoch(bootID: String(decoding: bootID, as: UTF8.self), namespace: namespace)
  }
}
