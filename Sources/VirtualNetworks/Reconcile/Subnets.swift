internal import ContrailIPAM
internal import JSON
internal import NetworkAddresses

/// Subnets that people apply and delete themselves.
extension Reconciler {
  mutating func applySubnet(_ manifest: APIObject) throws {
    let key = manifest.key
    try checkNamespace(of: key)
    let wanted = try desiredSubnet(manifest)
    let spec = manifest.spec.adding(wanted.spec(key)).sorted
    let before = try draft.object(key)
    if let before, before.spec != spec, let maker = try maker(of: key) {
      throw ObjectError.forbidden(key, field: "spec", "it is made from the \(maker): change that")
    }
    let unknown = manifest.spec.keys.filter { !["cidr", "defaultGateway", "allocation", "fqName"].contains($0) }
    if !unknown.isEmpty {
      warnings.append("unknown keys of spec have no effect: \(unknown.joined(separator: ", "))")
    }
    if before?.spec != spec { try checkNetworks(of: key, wanted, for: key, besides: nil) }
    try put(
      key, labels: manifest.metadata.userLabels, annotations: manifest.metadata.userAnnotations, spec: spec)
    try refreshNetworks(referringTo: key)
  }

  mutating func deleteSubnet(_ subnet: APIObject) throws {
    if let user = try draft.referrers(to: subnet.key).first {
      throw ObjectError.forbidden(subnet.key, "it is used by the \(user): delete that first")
    }
    draft.delete(subnet.key)
  }

  /// What a Subnet's `spec` says.
  func desiredSubnet(_ object: APIObject) throws -> DesiredSubnet {
    let key = object.key
    let field = JSONField(.object(object.spec), path: "spec")
    do {
      guard let cidr = try field.member("cidr").string() else {
        throw ObjectError.required(kind: key.kind.rawValue, name: key.name, field: "spec.cidr")
      }
      let order = try field.member("allocation").parsed(expected: "ascending or descending") { text in
        ["ascending", "descending"].contains(text) ? text : nil
      }
      return DesiredSubnet(
        subnet: try Subnet(parsing: cidr, gateway: try field.member("defaultGateway").string()),
        isDescending: order == "descending")
    } catch let error as JSONFieldError {
      throw ObjectError.invalid(key, field: error.path, value: error.value, "must be \(error.expected)")
    } catch let error as SubnetError {
      let name = error.field == .gateway ? "spec.defaultGateway" : "spec.cidr"
      throw ObjectError.invalid(key, field: name, value: .string(error.value), "\(error.reason)")
    }
  }

  /// Refuses a change that a pod in one of the subnet's networks would not survive.
  func checkNetworks(
    of subnet: ObjectKey, _ wanted: DesiredSubnet, for subject: ObjectKey, besides own: ObjectKey?
  ) throws {
    let isNew = try draft.object(subnet) == nil
    for key in try draft.referrers(to: subnet) where key.kind == .virtualNetwork && key != own {
      guard let network = try draft.object(key) else { continue }
      var desired = DesiredNetwork()
      desired.subnets = [wanted]
      for other in network.subnetReferences where other != subnet {
        if let object = try draft.object(other) {
          desired.subnets.append(try desiredSubnet(object))
        } else {
          desired.awaited.insert(wanted.family == .v4 ? .v6 : .v4)
        }
      }
      try checkUse(of: key, by: desired, for: subject, isNew: isNew)
    }
  }

  /// The definition, or the configuration's network, that a subnet was made for.
  private func maker(of subnet: ObjectKey) throws -> String? {
    for key in try draft.referrers(to: subnet) where key.kind == .virtualNetwork && isMade(subnet, for: key) {
      guard let network = try draft.object(key) else { continue }
      if let definition = definition(of: network) { return "\(definition)" }
      if isSystem(network) { return "configuration" }
    }
    return nil
  }
}
