internal import JSON

/// Namespaces and pods.
extension Reconciler {
  mutating func applyNamespace(_ manifest: APIObject) throws {
    let key = manifest.key
    try checkForwarding(of: manifest)
    if isIsolated(manifest) {
      let reserved = reservedNames(in: key.name, isIsolated: true)
      for name in try draft.names(of: .virtualNetwork, namespace: key.name) {
        let network = try draft.object(ObjectKey(.virtualNetwork, namespace: key.name, name))
        guard let other = reserved[name], network?.ownedByNamespace == nil else { continue }
        throw ObjectError.conflict(key, "VirtualNetwork \(key.name)/\(name) has the name of \(other)")
      }
    }
    let cluster = try draft.object(key)?.metadata.labels[SystemKey.clusterName]
    let namespace = try put(
      key, labels: manifest.metadata.userLabels + (cluster.map { [SystemKey.clusterName: $0] } ?? [:]),
      annotations: manifest.metadata.userAnnotations, spec: [:], status: ["phase": "Active"])
    if isIsolated(namespace) {
      try makeIsolatedNetworks(namespace)
    } else {
      try removeIsolatedNetworks(key.name)
    }
  }

  /// Labels and annotations only: nothing is started here.
  mutating func applyPod(_ manifest: APIObject) throws {
    try checkNamespace(of: manifest.key)
    try put(
      manifest.key, labels: manifest.metadata.userLabels, annotations: manifest.metadata.userAnnotations, spec: [:],
      status: [:])
  }

  /// Removes a namespace with everything in it.
  mutating func deleteNamespace(_ namespace: APIObject) throws {
    let name = namespace.metadata.name
    guard !systemNamespaces.contains(name) else {
      throw ObjectError.forbidden(namespace.key, "this namespace may not be deleted")
    }
    for pod in try draft.names(of: .pod, namespace: name) { draft.delete(ObjectKey(.pod, namespace: name, pod)) }
    try removeIsolatedNetworks(name)
    try deleteAll(.virtualNetworkRouter, in: name) { change, object in change.draft.delete(object.key) }
    try deleteAll(.networkAttachmentDefinition, in: name) { change, object in try change.deleteDefinition(object) }
    try deleteAll(.virtualNetwork, in: name) { change, object in try change.deleteNetwork(object) }
    try deleteAll(.subnet, in: name) { change, object in
      change.draft.delete(object.key)
      try change.refreshNetworks(referringTo: object.key)
    }
    draft.delete(namespace.key)
  }

  private mutating func deleteAll(
    _ kind: Kind, in namespace: String, _ delete: (inout Self, APIObject) throws -> Void
  ) throws {
    for name in try draft.names(of: kind, namespace: namespace) {
      guard let object = try draft.object(ObjectKey(kind, namespace: namespace, name)) else { continue }
      try delete(&self, object)
    }
  }

  private var systemNamespaces: [String] { ["default", "kube-system", contrailNamespace, settings.namespace] }
}
