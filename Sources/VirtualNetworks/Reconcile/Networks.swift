internal import ContrailIPAM
internal import JSON
internal import NetworkAddresses

/// VirtualNetworks that people apply and delete themselves.
extension Reconciler {
  mutating func applyNetwork(_ manifest: APIObject) throws {
    let key = manifest.key
    try checkNamespace(of: key)
    let before = try draft.object(key)
    if let before { try checkIsUsers(before) }
    let (spec, desired, observation) = try networkSpec(manifest)
    let labels = manifest.metadata.userLabels
    let annotations = manifest.metadata.userAnnotations
    if let before, let definition = definition(of: before) {
      guard spec.sorted == before.spec else {
        throw ObjectError.forbidden(key, field: "spec", "it is made from the \(definition): change that")
      }
      let system = before.metadata.annotations.filter { SystemKey.isSystemAnnotation($0.key) }
      let inherited = try draft.object(definition)?.metadata.userLabels ?? [:]
      try putNetwork(key, labels: labels + inherited, annotations: annotations + system, spec: spec)
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
      guard let network = try draft.object(key), definition(of: network) == nil, network.ownedByNamespace == nil,
        !isSystem(network)
      else { continue }
      let (spec, _, observation) = try networkSpec(network)
      try putNetwork(
        key, labels: network.metadata.userLabels, annotations: network.metadata.annotations, spec: spec,
        observation: observation)
    }
  }

  mutating func deleteNetwork(_ network: APIObject) throws {
    let key = network.key
    try checkIsUsers(network)
    guard let definition = definition(of: network) else {
      try warnOfUsers(key)
      try removeNetwork(network)
      return
    }
    // Its definition still asks for it: it comes back as a new object with the same number and the same subnets.
    var again = network
    again.metadata = ObjectMetadata(
      name: key.name, namespace: key.namespace, uid: makeUID(), creationTimestamp: now,
      labels: network.metadata.labels.filter { SystemKey.isSystemLabel($0.key) }
        + (try draft.object(definition)?.metadata.userLabels ?? [:]),
      annotations: network.metadata.annotations.filter { SystemKey.isSystemAnnotation($0.key) })
    draft.put(again)
    try putInstance(of: again, systemTarget: nil)
  }

  /// Whether the object is one of the system's own.
  func isSystem(_ object: APIObject) -> Bool {
    [settings.namespace, contrailNamespace].contains(object.metadata.namespace)
      && systemObjectNames.contains(object.metadata.name)
  }
}
