internal import CNI
internal import JSON
internal import NetworkAttachments
internal import ObjectStore
internal import PluginVerbs
internal import VirtualNetworks

// What people apply and delete.

extension NodeCluster {
  func apply(_ manifest: APIObject) throws -> ChangePlan {
    if manifest.kind == .virtualMachineInterface { return try applyInterface(manifest) }
    return try applyDefinition(manifest)
  }

  /// Of a running pod's interface, only what it may use beside its own addresses can be changed; it goes with the pod.
  private func applyInterface(_ manifest: APIObject) throws -> ChangePlan {
    let key = manifest.key
    guard let before = try object(key), let name = workloadName(key),
      let interface = try workloads.named(name, namespace: key.namespace).last(where: {
        $0.interface(named: key.name) != nil
      })?.interface(named: key.name)
    else { throw ObjectError.notFound(key) }
    for member in manifest.spec.members
    where member.key != "allowedAddressPairs" && before.spec[member.key] != member.value {
      throw ObjectError.forbidden(
        key, field: "spec.\(member.key)", "of a running pod's interface only allowedAddressPairs can be changed")
    }
    let pairs: [AllowedAddressPair]
    do { pairs = try AllowedAddressPair.pairs(inInterface: manifest.spec) } catch {
      throw ObjectError.invalid(key, field: error.path, value: error.value, "must be \(error.expected)")
    }
    do {
      let (isChanged, warnings) = try changePairs(of: interface, to: pairs, configuration, note: Self.note)
      var plan = ChangePlan(key, isChanged ? .configured : .unchanged)
      plan.warnings = warnings
      return plan
    } catch {
      throw ObjectError.invalid(
        key, field: "spec.allowedAddressPairs", value: nil,
        error.message + (error.details.isEmpty ? "" : ": \(error.details)"))
    }
  }

  private func applyDefinition(_ manifest: APIObject) throws -> ChangePlan {
    try objects.change(settings) { try $0.apply(manifest, settings, use: workloads) }
  }

  func delete(_ key: ObjectKey) throws -> ChangePlan {
    if [.virtualMachine, .virtualMachineInterface, .instanceIP, .virtualRouter].contains(key.kind) {
      guard try object(key) != nil else { throw ObjectError.notFound(key) }
      throw ObjectError.forbidden(key, "it shows what runs on the node, and goes with it")
    }
    return try objects.change(settings) { try $0.delete(key, settings, use: workloads) }
  }

  func changingNode(_ change: () throws -> Void) throws -> [String] {
    // Only to be faster: what fails here fails below too, and does not keep anybody from defining things.
    let former =
      (try? attachments.hasInstances()) == true ? try? FormerDefinitions(configuration, note: Self.note) : nil
    try change()
    try removeIdlePools()
    // Nothing runs here, or nothing that a plugin of this boot made.
    guard try attachments.hasInstances() else { return [] }
    return try applyDefinitions(configuration, note: Self.note, former: former)
  }

  /// The default pod network is there before anything is defined.
  private func removeIdlePools() throws {
    let own = NetworkName.defaultPodNetwork(clusterName: clusterName)
    try attachments.removeIdlePools { try objects.read { try $0.poolNames() }.union(["\(own)-v4", "\(own)-v6"]) }
  }
}
