package import JSON

/// An object as `apply` reads it, the store keeps it and `get` shows it.
package struct APIObject: Hashable, Sendable {
  package var kind: Kind
  package var metadata: ObjectMetadata
  package var spec: JSONObject
  package var status: JSONObject

  package init(_ kind: Kind, _ metadata: ObjectMetadata, spec: JSONObject = [:], status: JSONObject = [:]) {
    self.kind = kind
    self.metadata = metadata
    self.spec = spec
    self.status = status
  }

  package var apiVersion: String { kind.resource.apiVersion }
  package var key: ObjectKey { ObjectKey(kind, namespace: metadata.namespace, metadata.name) }
}

/// What every object has besides its content.
package struct ObjectMetadata: Hashable, Sendable {
  package var name: String
  /// Empty for a kind without namespaces.
  package var namespace: String
  /// Given once, when the object is made; an object that is made again has another.
  package var uid: String
  /// RFC 3339 in UTC, whole seconds.
  package var creationTimestamp: String
  /// Counts the changes of `spec`, from 1.
  package var generation: Int64
  package var labels: [String: String]
  package var annotations: [String: String]
  package var ownerReferences: [OwnerReference]

  package init(
    name: String, namespace: String = "", uid: String = "", creationTimestamp: String = "", generation: Int64 = 1,
    labels: [String: String] = [:], annotations: [String: String] = [:], ownerReferences: [OwnerReference] = []
  ) {
    self.name = name
    self.namespace = namespace
    self.uid = uid
    self.creationTimestamp = creationTimestamp
    self.generation = generation
    self.labels = labels
    self.annotations = annotations
    self.ownerReferences = ownerReferences
  }
}

/// The object that this one was made for and goes with.
package struct OwnerReference: Hashable, Sendable {
  package var apiVersion: String
  package var kind: String
  package var name: String
  package var uid: String
  package var controller: Bool
  package var blockOwnerDeletion: Bool

  package init(
    apiVersion: String, kind: String, name: String, uid: String, controller: Bool = true,
    blockOwnerDeletion: Bool = true
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.uid = uid
    self.controller = controller
    self.blockOwnerDeletion = blockOwnerDeletion
  }
}
