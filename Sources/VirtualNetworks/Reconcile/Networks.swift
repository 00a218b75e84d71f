internal import ContrailIPAM
internal import JSON
internal import NetworkAddresses
internal import NetworkAttachments

/// VirtualNetworks that people apply and delete themselves.
extension Reconciler {
  mutating func applyNetwork(_ manifest: APIObject) throws {
    let key = manifest.key
    try checkNamespace(of: key)
    let before = try draft.object(key)
    if let before, isSystem(before) {
      throw ObjectError.forbidden(key, "it is made from the configuration: change that")
    }
    let (spec, desired, observation) = try networkSpec(manifest)
    let labels = manifest.metadata.userLabels
    let annotations = manifest.metadata.userAnnotations
    if let before, let definition = definition(of: before) {
      guard spec.sorted == before.spec else {
        throw ObjectError.forbidden(key, field: "spec", "it is made from the \(definition): change that")
      }
      let system = before.metadata.annotations.filter { SystemKey.isSystemAnnotation($0.key) }
      try putNetwork(key, labels: labels, annotations: annotations + system, spec: spec)
      return
    }
    if before == nil { try checkNewName(key) }
    if before?.spec != spec.sorted { try checkUse(of: key, by: desired, for: key, isNew: before == nil) }
    try putNetwork(key, labels: labels, annotations: annotations, spec: spec, observation: observation)
  }

  /// The `spec` as it is stored, what it asks for, and what is still missing.
  private mutating func networkSpec(_ manifest: APIObject) throws -> (JSONObject, DesiredNetwork, String) {
    let key = manifest.key
    var reader = NetworkSpecReader(manifest)
    var desired: DesiredNetwork
    do { desired = try reader.network() } catch {
      throw ObjectError.invalid(key, field: error.path, value: error.value, "must be \(error.expected)")
    }
    var spec = manifest.spec.adding(desired.spec(key))
    var missing: [String] = []
    for (family, subnet) in reader.subnets {
      guard let object = try draft.object(subnet) else {
        missing.append("\(subnet) does not exist")
        desired.awaited.insert(family)
        spec[subnetReferenceKey(family)] = .object(unresolvedReference(subnet))
        continue
      }
      let wanted = try desiredSubnet(object)
      guard wanted.family == family else {
        throw ObjectError.invalid(
          key, field: "spec.\(subnetReferenceKey(family)).name", value: .string(subnet.name),
          "\(subnet) is \(wanted.subnet.prefix), not an \(family) subnet")
      }
      desired.subnets.append(wanted)
      spec[subnetReferenceKey(family)] = .object(object.reference)
    }
    if reader.subnets.isEmpty {
      throw ObjectError.required(
        kind: key.kind.rawValue, name: key.name, field: "spec.v4SubnetReference or spec.v6SubnetReference")
    }
    if !reader.unknownKeys.isEmpty {
      warnings.append("unknown keys of spec have no effect: \(reader.unknownKeys.joined(separator: ", "))")
    }
    return (spec, desired, missing.joined(separator: "; "))
  }

  private func unresolvedReference(_ key: ObjectKey) -> JSONObject {
    APIObject(
      key.kind, ObjectMetadata(name: key.name, namespace: key.namespace),
      spec: ["fqName": fqName("default-domain", key.namespace, key.name)]
    ).reference
  }

  /// Settles the networks that refer to a subnet that came, changed or went.
  mutating func refreshNetworks(referringTo subnet: ObjectKey) throws {
    for key in try draft.referrers(to: subnet) where key.kind == .virtualNetwork {
      guard let network = try draft.object(key), definition(of: network) == nil, !isSystem(network) else { continue }
      let (spec, _, observation) = try networkSpec(network)
      try putNetwork(
        key, labels: network.metadata.userLabels, annotations: network.metadata.annotations, spec: spec,
        observation: observation)
    }
  }

  mutating func deleteNetwork(_ network: APIObject) throws {
    let key = network.key
    if isSystem(network) { throw ObjectError.forbidden(key, "it is made from the configuration") }
    guard definition(of: network) != nil else {
      try warnOfUsers(key)
      try removeNetwork(network)
      return
    }
    // Its definition still asks for it: it comes back as a new object with the same number and the same subnets.
    var again = network
    again.metadata = ObjectMetadata(
      name: key.name, namespace: key.namespace, uid: makeUID(), creationTimestamp: now,
      labels: network.metadata.labels.filter { SystemKey.isSystemLabel($0.key) },
      annotations: network.metadata.annotations.filter { SystemKey.isSystemAnnotation($0.key) })
    draft.put(again)
    try putInstance(of: again, systemTarget: nil)
  }

  private func checkNewName(_ key: ObjectKey) throws {
    try checkReservedName(key)
    let definition = ObjectKey(.networkAttachmentDefinition, namespace: key.namespace, key.name)
    if let other = try draft.object(definition)?.existingNetwork {
      throw ObjectError.conflict(key, "the \(definition) of this name stands for the \(other)")
    }
  }

  /// Refuses a name that Contrail's own naming gives to another network of the namespace.
  func checkReservedName(_ key: ObjectKey) throws {
    let namespace = try draft.object(ObjectKey(.namespace, key.namespace))
    let reserved = reservedNames(in: key.namespace, isIsolated: namespace.map(isIsolated) ?? false)
    if let other = reserved[key.name] {
      throw ObjectError.conflict(key, "the name is that of \(other)")
    }
  }

  /// The names of networks that would be called like one that the namespace has anyway, and which one that is.
  func reservedNames(in namespace: String, isIsolated: Bool) -> [String: String] {
    let cluster = settings.clusterName
    if namespace == "default" && !isIsolated {
      return ["default": "the default pod network, \(cluster)-default-pod-network"]
    }
    guard isIsolated else { return [:] }
    return [
      namespace: "the namespace's own pod network, \(cluster)-\(namespace)-pod-network",
      "default-podnetwork": "the namespace's own pod network",
      "default-servicenetwork": "the namespace's own service network",
    ]
  }

  /// Whether the namespace has networks of its own.
  func isIsolated(_ namespace: APIObject) -> Bool {
    namespace.metadata.annotations[AnnotationKey.isolation]?.lowercased() == "true"
      || namespace.metadata.labels[AnnotationKey.isolatedNamespaceLabel] == "true"
  }

  /// Whether the object is one of the system's own.
  func isSystem(_ object: APIObject) -> Bool {
    [settings.namespace, contrailNamespace].contains(object.metadata.namespace)
      && systemObjectNames.contains(object.metadata.name)
  }
}

/// Reads what a person wrote into the `spec` of a VirtualNetwork.
private struct NetworkSpecReader {
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
