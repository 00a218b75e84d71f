internal import ContrailIPAM
internal import JSON
internal import NetworkAddresses
internal import NetworkAttachments

/// Virtual networks and what belongs to each: subnets, routing instance, numbers.
extension Reconciler {
  /// Makes or changes the network of a definition, with its subnets.
  ///
  /// - Parameter labels: of the definition: they are the network's too, in place of those that it had before.
  mutating func makeNetwork(
    _ desired: DesiredNetwork, _ key: ObjectKey, of definition: ObjectKey, labels: [String: String]
  ) throws {
    let before = try draft.object(key)
    if let before, !isMade(before, from: definition) {
      throw ObjectError.conflict(definition, "there is a VirtualNetwork \(key.path) that was not made from it")
    }
    try checkReservedName(definition)
    try checkUse(of: key, by: desired, for: definition, isNew: before == nil)
    var spec = desired.spec(key)
    for family in IPFamily.allCases {
      let subnet = ObjectKey(.subnet, namespace: key.namespace, subnetName(key.name, family))
      let isOurs = before?.subnetReferences.contains(subnet) ?? false
      if !isOurs, try draft.object(subnet) != nil, desired.subnets.contains(where: { $0.family == family }) {
        throw ObjectError.conflict(definition, "there is a Subnet \(subnet.path) that was not made from it")
      }
      if let wanted = desired.subnets.first(where: { $0.family == family }) {
        try checkNetworks(of: subnet, wanted, for: definition, besides: key)
        let object = try put(subnet, spec: wanted.spec(subnet))
        spec[subnetReferenceKey(family)] = .object(object.reference)
        if !isOurs { try refreshNetworks(referringTo: subnet) }
      } else if isOurs {
        draft.delete(subnet)
        try refreshNetworks(referringTo: subnet)
      }
    }
    let annotations = [
      SystemKey.definitionCluster: settings.clusterName, SystemKey.definitionName: definition.name,
      SystemKey.definitionNamespace: definition.namespace,
    ]
    let inherited = try draft.object(definition)?.metadata.userLabels ?? [:]
    try putNetwork(
      key, labels: (before?.metadata.userLabels ?? [:]).filter { inherited[$0.key] != $0.value } + labels,
      annotations: (before?.metadata.userAnnotations ?? [:]) + annotations, spec: spec)
  }

  /// Writes a network and its routing instance; a new one gets its numbers.
  @discardableResult
  mutating func putNetwork(
    _ key: ObjectKey, labels: [String: String], annotations: [String: String], owner: APIObject? = nil,
    spec: JSONObject, observation: String = "", systemNumbers: (vni: Int64, target: Int64)? = nil
  ) throws -> APIObject {
    let before = try draft.object(key)
    let known = before?.status["virtualNetworkNetworkId"]?.integer
    let vni = if let known { known } else { try takeVNI(systemNumbers?.vni) }
    let named = APIObject(key.kind, ObjectMetadata(name: key.name, namespace: key.namespace), spec: spec)
    let network = try put(
      key, labels: labels + backReferences(to: named.subnetReferences), annotations: annotations, owner: owner,
      spec: spec,
      status: [
        "observation": .string(observation), "state": observation.isEmpty ? "Success" : "Pending",
        "virtualNetworkNetworkId": .integer(vni),
      ])
    try putInstance(of: network, systemTarget: systemNumbers?.target)
    return network
  }

  private mutating func takeVNI(_ systemNumber: Int64?) throws -> Int64 {
    guard let systemNumber else { return try draft.allocate(.vni) }
    draft.take(systemNumber, .vni)
    return systemNumber
  }

  /// Removes a network and its routing instance and gives its numbers back. Its subnets stay.
  mutating func removeNetwork(_ network: APIObject) throws {
    draft.delete(network.key)
    if let vni = network.status["virtualNetworkNetworkId"]?.integer { draft.release(vni, .vni) }
    try removeInstance(of: network)
  }

  /// Refuses a change under which a running pod would lose its address, its gateway or its neighbours.
  ///
  /// - Parameter isNew: the network did not exist a moment ago: pods of an earlier one of this name may still live, and
  ///   only a network with their very subnet takes them over.
  func checkUse(
    of network: ObjectKey, by desired: DesiredNetwork, for subject: ObjectKey, isNew: Bool
  ) throws {
    let before = try draft.object(network)
    let mode = before?.spec["virtualNetworkProperties"]?.object?["forwardingMode"]?.string
    for interface in try use.interfaces(in: network, limit: Int.max) {
      if let mode, mode != desired.forwardingMode.rawValue {
        throw ObjectError.forbidden(
          subject,
          field: subject.kind == .networkAttachmentDefinition
            ? definitionField + "virtualNetworkProperties.forwardingMode"
            : "spec.virtualNetworkProperties.forwardingMode",
          "pod \(interface.pod) is attached in mode \(mode) by \(interface.interface): delete the pod first")
      }
      for address in interface.addresses {
        let family = address.address.address.family
        let subnet = desired.subnets.first { $0.family == family }?.subnet
        guard !desired.awaited.contains(family), let problem = problem(address, in: subnet, isNew: isNew) else {
          continue
        }
        let field = family == .v4 ? "ipamV4Subnet" : "ipamV6Subnet"
        throw ObjectError.forbidden(
          subject, field: subject.kind == .networkAttachmentDefinition ? definitionField + field : "spec",
          "pod \(interface.pod) has \(address.address.address) on \(interface.interface): \(problem); delete the pod first"
        )
      }
    }
  }

  private func problem(_ use: AddressInUse, in subnet: Subnet?, isNew: Bool) -> String? {
    let address = use.address.address
    guard let subnet else { return "the network would have no \(address.family) subnet" }
    if isNew, subnet.prefix != use.address.network {
      return "a network of this name with the subnet \(use.address.network) is still in use, not \(subnet.prefix)"
    }
    guard subnet.contains(address) else { return "it is not in \(subnet.prefix)" }
    guard subnet.gateway == use.gateway else {
      return "its gateway is \(use.gateway), not \(subnet.gateway)"
    }
    guard Pool("", subnet).allocatable.contains(where: { $0.contains(address) }) else {
      return "\(subnet.prefix) does not give it out"
    }
    return nil
  }

  /// Notes which pods a removed network still has.
  mutating func warnOfUsers(_ network: ObjectKey) throws {
    let shown = 10
    let users = try use.interfaces(in: network, limit: shown + 1)
    guard !users.isEmpty else { return }
    var names = users.prefix(shown).map { "\($0.pod) (\($0.interface))" }
    if users.count > shown { names.append("and others") }
    warnings.append(
      "\(network) is still used by pods: \(names.joined(separator: ", ")); they keep their interfaces until they go")
  }
}

private let definitionField = "metadata.annotations[\(AnnotationKey.juniperNetworks)]."
