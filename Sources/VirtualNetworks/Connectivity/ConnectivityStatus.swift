internal import JSON
internal import NetworkAttachments

/// What the objects say about it.
extension Connectivity {
  /// The observation of the network's routing instance; empty while it imports all that it should.
  package func instanceObservation(ofNetworkAt position: Int) -> String {
    summary(refusals[position].map(\.description))
  }

  /// The routing instance with what its network imports and why, in `status.imports`; without one where it imports
  /// nothing.
  package func showingImports(of instance: APIObject) -> APIObject {
    let entries = imports(of: NetworkName(namespace: instance.metadata.namespace, name: instance.metadata.name))
    if entries.isEmpty { return instance }
    var object = instance
    object.status["imports"] = .array(
      entries.map { entry in
        var shown: JSONObject = [
          "network": .string("\(entry.exporter.name)"), "by": .array(entry.reasons.map { .string($0.undirected) }),
        ]
        if let refusal = entry.refusal { shown["refused"] = .string("\(refusal)") }
        return .object(shown)
      })
    return object
  }

  /// State and observation of a router.
  package func routerStatus(ofRouterAt position: Int) -> (state: String, observation: String) {
    let router = routers[position]
    var problems: [String] = []
    for circle in circles where circle.reason.routers.contains(router.name) {
      let exporters = Set(circle.exporters)
      for importer in circle.importers where !refusals[importer].isEmpty {
        for refusal in refusals[importer] {
          guard let exporter = self.position(refusal.exporter), exporters.contains(exporter) else { continue }
          let problem = "\(networks[importer].name) \(refusal)"
          if !problems.contains(problem) { problems.append(problem) }
          if problems.count > shownProblems { return ("Failure", summary(problems)) }
        }
      }
    }
    if !problems.isEmpty { return ("Failure", summary(problems)) }
    let idle = idleImports[position]
    return idle.isEmpty ? ("Success", "") : ("Pending", summary(idle))
  }
}

private let shownProblems = 3

private func summary(_ problems: [String]) -> String {
  let shown = problems.prefix(shownProblems).joined(separator: "; ")
  return problems.count > shownProblems ? shown + "; and more" : shown
}

extension APIObject {
  /// The object with that state and observation, the rest of its `status` kept.
  package func showing(state: String, observation: String) -> APIObject {
    var object = self
    object.status["state"] = .string(state)
    object.status["observation"] = .string(observation)
    object.status = object.status.sorted
    return object
  }
}
