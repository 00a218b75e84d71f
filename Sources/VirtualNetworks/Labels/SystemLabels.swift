/// The labels and annotations that the system sets; those in a manifest are not read.
package enum SystemKey {
  /// A label for every object that this one refers to: its key ends in a digest of ``referenceText(_:)``.
  package static let backReferencePrefix = "back-reference.core.juniper.net/"
  /// A label: the digest of ``parentText(_:)``.
  package static let parent = "core.juniper.net/parent"
  /// A label of route targets that the system gave out.
  package static let systemRouteTarget = "core.juniper.net/systemrt"
  /// A label of the system's own namespaces, and of nodes.
  package static let clusterName = "core.juniper.net/clusterName"
  /// A label by which routers pick the system's networks.
  package static let virtualNetwork = "core.juniper.net/virtualnetwork"
  package static let virtualNetworkRouter = "core.juniper.net/virtualnetworkrouter"
  package static let virtualRouter = "core.juniper.net/virtualRouter"

  package static let definitionCluster = "juniper.net/nad-cluster-name"
  package static let definitionName = "juniper.net/nad-name"
  package static let definitionNamespace = "juniper.net/nad-namespace"
  /// An annotation of a NetworkAttachmentDefinition: what became of it.
  package static let networksStatus = "juniper.net/networks-status"
  /// An annotation of kubectl's.
  package static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

  package static let description = "core.juniper.net/description"
  package static let displayName = "core.juniper.net/display-name"

  static func isSystemLabel(_ key: String) -> Bool {
    key.hasPrefix(backReferencePrefix) || key == parent || key == systemRouteTarget
  }

  static func isSystemAnnotation(_ key: String) -> Bool {
    [definitionCluster, definitionName, definitionNamespace, networksStatus, lastApplied].contains(key)
  }
}

/// The label that says that an object refers to `key`: the digest in the label's key finds all that do, the value is for
/// the reader, cut to the 63 octets that a label may hold.
func backReference(to key: ObjectKey) -> (key: String, value: String) {
  let text = ([key.kind.rawValue, key.namespace, key.name].filter { !$0.isEmpty }).joined(separator: "_")
  var value = text.utf8.prefix(63)
  while let last = value.last, "-_.".utf8.contains(last) { value = value.dropLast() }
  return (SystemKey.backReferencePrefix + sha3Text(text), String(decoding: value, as: UTF8.self))
}

func backReferences(to keys: some Sequence<ObjectKey>) -> [String: String] {
  Dictionary(keys.map { backReference(to: $0) }.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
}

/// The label that says what an object is part of.
func parentLabel(_ key: ObjectKey) -> [String: String] {
  [SystemKey.parent: sha3Text("\(key.namespace)/\(key.kind.rawValue)/\(key.name)")]
}
