internal import JSON

/// Two networks that would be called alike in Contrail's own naming are refused.
extension Reconciler {
  /// Refuses a network with a name that something else has.
  func checkNewName(_ key: ObjectKey) throws {
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
  func isIsolated(_ namespace: APIObject) -> Bool { namespace.isIsolatedNamespace }
}
