package import NetworkAttachments

/// Why pods of one network exchange packets with those of another, or why they do not, as the definitions say.
package struct ConnectionExplanation: Hashable, Sendable {
  /// Whether packets are exchanged.
  package var isConnected: Bool
  /// Whether there is any rule about the two; without one there may be other networks that are meant.
  package var isRelated = true
  /// One sentence.
  package var reason: String
  /// What a person would change to connect them; empty where they are connected.
  package var remedy: String

  package init(isConnected: Bool, isRelated: Bool = true, reason: String, remedy: String) {
    self.isConnected = isConnected
    self.isRelated = isRelated
    self.reason = reason
    self.remedy = remedy
  }
}

extension Connectivity {
  /// - Parameters:
  ///   - withoutGateway: the networks whose forwarding mode is `l2`.
  package func explanation(
    _ one: NetworkName, _ other: NetworkName, withoutGateway: Set<NetworkName> = []
  ) -> ConnectionExplanation {
    if one == other { return ConnectionExplanation(isConnected: true, reason: "both are in \(one)", remedy: "") }
    for name in [one, other] where position(name) == nil {
      return no(
        "there is no network \(name) any more",
        // Of those of a namespace there is no definition that somebody could apply.
        name == .podNetwork(ofIsolated: name.namespace) ? "start the pod again" : "apply its definition again")
    }
    for name in [one, other] where withoutGateway.contains(name) {
      return no(
        "\(name) has no gateway: its forwarding mode is l2", "set virtualNetworkProperties.forwardingMode to l2_l3")
    }
    let imports = [entry(one, other), entry(other, one)]
    for (importer, entry) in zip([one, other], imports) {
      if let refusal = entry?.refusal {
        return no(
          "\(importer) \(refusal)", "give one of the networks another subnet, or take it out of what connects them")
      }
    }
    switch (imports[0], imports[1]) {
    case (let there?, let back?):
      return ConnectionExplanation(isConnected: true, reason: reasons([there, back]), remedy: "")
    case (nil, nil): return unconnected(one, other)
    case (let found, _):
      let (importer, exporter) = found == nil ? (other, one) : (one, other)
      return no(
        "\(importer) imports \(exporter) (\(reasons(imports.compactMap(\.self)))), but \(exporter) does not import \(importer)",
        "let \(exporter) import a target that \(importer) exports")
    }
  }

  private func entry(_ importer: NetworkName, _ exporter: NetworkName) -> NetworkImport? {
    imports(of: importer).first { $0.exporter.name == exporter }
  }

  private func unconnected(_ one: NetworkName, _ other: NetworkName) -> ConnectionExplanation {
    var explanation = explanation(nothingConnects: [one], other)
    for name in [one, other] where role(name) == .isolatedPods {
      explanation.reason =
        "\(name) is the pod network of an isolated namespace, which reaches its own pods, and services"
      explanation.remedy =
        "attach both pods to one more network, or reach a service in place of a pod; it stays apart while it is isolated"
      explanation.isRelated = true
    }
    return explanation
  }

  /// That nothing connects one of several networks with another one.
  package func explanation(nothingConnects networks: [NetworkName], _ other: NetworkName) -> ConnectionExplanation {
    // Nobody defines those that the system makes.
    let own = networks.last { role($0) == .user }
    let remedy =
      if let own, role(other) == .user {
        "give \(own) and \(other) a common route target, or select both with a VirtualNetworkRouter"
      } else {
        "attach both pods to one more network"
      }
    let names = networks.map(\.description).joined(separator: " or ")
    return ConnectionExplanation(
      isConnected: false, isRelated: false,
      reason: "no route target and no VirtualNetworkRouter connects \(names) with \(other)", remedy: remedy)
  }

  private func role(_ name: NetworkName) -> NetworkRole? { position(name).map { networks[$0].role } }

  private func no(_ reason: String, _ remedy: String) -> ConnectionExplanation {
    ConnectionExplanation(isConnected: false, reason: reason, remedy: remedy)
  }
}

/// Each once.
private func reasons(_ imports: [NetworkImport]) -> String {
  var found: [String] = []
  for reason in imports.flatMap(\.reasons) where !found.contains(reason.undirected) { found.append(reason.undirected) }
  return found.joined(separator: ", ")
}

extension ConnectionReason {
  /// The same for both directions.
  package var undirected: String {
    guard case .routers(let exporter, let exporterType, let importer, let importerType) = self else {
      return description
    }
    let (one, other) = ("\(exporterType.rawValue) \(exporter)", "\(importerType.rawValue) \(importer)")
    return one < other ? "\(one) with \(other)" : "\(other) with \(one)"
  }
}
