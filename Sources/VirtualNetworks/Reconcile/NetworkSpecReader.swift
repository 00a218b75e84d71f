internal import JSON
internal import NetworkAddresses
internal import NetworkAttachments

/// Reads what a person wrote into the `spec` of a VirtualNetwork.
struct NetworkSpecReader {
  private let field: JSONField
  private let namespace: String
  private(set) var subnets: [(IPFamily, ObjectKey)] = []
  private(set) var unknownKeys: [String] = []

  init(_ manifest: APIObject) {
    field = JSONField(.object(manifest.spec), path: "spec")
    namespace = manifest.metadata.namespace
  }

  mutating func network() throws(JSONFieldError) -> DesiredNetwork {
    var network = DesiredNetwork()
    network.routeTargets = try targets("routeTargetList")
    network.importRouteTargets = try targets("importRouteTargetList")
    network.exportRouteTargets = try targets("exportRouteTargetList")
    network.fabricSNAT = try field.member("fabricSNAT").bool() ?? false
    network.fabricForwarding = try field.member("fabricForwarding").bool() ?? false
    network.podNetwork = try field.member("podNetwork").bool() ?? false
    let properties = try field.member("virtualNetworkProperties")
    network.forwardingMode = try choice(properties.member("forwardingMode")) ?? network.forwardingMode
    network.rpf = try choice(properties.member("rpf")) ?? network.rpf
    for family in [IPFamily.v4, .v6] {
      let reference = try field.member(subnetReferenceKey(family))
      if reference.isAbsent { continue }
      guard let name = try reference.member("name").string() else {
        throw try reference.member("name").error(expected: "the name of a Subnet")
      }
      let namespace = try reference.member("namespace").string() ?? namespace
      subnets.append((family, ObjectKey(.subnet, namespace: namespace, name)))
    }
    unknownKeys = try (field.object()?.keys ?? []).filter { !knownKeys.contains($0) }
    return network
  }

  private func targets(_ key: String) throws(JSONFieldError) -> [RouteTargetName] {
    var targets: [RouteTargetName] = []
    for element in try field.member(key).array() ?? [] {
      guard let target = element.value?.string.flatMap({ RouteTargetName($0) }) else {
        throw element.error(expected: "target:<asn or IPv4>:<number>, such as target:64500:100")
      }
      targets.append(target)
    }
    return targets
  }

  private func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ field: JSONField
  ) throws(JSONFieldError) -> Choice? {
    try field.parsed(expected: Choice.allCases.map(\.rawValue).joined(separator: " or ")) { Choice(rawValue: $0) }
  }
}

private let knownKeys = [
  "routeTargetList", "importRouteTargetList", "exportRouteTargetList", "fabricSNAT", "fabricForwarding", "podNetwork",
  "virtualNetworkProperties", "v4SubnetReference", "v6SubnetReference", "fqName",
]
