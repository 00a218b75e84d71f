internal import ContrailIPAM
internal import JSON
internal import NetworkAddresses

/// The names of the networks and routers that every cluster has.
let systemObjectNames: Set<String> = [
  "ip-fabric", "link-local", "default-podnetwork", "default-servicenetwork", "DefaultIPFabricNetwork",
  "DefaultPodServiceNetwork", "DefaultPodServiceIPFabricNetwork", "DefaultServiceNetwork",
]

/// The system's own objects, made from the configuration.
///
/// Numbers: the networks hold VNIs 1 to 4 and the targets 8000000 to 8000003, the routers the five targets after those:
/// one for a mesh, two for a hub (from the hubs, and towards them), none for a spoke, which uses its hub's.
extension Reconciler {
  /// What is missing of them, or differs from the configuration.
  package func systemObjects() throws -> ChangePlan {
    var change = self
    try change.checkClusterName()
    try change.makeSystemObjects()
    return try change.plan(ObjectKey(.namespace, contrailNamespace), .configured, nil)
  }

  /// A cluster's name stands in the names of its objects, so it is fixed once they are made.
  private func checkClusterName() throws {
    let key = ObjectKey(.namespace, contrailNamespace)
    guard let recorded = try draft.object(key)?.metadata.labels[SystemKey.clusterName],
      recorded != settings.clusterName
    else { return }
    throw ObjectError.conflict(
      key,
      "the objects were made for the cluster \(recorded), and the configuration says \(settings.clusterName): a "
        + "cluster's name cannot be changed")
  }

  private mutating func makeSystemObjects() throws {
    for name in ["default", "kube-system"] where try draft.object(ObjectKey(.namespace, name)) == nil {
      try put(ObjectKey(.namespace, name), spec: [:], status: ["phase": "Active"])
    }
    for name in [contrailNamespace, settings.namespace] {
      let before = try draft.object(ObjectKey(.namespace, name))?.metadata
      try put(
        ObjectKey(.namespace, name),
        labels: (before?.labels ?? [:]) + [SystemKey.clusterName: settings.clusterName],
        annotations: before?.annotations ?? [:], spec: [:], status: ["phase": "Active"])
    }
    let global = ObjectKey(.globalSystemConfig, "default-global-system-config")
    try put(
      global, spec: ["autonomousSystem": .integer(Int64(systemAutonomousSystem)), "fqName": fqName(global.name)])
    try makeSystemNetwork(contrailNamespace, "ip-fabric", [], 0)
    try makeSystemNetwork(contrailNamespace, "link-local", [], 1)
    let isChanged = try [
      makeSystemNetwork(settings.namespace, "default-podnetwork", settings.podSubnets, 2),
      makeSystemNetwork(settings.namespace, "default-servicenetwork", settings.serviceSubnets, 3),
    ].contains(true)
    if isChanged { try refreshIsolatedNetworks() }
    for router in systemRouters(settings) { try makeSystemRouter(router) }
  }

  /// - Returns: whether its `spec` changed.
  @discardableResult
  private mutating func makeSystemNetwork(
    _ namespace: String, _ name: String, _ subnets: [Subnet], _ position: Int64
  ) throws -> Bool {
    let key = ObjectKey(.virtualNetwork, namespace: namespace, name)
    var desired = DesiredNetwork()
    desired.podNetwork = name == "default-podnetwork"
    desired.fabricSNAT = desired.podNetwork && settings.fabricSNAT
    var spec = desired.spec(key)
    for family in IPFamily.allCases {
      let subnet = ObjectKey(.subnet, namespace: namespace, subnetName(name, family))
      if let wanted = subnets.first(where: { $0.prefix.family == family }) {
        let object = try put(subnet, spec: DesiredSubnet(subnet: wanted).spec(subnet))
        spec[subnetReferenceKey(family)] = .object(object.reference)
      } else if try draft.object(subnet) != nil {
        draft.delete(subnet)
      }
    }
    let before = try draft.object(key)
    let network = try putNetwork(
      key, labels: (before?.metadata.userLabels ?? [:]) + [SystemKey.virtualNetwork: name],
      annotations: before?.metadata.userAnnotations ?? [:], spec: spec,
      systemNumbers: (NumberSpace.vni.systemFirst + position, NumberSpace.routeTarget.systemFirst + position))
    return network.spec != before?.spec
  }

  private mutating func makeSystemRouter(_ router: SystemRouter) throws {
    let key = ObjectKey(.virtualNetworkRouter, namespace: router.namespace, router.name)
    let isNew = try draft.object(key) == nil
    let object = try putRouter(
      key, labels: [SystemKey.virtualNetworkRouter: router.label],
      annotations: [SystemKey.description: router.description, SystemKey.displayName: router.name],
      spec: router.spec)
    guard let target = router.targets.first else { return }
    if isNew { for further in router.targets.dropFirst() { draft.take(further, .routeTarget) } }
    try putInstance(of: object, systemTarget: target, further: Array(router.targets.dropFirst()))
  }
}
