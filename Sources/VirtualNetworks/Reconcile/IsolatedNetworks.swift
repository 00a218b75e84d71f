internal import JSON
internal import NetworkAddresses
internal import NetworkAttachments

/// The networks and routers that an isolated namespace has of its own.
///
/// Their subnets are those of the cluster's pod and service networks: one allocator for all, so that no address is given
/// out twice although the routing instances are apart.
extension Reconciler {
  /// Makes them, or fits them to the namespace and to the cluster's networks.
  mutating func makeIsolatedNetworks(_ namespace: APIObject) throws {
    let name = namespace.metadata.name
    var pods = DesiredNetwork()
    pods.podNetwork = true
    try readForwarding(of: namespace, into: &pods)
    for (network, desired) in [(podNetworkName, pods), (serviceNetworkName, DesiredNetwork())] {
      let key = ObjectKey(.virtualNetwork, namespace: name, network)
      let cluster = try draft.object(ObjectKey(.virtualNetwork, namespace: settings.namespace, network))
      var spec = desired.spec(key)
      for family in IPFamily.allCases {
        let member = subnetReferenceKey(family)
        if let reference = cluster?.spec[member] { spec[member] = reference }
      }
      try putNetwork(
        key, labels: networkLabels(of: namespace) + [SystemKey.virtualNetwork: network], annotations: [:],
        owner: namespace,
        spec: spec)
    }
    for router in isolatedRouters(name) {
      try putRouter(
        ObjectKey(.virtualNetworkRouter, namespace: name, router.name),
        labels: [SystemKey.virtualNetworkRouter: router.label],
        annotations: [SystemKey.description: router.description, SystemKey.displayName: router.name], owner: namespace,
        spec: router.spec)
    }
  }

  /// Removes them. Pods that are attached keep what they have until they go.
  mutating func removeIsolatedNetworks(_ namespace: String) throws {
    for name in [podNetworkName, serviceNetworkName] {
      guard let network = try draft.object(ObjectKey(.virtualNetwork, namespace: namespace, name)),
        network.ownedByNamespace != nil
      else { continue }
      try warnOfUsers(network.key)
      try removeNetwork(network)
    }
    for router in isolatedRouters(namespace) {
      let key = ObjectKey(.virtualNetworkRouter, namespace: namespace, router.name)
      if try draft.object(key)?.ownedByNamespace != nil { draft.delete(key) }
    }
  }

  /// Fits those of all isolated namespaces to the cluster's networks.
  mutating func refreshIsolatedNetworks() throws {
    for name in try draft.names(of: .namespace, namespace: "") {
      guard let namespace = try draft.object(ObjectKey(.namespace, name)), isIsolated(namespace) else { continue }
      try makeIsolatedNetworks(namespace)
    }
  }

  /// A label of the namespace is one of its networks', so that routers may pick them by it.
  private func networkLabels(of namespace: APIObject) -> [String: String] {
    namespace.metadata.userLabels.filter {
      $0.key != AnnotationKey.isolatedNamespaceLabel && $0.key != SystemKey.clusterName
    }
  }

  private func isolatedRouters(_ namespace: String) -> [SystemRouter] {
    let cluster: JSONObject = [SystemKey.clusterName: .string(settings.clusterName)]
    return [
      SystemRouter(
        namespace: namespace, name: "IsolatedNamespacePodServiceNetwork",
        label: "isolated-namespace-pod-service-network",
        description: "Enables connectivity between Pod virtualnetwork and Service virtualnetwork of the namespace",
        type: "mesh", networks: [podNetworkName, serviceNetworkName], imports: nil, targets: []),
      SystemRouter(
        namespace: namespace, name: "IsolatedNamespacePodToDefaultServiceNetwork",
        label: "isolated-namespace-pod-to-default-service-network",
        description:
          "Enables connectivity between Pod virtualnetwork of the namespace and Default Service virtualnetwork",
        type: "spoke", networks: [podNetworkName], imports: ("default-service-network", cluster), targets: []),
    ]
  }

  // MARK: Forwarding

  /// What the namespace's annotations say about the way out; without them, SNAT is as for the cluster's pods.
  private func readForwarding(of namespace: APIObject, into network: inout DesiredNetwork) throws {
    let asked = try forwarding(of: namespace)
    network.fabricForwarding = asked.forwarding
    network.fabricSNAT = !asked.forwarding && (asked.snat ?? settings.fabricSNAT)
  }

  /// Checks the annotations of any namespace, and warns where they have no effect.
  mutating func checkForwarding(of namespace: APIObject) throws {
    let asked = try forwarding(of: namespace)
    if !isIsolated(namespace), asked.forwarding || asked.snat != nil {
      warnings.append(
        "\(namespace.key): annotations about forwarding have no effect: its pods are in the cluster's pod network, whose "
          + "fabricSNAT is a key of the configuration")
    }
  }

  private func forwarding(of namespace: APIObject) throws -> (snat: Bool?, forwarding: Bool) {
    var snat = try truth(AnnotationKey.tungstenFabricSNAT, of: namespace)
    var forwarding = try truth(AnnotationKey.tungstenFabricForwarding, of: namespace) ?? false
    if let mode = namespace.metadata.annotations[AnnotationKey.forwardingMode] {
      switch mode {
      case "fabric-snat": snat = true
      case "ip-fabric": forwarding = true
      default:
        throw ObjectError.invalid(
          namespace.key, field: "metadata.annotations[\(AnnotationKey.forwardingMode)]", value: .string(mode),
          "must be fabric-snat or ip-fabric")
      }
    }
    return (snat, forwarding)
  }

  private func truth(_ key: String, of namespace: APIObject) throws -> Bool? {
    guard let text = namespace.metadata.annotations[key] else { return nil }
    switch text.lowercased() {
    case "true": return true
    case "false": return false
    default:
      throw ObjectError.invalid(
        namespace.key, field: "metadata.annotations[\(key)]", value: .string(text), "must be true or false")
    }
  }
}

private let podNetworkName = "default-podnetwork"
private let serviceNetworkName = "default-servicenetwork"

extension APIObject {
  /// The isolated namespace that the system made it for.
  var ownedByNamespace: String? {
    metadata.ownerReferences.first { $0.kind == Kind.namespace.rawValue }?.name
  }
}
