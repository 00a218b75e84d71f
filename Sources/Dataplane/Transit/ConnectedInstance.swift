package import NetworkAddresses

/// A routing instance that reaches others through the transit, and what it gets from them.
package struct ConnectedInstance: Equatable, Sendable {
  /// `namespace/network`.
  package let name: String
  /// The network's number; at most 24 bits. Its link and its table in the transit are numbered after it.
  package let vni: UInt32
  /// The networks that are behind it.
  package let prefixes: [IPPrefix]
  /// The networks that it has routes to.
  package let imports: [Import]
  /// What the instance and its pods are told: the imported networks, in as few prefixes as say the same.
  package let importedPrefixes: [IPPrefix]

  /// Networks behind another instance.
  package struct Import: Hashable, Sendable {
    /// The other instance's number.
    package let exporter: UInt32
    package let prefixes: [IPPrefix]

    package init(exporter: UInt32, prefixes: [IPPrefix]) {
      self.exporter = exporter
      self.prefixes = prefixes
    }
  }

  package init(name: String, vni: UInt32, prefixes: [IPPrefix], imports: [Import]) {
    self.name = name
    self.vni = vni
    self.prefixes = prefixes
    self.imports = imports
    importedPrefixes = aggregated(imports.flatMap(\.prefixes))
  }
}

/// A connected instance and the namespace that holds it.
package struct PlacedConnection {
  package let instance: ConnectedInstance
  package let kernel: KernelNamespace

  package init(_ instance: ConnectedInstance, in kernel: KernelNamespace) {
    self.instance = instance
    self.kernel = kernel
  }
}
