internal import ContrailIPAM
internal import JSON
internal import NetworkAddresses
internal import NetworkAttachments

/// What a definition asks a virtual network to be.
struct DesiredNetwork {
  /// One a family, IPv4 first.
  var subnets: [DesiredSubnet] = []
  /// The families whose subnet is named but does not exist yet.
  var awaited: Set<IPFamily> = []
  var routeTargets: [RouteTargetName] = []
  var importRouteTargets: [RouteTargetName] = []
  var exportRouteTargets: [RouteTargetName] = []
  var fabricSNAT = false
  var fabricForwarding = false
  var podNetwork = false
  var forwardingMode = NetworkDefinition.ForwardingMode.l2AndL3
  var rpf = NetworkDefinition.ReversePathForwarding.enable

  init() {}

  init(_ definition: NetworkDefinition) throws(SubnetError) {
    for subnet in definition.subnets {
      subnets.append(
        DesiredSubnet(
          subnet: try Subnet(subnet.prefix, gateway: subnet.gateway),
          isDescending: definition.allocation == .descending))
    }
    routeTargets = definition.routeTargets
    importRouteTargets = definition.importRouteTargets
    exportRouteTargets = definition.exportRouteTargets
    fabricSNAT = definition.fabricSNAT
    fabricForwarding = definition.fabricForwarding
    podNetwork = definition.podNetwork
    forwardingMode = definition.forwardingMode
    rpf = definition.reversePathForwarding
  }

  /// The network's `spec`, the references to its subnets excepted; what is not asked for is left out, as in Contrail's.
  func spec(_ key: ObjectKey) -> JSONObject {
    var spec: JSONObject = [
      "fabricSNAT": .bool(fabricSNAT), "fqName": fqName("default-domain", key.namespace, key.name),
      "virtualNetworkProperties": ["forwardingMode": .string(forwardingMode.rawValue), "rpf": .string(rpf.rawValue)],
    ]
    for (key, targets) in [
      ("routeTargetList", routeTargets), ("importRouteTargetList", importRouteTargets),
      ("exportRouteTargetList", exportRouteTargets),
    ] where !targets.isEmpty {
      spec[key] = .array(targets.map { .string($0.description) })
    }
    if fabricForwarding { spec["fabricForwarding"] = true }
    if podNetwork { spec["podNetwork"] = true }
    return spec
  }
}

/// A subnet, and in which order its addresses are given out.
struct DesiredSubnet {
  var subnet: Subnet
  var isDescending = false

  var family: IPFamily { subnet.prefix.family }

  func spec(_ key: ObjectKey) -> JSONObject {
    var spec: JSONObject = [
      "cidr": .string(subnet.prefix.description), "defaultGateway": .string(subnet.gateway.description),
      "fqName": fqName("default-domain", key.namespace, key.name),
    ]
    if isDescending { spec["allocation"] = "descending" }
    return spec
  }
}

/// The member of a network's `spec` that refers to its subnet of the family.
func subnetReferenceKey(_ family: IPFamily) -> String { "v\(family.rawValue)SubnetReference" }

/// The name of the subnet that is made for a definition's network.
func subnetName(_ network: String, _ family: IPFamily) -> String { "\(network)-v\(family.rawValue)" }
