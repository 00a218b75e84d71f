internal import ContrailIPAM
internal import JSON
package import NetworkAddresses
package import NetworkAttachments

/// What a virtual network is for. The names are stored.
package enum NetworkRole: String, Hashable, Sendable, CaseIterable {
  /// Somebody defined it.
  case user = ""
  /// The default pod network of the cluster: its routing instance is the node itself.
  case clusterPods = "cluster-pods"
  /// The service network of the cluster.
  case clusterServices = "cluster-services"
  /// The pod network of an isolated namespace.
  case isolatedPods = "isolated-pods"
  /// The service network of an isolated namespace.
  case isolatedServices = "isolated-services"
  /// What is outside: `ip-fabric` and `link-local`.
  case fabric

  /// Whether pods have interfaces in it, so that other networks' pods may exchange packets with them. Service addresses
  /// and the fabric are reached through the node, which no route of an instance decides.
  package var hasPods: Bool { [.user, .clusterPods, .isolatedPods].contains(self) }
}

/// A virtual network, as far as it decides who reaches whom.
package struct NetworkNode: Hashable, Sendable {
  package var name: NetworkName
  /// Its number; 0 where it does not matter.
  package var vni: UInt32
  package var role: NetworkRole
  package var labels: [String: String]
  /// Of its subnets, IPv4 first.
  package var prefixes: [IPPrefix]
  /// `target:23:4561`, its automatic one among them.
  package var importTargets: [String]
  package var exportTargets: [String]
  /// Whether it forwards packets: in mode `l2` there is nobody who would.
  package var hasGateway = true

  package init(
    _ name: NetworkName, vni: UInt32 = 0, role: NetworkRole = .user, labels: [String: String] = [:],
    prefixes: [IPPrefix] = [],
    importTargets: [String] = [], exportTargets: [String] = []
  ) {
    self.name = name
    self.vni = vni
    self.role = role
    self.labels = labels
    self.prefixes = prefixes
    self.importTargets = importTargets
    self.exportTargets = exportTargets
  }

  /// What a stored VirtualNetwork says.
  ///
  /// - Parameters:
  ///   - instance: its RoutingInstance, which holds the automatic target.
  ///   - prefixes: of the subnets that it refers to.
  package init(_ network: APIObject, vni: UInt32 = 0, instance: APIObject?, prefixes: [IPPrefix]) {
    let automatic = instance?.text("status", "defaultRouteTargetReference", "name")
    let own = automatic.flatMap { RouteTargetName(objectName: $0)?.description }.map { [$0] } ?? []
    let both = own + network.targets("routeTargetList")
    self.init(
      NetworkName(namespace: network.metadata.namespace, name: network.metadata.name), vni: vni,
      role: network.networkRole, labels: network.metadata.userLabels, prefixes: prefixes,
      importTargets: Set(both + network.targets("importRouteTargetList")).sorted(),
      exportTargets: Set(both + network.targets("exportRouteTargetList")).sorted())
    hasGateway = network.spec["virtualNetworkProperties"]?.object?["forwardingMode"]?.string != "l2"
  }
}

extension APIObject {
  fileprivate func targets(_ list: String) -> [String] { spec[list]?.array?.compactMap(\.string) ?? [] }

  /// What a stored VirtualNetwork is for: the system's own have the numbers below the users', those of an isolated
  /// namespace belong to it.
  package var networkRole: NetworkRole {
    if metadata.ownerReferences.contains(where: { $0.kind == Kind.namespace.rawValue }) {
      return metadata.name == "default-servicenetwork" ? .isolatedServices : .isolatedPods
    }
    guard let vni = status["virtualNetworkNetworkId"]?.integer, vni < NumberSpace.vni.userFirst else { return .user }
    switch metadata.name {
    case "default-podnetwork": return .clusterPods
    case "default-servicenetwork": return .clusterServices
    default: return .fabric
    }
  }
}
