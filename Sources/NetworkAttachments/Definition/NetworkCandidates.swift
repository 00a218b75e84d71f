extension NetworkReference {
  /// The networks that this may mean, the likeliest first: the caller takes the first that exists.
  ///
  /// Contrail's own names are understood too: `<cluster>-default-pod-network`, `<cluster>-<namespace>-pod-network`,
  /// `<cluster>-<namespace>-service-network`, `<cluster>-<name>-pod-network`, project `<cluster>-<namespace>`.
  ///
  /// - Parameters:
  ///   - namespace: of the object that refers to the network.
  ///   - clusterName: the cluster's.
  public func candidates(from namespace: String, clusterName: String) -> [NetworkName] {
    let prefix = clusterName + "-"
    switch self {
    case .named(let name, let written):
      let namespace = written ?? namespace
      return [NetworkName(namespace: namespace, name: name)] + contrailNames(name, namespace, prefix, clusterName)
    case .qualified("default-domain", let project, let name):
      let short = removing(prefix: prefix, suffix: "", from: project)
      var candidates: [NetworkName] = []
      for namespace in [short, project].compactMap(\.self) {
        candidates += contrailNames(name, namespace, prefix, clusterName)
        candidates.append(NetworkName(namespace: namespace, name: name))
      }
      return candidates
    case .qualified: return []
    }
  }

  /// What a name of Contrail's making means in a namespace.
  private func contrailNames(
    _ name: String, _ namespace: String, _ prefix: String, _ clusterName: String
  ) -> [NetworkName] {
    if name == prefix + "default-pod-network" { return [.defaultPodNetwork(clusterName: clusterName)] }
    if name == prefix + "default-service-network" { return [.defaultServiceNetwork(clusterName: clusterName)] }
    if let service = removing(prefix: prefix, suffix: "-service-network", from: name) {
      return service == namespace ? [.serviceNetwork(ofIsolated: namespace)] : []
    }
    guard let short = removing(prefix: prefix, suffix: "-pod-network", from: name) else { return [] }
    let own = NetworkName(namespace: namespace, name: short)
    return short == namespace ? [.podNetwork(ofIsolated: namespace), own] : [own]
  }
}

private func removing(prefix: String, suffix: String, from text: String) -> String? {
  let bytes = text.utf8
  guard bytes.count > prefix.utf8.count + suffix.utf8.count, bytes.starts(with: prefix.utf8),
    bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
  else { return nil }
  return String(bytes.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count))
}
