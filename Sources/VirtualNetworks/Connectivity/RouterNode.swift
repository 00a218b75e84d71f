internal import JSON
package import NetworkAttachments

/// How a router connects the networks that it picks.
package enum RouterType: String, Hashable, Sendable, CaseIterable {
  /// With each other, and with those of the meshes that it exchanges imports with.
  case mesh
  /// With those of the spokes that it exchanges imports with.
  case hub
  /// With those of the hubs that it exchanges imports with.
  case spoke

  /// Whether an import between routers of these types connects their networks.
  package func connects(to other: RouterType) -> Bool {
    switch (self, other) {
    case (.mesh, .mesh), (.hub, .spoke), (.spoke, .hub): true
    default: false
    }
  }
}

/// A VirtualNetworkRouter, as far as it decides who reaches whom.
package struct RouterNode: Hashable, Sendable {
  /// Which routers it imports.
  package struct Import: Hashable, Sendable {
    package var routers: ObjectSelector
    /// `nil`: those in its own namespace.
    package var namespaces: ObjectSelector?

    package init(routers: ObjectSelector, namespaces: ObjectSelector? = nil) {
      self.routers = routers
      self.namespaces = namespaces
    }
  }

  /// Namespace and name.
  package var name: NetworkName
  package var labels: [String: String]
  package var type: RouterType
  /// The networks that it connects, in its own namespace.
  package var networks: ObjectSelector
  package var imports: [Import]

  package init(
    _ name: NetworkName, labels: [String: String] = [:], _ type: RouterType, networks: ObjectSelector,
    imports: [Import] = []
  ) {
    self.name = name
    self.labels = labels
    self.type = type
    self.networks = networks
    self.imports = imports
  }

  /// Reads the `spec` of a VirtualNetworkRouter.
  package init(_ router: APIObject) throws(ObjectError) {
    do {
      try self.init(
        name: router.routerName, labels: router.metadata.labels, JSONField(.object(router.spec), path: "spec"))
    } catch {
      if error.value.isNull {
        throw .required(kind: router.kind.rawValue, name: router.metadata.name, field: error.path)
      }
      throw .invalid(router.key, field: error.path, value: error.value, "must be \(error.expected)")
    }
  }

  private init(name: NetworkName, labels: [String: String], _ spec: JSONField) throws(JSONFieldError) {
    let typeField = try spec.member("type")
    guard let type = try typeField.string().flatMap({ RouterType(rawValue: $0) }) else {
      throw typeField.error(expected: RouterType.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let selector = try spec.member("virtualNetworkSelector")
    if selector.isAbsent { throw selector.error(expected: "a selector") }
    self.init(name, labels: labels, type, networks: try ObjectSelector(selector))
    let imported = try spec.member("import")
    for member in try imported.members() ?? [] where member.lastKey != "virtualNetworkRouters" {
      throw member.error(expected: "virtualNetworkRouters")
    }
    for entry in try imported.member("virtualNetworkRouters").array() ?? [] {
      for member in try entry.members() ?? []
      where !["virtualNetworkRouterSelector", "namespaceSelector"].contains(member.lastKey) {
        throw member.error(expected: "virtualNetworkRouterSelector or namespaceSelector")
      }
      let routers = try entry.member("virtualNetworkRouterSelector")
      if routers.isAbsent { throw routers.error(expected: "a selector") }
      let namespaces = try entry.member("namespaceSelector")
      imports.append(
        Import(
          routers: try ObjectSelector(routers), namespaces: namespaces.isAbsent ? nil : try ObjectSelector(namespaces)))
    }
  }

  /// Whether it imports `other`, whose namespace has those labels.
  func imports(_ other: RouterNode, namespaceLabels: [String: String]) -> Bool {
    imports.contains { entry in
      let isThere = entry.namespaces?.matches(namespaceLabels) ?? (other.name.namespace == name.namespace)
      return isThere && entry.routers.matches(other.labels)
    }
  }
}

extension APIObject {
  var routerName: NetworkName { NetworkName(namespace: metadata.namespace, name: metadata.name) }
}

extension APIObject {
  /// The labels by which a selector of namespaces sees a namespace: its own, the cluster's name, and that it is isolated,
  /// however it says so.
  package func effectiveLabels(clusterName: String?) -> [String: String] {
    var labels = metadata.labels
    if let clusterName { labels[SystemKey.clusterName] = clusterName }
    if isIsolatedNamespace { labels[AnnotationKey.isolatedNamespaceLabel] = "true" }
    return labels
  }

  /// Whether the namespace has networks of its own.
  package var isIsolatedNamespace: Bool {
    metadata.annotations[AnnotationKey.isolation]?.lowercased() == "true"
      || metadata.labels[AnnotationKey.isolatedNamespaceLabel]?.lowercased() == "true"
  }
}
