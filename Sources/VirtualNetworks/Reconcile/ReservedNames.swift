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
    for name in namesakes(of: key.name) {
      let network = ObjectKey(.virtualNetwork, namespace: key.namespace, name)
      let alias = try draft.object(ObjectKey(.networkAttachmentDefinition, namespace: key.namespace, name))
      guard try draft.object(network) != nil || alias?.existingNetwork != nil else { continue }
      let short = [key.name, name].min { $0.utf8.count < $1.utf8.count } ?? name
      throw ObjectError.conflict(
        key,
        "\(contrailName(short)) is Contrail's name of \(key.namespace)/\(short), so that there cannot be both "
          + "VirtualNetwork \(network.path) and VirtualNetwork \(key.path)")
    }
  }

  /// Contrail's name of a network of a namespace.
  private func contrailName(_ name: String) -> String { "\(settings.clusterName)-\(name)-pod-network" }

  /// The names of networks of the same namespace that this spelling would mean as well, or that would mean this one.
  private func namesakes(of name: String) -> [String] {
    let (prefix, suffix) = ("\(settings.clusterName)-", "-pod-network")
    var names = [contrailName(name)]
    if name.hasPrefix(prefix), name.hasSuffix(suffix), name.utf8.count > prefix.utf8.count + suffix.utf8.count {
      names.append(String(Substring(name.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count))))
    }
    return names
  }

  /// The names of networks that would be called like one that the namespace has anyway, and which one that is.
  func reservedNames(in namespace: String, isIsolated: Bool) -> [String: String] {
    let cluster = settings.clusterName
    var names = [
      "\(cluster)-default-pod-network": "the default pod network, \(contrailNamespace)/default-podnetwork",
      "\(cluster)-default-service-network": "the default service network, \(contrailNamespace)/default-servicenetwork",
    ]
    if namespace == "default" && !isIsolated {
      names["default"] = "the default pod network, \(cluster)-default-pod-network"
    }
    guard isIsolated else { return names }
    let own = "\(cluster)-\(namespace)"
    names[namespace] = "the namespace's own pod network, \(own)-pod-network"
    names["\(own)-pod-network"] = "the namespace's own pod network, \(namespace)/default-podnetwork"
    names["\(own)-service-network"] = "the namespace's own service network, \(namespace)/default-servicenetwork"
    names["default-podnetwork"] = "the namespace's own pod network"
    names["default-servicenetwork"] = "the namespace's own service network"
    return names
  }

  /// Whether the namespace has networks of its own.
  func isIsolated(_ namespace: APIObject) -> Bool { namespace.isIsolatedNamespace }
}
