package import NetworkAddresses

/// The objects as a change finds them. Every question is about few objects, however many there are.
package protocol ClusterState {
  func object(_ key: ObjectKey) throws -> APIObject?
  /// The objects of that kind, in one namespace.
  func names(of kind: Kind, namespace: String) throws -> [String]
  /// The objects that refer to this one, ordered, at most so many.
  func referrers(to key: ObjectKey, limit: Int) throws -> [ObjectKey]
  /// The lowest number for users that nobody has, passing over those in `taken`.
  func lowestFree(_ space: NumberSpace, besides taken: Set<Int64>) throws -> Int64
}

/// What runs on the node, as far as a change of objects must respect it.
package protocol NetworkUse {
  /// The interfaces that pods have in the network, at most so many, the oldest first.
  func interfaces(in network: ObjectKey, limit: Int) throws -> [InterfaceInUse]
}

/// An interface that a pod has.
package struct InterfaceInUse: Hashable, Sendable {
  /// `namespace/name` of the pod, or the container where the runtime did not say.
  package var pod: String
  package var interface: String
  package var addresses: [AddressInUse]

  package init(pod: String, interface: String, addresses: [AddressInUse]) {
    self.pod = pod
    self.interface = interface
    self.addresses = addresses
  }
}

/// An address of such an interface, with its on-link prefix and the gateway that it came with.
package struct AddressInUse: Hashable, Sendable {
  package var address: InterfaceAddress
  package var gateway: IPAddress

  package init(_ address: InterfaceAddress, gateway: IPAddress) {
    self.address = address
    self.gateway = gateway
  }
}

/// A node on which nothing runs.
package struct NoNetworkUse: NetworkUse {
  package init() {}
  package func interfaces(in network: ObjectKey, limit: Int) -> [InterfaceInUse] { [] }
}
