internal import JSON

/// VirtualNetworkRouters that people apply and delete themselves.
extension Reconciler {
  mutating func applyRouter(_ manifest: APIObject) throws {
    let key = manifest.key
    try checkNamespace(of: key)
    if let before = try draft.object(key) { try checkIsUsers(before) }
    _ = try RouterNode(manifest)
    let unknown = manifest.spec.keys.filter { !["type", "virtualNetworkSelector", "import", "fqName"].contains($0) }
    if !unknown.isEmpty {
      warnings.append("unknown keys of spec have no effect: \(unknown.joined(separator: ", "))")
    }
    try putRouter(
      key, labels: manifest.metadata.userLabels, annotations: manifest.metadata.userAnnotations,
      spec: manifest.spec.adding(["fqName": fqName("default-domain", key.namespace, key.name)]))
  }

  /// Writes a router. Its state is what its connections are, which is not decided here.
  @discardableResult
  mutating func putRouter(
    _ key: ObjectKey, labels: [String: String], annotations: [String: String], owner: APIObject? = nil, spec: JSONObject
  ) throws -> APIObject {
    let status = try draft.object(key)?.status ?? successStatus
    return try put(key, labels: labels, annotations: annotations, owner: owner, spec: spec, status: status)
  }

  mutating func deleteRouter(_ router: APIObject) throws {
    try checkIsUsers(router)
    draft.delete(router.key)
  }

  /// Refuses to change what the system makes.
  func checkIsUsers(_ object: APIObject) throws {
    if let namespace = object.ownedByNamespace {
      throw ObjectError.forbidden(object.key, "it is made for the isolated Namespace \(namespace): change that")
    }
    if isSystem(object) {
      throw ObjectError.forbidden(object.key, "it is made from the configuration: change that")
    }
  }
}
