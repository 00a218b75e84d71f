package import ContrailIPAM
internal import JSON
package import NetworkAttachments

/// What an attachment to a virtual network needs to know of it.
package struct NetworkFacts: Hashable, Sendable {
  /// A subnet of the network.
  package struct SubnetFacts: Hashable, Sendable {
    /// `namespace/name` of the Subnet. Networks that share a Subnet share its addresses.
    package var path: String
    package var subnet: Subnet
    package var isDescending: Bool

    package init(path: String, subnet: Subnet, isDescending: Bool) {
      self.path = path
      self.subnet = subnet
      self.isDescending = isDescending
    }
  }

  package var name: NetworkName
  package var uid: String
  package var vni: UInt32
  /// IPv4 first; empty while the subnets that the network refers to do not exist.
  package var subnets: [SubnetFacts]
  package var forwardingMode: NetworkDefinition.ForwardingMode
  package var reversePathForwarding: NetworkDefinition.ReversePathForwarding
  package var fabricSNAT: Bool
  package var fabricForwarding: Bool
  package var podNetwork: Bool
  package var role = NetworkRole.user
  /// Whether it imports routes of other networks that have pods, refused ones not left out.
  package var importsRoutes = false
  /// Whether other networks that have pods import its routes, refusing ones not left out.
  package var exportsRoutes = false

  package init(
    name: NetworkName, uid: String, vni: UInt32, subnets: [SubnetFacts],
    forwardingMode: NetworkDefinition.ForwardingMode,
    reversePathForwarding: NetworkDefinition.ReversePathForwarding, fabricSNAT: Bool, fabricForwarding: Bool,
    podNetwork: Bool
  ) {
    self.name = name
    self.uid = uid
    self.vni = vni
    self.subnets = subnets
    self.forwardingMode = forwardingMode
    self.reversePathForwarding = reversePathForwarding
    self.fabricSNAT = fabricSNAT
    self.fabricForwarding = fabricForwarding
    self.podNetwork = podNetwork
  }

  /// The facts of a stored VirtualNetwork.
  ///
  /// - Parameter object: gives the Subnets that it refers to; one that does not exist is left out.
  package init<Failure: Error>(
    _ network: APIObject, object: (ObjectKey) throws(Failure) -> APIObject?
  ) throws(Failure) {
    let properties = network.spec["virtualNetworkProperties"]?.object
    self.init(
      name: NetworkName(namespace: network.metadata.namespace, name: network.metadata.name),
      uid: network.metadata.uid,
      vni: UInt32(clamping: network.status["virtualNetworkNetworkId"]?.integer ?? 0), subnets: [],
      forwardingMode: properties?["forwardingMode"]?.string.flatMap { .init(rawValue: $0) } ?? .l2AndL3,
      reversePathForwarding: properties?["rpf"]?.string.flatMap { .init(rawValue: $0) } ?? .enable,
      fabricSNAT: network.spec["fabricSNAT"]?.bool ?? false,
      fabricForwarding: network.spec["fabricForwarding"]?.bool ?? false,
      podNetwork: network.spec["podNetwork"]?.bool ?? false)
    role = network.networkRole
    for key in network.subnetReferences {
      guard let object = try object(key), let subnet = object.subnet else { continue }
      let isDescending = object.spec["allocation"]?.string == "descending"
      subnets.append(SubnetFacts(path: key.path, subnet: subnet, isDescending: isDescending))
    }
  }
}

extension APIObject {
  /// The network that a definition attaches to instead of making one.
  package var existingNetwork: ObjectKey? {
    guard kind == .networkAttachmentDefinition, let reference = status["virtualNetworkReference"]?.object,
      let name = reference["name"]?.string
    else { return nil }
    return ObjectKey(.virtualNetwork, namespace: reference["namespace"]?.string ?? "", name)
  }
}
