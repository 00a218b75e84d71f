internal import ContrailIPAM
internal import JSON
internal import NetworkAddresses
internal import NetworkAttachments

/// NetworkAttachmentDefinitions.
extension Reconciler {
  /// Stores a definition and makes its network.
  ///
  /// - Returns: why there is no network, if there is none although the definition asks for one. A definition whose
  ///   network exists is not changed into one without: that is thrown.
  mutating func applyDefinition(_ manifest: APIObject) throws -> ObjectError? {
    let key = manifest.key
    try checkNamespace(of: key)
    let network = ObjectKey(.virtualNetwork, namespace: key.namespace, key.name)
    let hasNetwork = try draft.object(network).map { isMade($0, from: key) } ?? false
    let asked = try read(manifest)
    let saved = (draft, warnings)
    do {
      let outcome = try realise(asked, network, of: key)
      try store(manifest, status: outcome.status, network: outcome.existing)
      return nil
    } catch let error as ObjectError {
      if hasNetwork { throw error }
      (draft, warnings) = saved
      let failed = NetworkDefinitionError(name: asked.name, reason: error.detail)
      try store(manifest, status: failed.status, network: nil)
      return error
    }
  }

  private struct Asked {
    let name: NetworkName
    let labels: [String: String]
    let ownership: NetworkAttachmentDefinition.Ownership
    /// The annotation that only this plugin reads, if there is one.
    let annotation: String?
    let definition: Result<NetworkDefinition, ObjectError>
  }

  private func read(_ manifest: APIObject) throws -> Asked {
    let key = manifest.key
    do {
      let attachment = try NetworkAttachmentDefinition(manifest: .object(manifest.json), namespace: key.namespace)
      let definition = Result { () throws(NetworkDefinitionError) in try attachment.networkDefinition() }
      return Asked(
        name: attachment.name, labels: manifest.metadata.userLabels, ownership: attachment.ownership,
        annotation: [AnnotationKey.juniperNetworks, AnnotationKey.tungstenNetwork].first {
          manifest.metadata.annotations[$0] != nil
        },
        definition: definition.mapError { .invalid(key, field: "metadata.annotations", value: nil, $0.reason) })
    } catch {
      throw ObjectError.invalid(key, field: error.path, value: error.value, "must be \(error.expected)")
    }
  }

  /// - Returns: what the status annotation says, and the network that exists anyway, if that is asked for.
  private mutating func realise(
    _ asked: Asked, _ network: ObjectKey, of key: ObjectKey
  ) throws -> (status: String?, existing: APIObject?) {
    if case .foreign(let reason) = asked.ownership {
      try retireNetwork(of: key)
      if let annotation = asked.annotation {
        warnings.append(
          "annotation \(annotation) has no effect, and no network is made: \(reason); expected a configuration of type "
            + NetworkAttachmentDefinition.pluginType)
      }
      return (nil, nil)
    }
    let definition = try asked.definition.get()
    warnings += definition.warnings
    if let reference = definition.existing {
      try retireNetwork(of: key)
      if try draft.object(network) != nil {
        throw ObjectError.conflict(key, "there is a VirtualNetwork \(network.path) that was not made from it")
      }
      return (definition.status, try existingNetwork(reference, for: key))
    }
    let desired: DesiredNetwork
    do {
      desired = try DesiredNetwork(definition)
    } catch {
      throw ObjectError.invalid(key, field: "metadata.annotations", value: nil, "\(error)")
    }
    try makeNetwork(desired, network, of: key, labels: asked.labels)
    return (definition.status, nil)
  }

  private func existingNetwork(_ reference: NetworkReference, for key: ObjectKey) throws -> APIObject {
    for name in reference.candidates(from: key.namespace, clusterName: settings.clusterName) {
      let candidate = ObjectKey(.virtualNetwork, namespace: name.namespace, name.name)
      if let network = try draft.object(candidate) { return network }
    }
    throw ObjectError.invalid(
      key, field: "metadata.annotations[\(AnnotationKey.tungstenNetwork)]", value: .string("\(reference)"),
      "there is no such VirtualNetwork")
  }

  private mutating func store(_ manifest: APIObject, status: String?, network: APIObject?) throws {
    let annotations = manifest.metadata.userAnnotations
    var result = JSONObject()
    if let network { result["virtualNetworkReference"] = .object(network.reference) }
    try put(
      manifest.key, labels: manifest.metadata.userLabels,
      annotations: annotations + (status.map { [SystemKey.networksStatus: $0] } ?? [:]), spec: manifest.spec,
      status: result)
  }

  mutating func deleteDefinition(_ object: APIObject) throws {
    try retireNetwork(of: object.key)
    draft.delete(object.key)
  }

  /// Removes the network that was made from the definition, with its subnets, whoever uses it.
  private mutating func retireNetwork(of key: ObjectKey) throws {
    let network = ObjectKey(.virtualNetwork, namespace: key.namespace, key.name)
    guard let object = try draft.object(network), isMade(object, from: key) else { return }
    let subnets = object.subnetReferences.filter { isMade($0, for: network) }
    try warnOfUsers(network)
    try removeNetwork(object)
    for subnet in subnets {
      draft.delete(subnet)
      try refreshNetworks(referringTo: subnet)
    }
  }

  /// Whether the network was made from the definition.
  func isMade(_ network: APIObject, from definition: ObjectKey) -> Bool {
    network.metadata.annotations[SystemKey.definitionName] == definition.name
      && network.metadata.annotations[SystemKey.definitionNamespace] == definition.namespace
  }

  /// The definition that a network was made from.
  func definition(of network: APIObject) -> ObjectKey? {
    network.metadata.annotations[SystemKey.definitionName].map {
      ObjectKey(.networkAttachmentDefinition, namespace: network.metadata.namespace, $0)
    }
  }

  /// Whether a subnet was made together with the network of a definition.
  func isMade(_ subnet: ObjectKey, for network: ObjectKey) -> Bool {
    subnet.namespace == network.namespace
      && [subnetName(network.name, .v4), subnetName(network.name, .v6)].contains(subnet.name)
  }
}

extension APIObject {
  /// The subnets of a network, IPv4 first.
  var subnetReferences: [ObjectKey] {
    ["v4SubnetReference", "v6SubnetReference"].compactMap { member in
      guard let reference = spec[member]?.object, let name = reference["name"]?.string else { return nil }
      return ObjectKey(.subnet, namespace: reference["namespace"]?.string ?? metadata.namespace, name)
    }
  }
}
