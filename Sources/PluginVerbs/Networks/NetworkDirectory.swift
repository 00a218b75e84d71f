internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore
internal import VirtualNetworks

/// Finds networks by the names that a call gives them.
struct NetworkDirectory {
  let configuration: ContrailConfiguration
  let definitions: ObjectReader
  /// In bytes, never 0.
  let mtu: UInt32

  init(_ configuration: ContrailConfiguration, _ definitions: ObjectReader, mtu: UInt32) {
    self.configuration = configuration
    self.definitions = definitions
    self.mtu = mtu
  }

  /// The first of the candidates that exists.
  ///
  /// - Parameters:
  ///   - source: how messages call who asks: annotation, element and the network as it was written.
  ///   - isPodNetwork: whether it has to be one that may be a pod's default network.
  func network(_ candidates: [NetworkName], for source: String, isPodNetwork: Bool = false) throws -> NodeNetwork {
    let cluster = NetworkName.defaultPodNetwork(clusterName: configuration.clusterName)
    for candidate in candidates {
      guard let facts = try definitions.virtualNetwork(namespace: candidate.namespace, name: candidate.name) else {
        // It is there before anything was ever defined.
        if candidate != cluster { continue }
        return try NodeNetwork(default: configuration, connection: nil, mtu: mtu)
      }
      if facts.name == cluster { return try network(facts) }
      try check(facts, for: source, isPodNetwork: isPodNetwork)
      return try network(facts)
    }
    throw try unknown(candidates, for: source)
  }

  func network(_ facts: NetworkFacts) throws -> NodeNetwork {
    let connection = facts.forwardingMode == .l2 ? nil : try definitions.connection(of: facts)
    if facts.name == .defaultPodNetwork(clusterName: configuration.clusterName) {
      return try NodeNetwork(default: configuration, connection: connection, mtu: mtu)
    }
    return NodeNetwork(
      facts, connection: connection, limit: ConnectionLimit(configuration), pins: configuration.pinDirectory, mtu: mtu)
  }

  /// The network of a routing instance; `nil` where it is not defined. The default one is, before anything is.
  func network(of record: InstanceRecord) throws -> NodeNetwork? {
    let name = NetworkName(path: record.name)
    if let facts = try definitions.virtualNetwork(namespace: name.namespace, name: name.name), facts.name == name {
      return try network(facts)
    }
    guard record.placement == .node, name == .defaultPodNetwork(clusterName: configuration.clusterName) else {
      return nil
    }
    return try NodeNetwork(default: configuration, connection: nil, mtu: mtu)
  }

  /// The network of that name in the namespace or, where it is the only one of that name, elsewhere.
  func network(named name: String, near namespace: String, everywhere: Bool) throws -> NodeNetwork? {
    guard let reference = NetworkReference(name) else { return nil }
    let source = "name: \(name)"
    for candidate in reference.candidates(from: namespace, clusterName: configuration.clusterName)
    where try definitions.virtualNetwork(namespace: candidate.namespace, name: candidate.name) != nil {
      return try network([candidate], for: source)
    }
    guard everywhere else { return nil }
    let others = try definitions.networks(named: name, limit: 2)
    guard others.count < 2 else {
      throw CNIError(
        .invalidConfiguration, "\(source) means more than one network: \(others[0]), \(others[1])",
        "say contrail.network: NAMESPACE/NAME")
    }
    return try others.first.map { try network([$0], for: source) }
  }

  private func check(_ facts: NetworkFacts, for source: String, isPodNetwork: Bool) throws(CNIError) {
    if facts.name.namespace == configuration.clusterName + "-contrail" {
      throw CNIError(
        .invalidConfiguration, "\(source): network \(facts.name) takes no pods", "it is the cluster's own")
    }
    guard !facts.subnets.isEmpty else {
      throw CNIError(.tryAgainLater, "\(source): network \(facts.name) has no subnet", "apply a Subnet for it")
    }
    guard facts.podNetwork || !isPodNetwork else {
      throw CNIError(
        .invalidConfiguration, "\(source): network \(facts.name) is no pod's default network",
        "its definition must say podNetwork: true")
    }
    guard mtu >= 1280 || !facts.subnets.contains(where: { $0.subnet.prefix.family == .v6 }) else {
      throw CNIError(
        .invalidConfiguration, "contrail.mtu: \(mtu) is too small for network \(facts.name)",
        "expected at least 1280, because the network has an IPv6 subnet")
    }
  }

  private func unknown(_ candidates: [NetworkName], for source: String) throws -> CNIError {
    guard let first = candidates.first else {
      return CNIError(
        .tryAgainLater, "\(source): there is no such network", "the domain of a qualified name is default-domain")
    }
    let hint =
      try first.namespace == "default" || definitions.hasNamespace(first.namespace)
      ? "apply its NetworkAttachmentDefinition"
      : "there is no namespace \(first.namespace) either: apply both"
    return CNIError(.tryAgainLater, "\(source): there is no network \(first)", hint)
  }
}
