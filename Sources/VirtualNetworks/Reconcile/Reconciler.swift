internal import JSON

/// Turns one change of an object into everything that follows from it.
///
/// Pure: it reads objects and what runs on the node, and returns what is to be written. A user's error is an
/// ``ObjectError``; anything else thrown comes from the reading.
package struct Reconciler<State: ClusterState, Use: NetworkUse> {
  let settings: ClusterSettings
  let use: Use
  /// RFC 3339 in UTC, whole seconds.
  let now: String
  let makeUID: () -> String
  var draft: Draft<State>
  var warnings: [String] = []

  package init(
    _ settings: ClusterSettings, state: State, use: Use, now: String, makeUID: @escaping () -> String
  ) {
    self.settings = settings
    self.use = use
    self.now = now
    self.makeUID = makeUID
    draft = Draft(state)
  }

  /// What `apply` of a manifest entails.
  package func apply(_ manifest: APIObject) throws -> ChangePlan {
    var change = self
    let key = manifest.key
    let before = try draft.object(key)
    if let before, before.kind == .virtualNetworkRouter { try change.checkIsUsers(before) }
    try change.checkName(key)
    try checkLabels(of: manifest)
    var failure: ObjectError?
    switch key.kind {
    case .namespace: try change.applyNamespace(manifest)
    case .pod: try change.applyPod(manifest)
    case .networkAttachmentDefinition: failure = try change.applyDefinition(manifest)
    case .virtualNetwork: try change.applyNetwork(manifest)
    case .subnet: try change.applySubnet(manifest)
    case .virtualNetworkRouter: try change.applyRouter(manifest)
    case .globalSystemConfig, .routingInstance, .routeTarget, .virtualRouter, .virtualMachine, .virtualMachineInterface,
      .instanceIP:
      throw ObjectError.forbidden(key, "this version makes objects of this kind itself; they cannot be applied")
    }
    let after = try change.draft.object(key)
    return try change.plan(key, before == nil ? .created : before == after ? .unchanged : .configured, failure)
  }

  /// What `delete` of an object entails.
  package func delete(_ key: ObjectKey) throws -> ChangePlan {
    var change = self
    guard let object = try draft.object(key) else { throw ObjectError.notFound(key) }
    switch key.kind {
    case .namespace: try change.deleteNamespace(object)
    case .pod: change.draft.delete(key)
    case .networkAttachmentDefinition: try change.deleteDefinition(object)
    case .virtualNetwork: try change.deleteNetwork(object)
    case .subnet: try change.deleteSubnet(object)
    case .virtualNetworkRouter: try change.deleteRouter(object)
    case .globalSystemConfig, .routingInstance, .routeTarget, .virtualRouter, .virtualMachine, .virtualMachineInterface,
      .instanceIP:
      throw ObjectError.forbidden(key, "the system makes and removes objects of this kind itself")
    }
    return try change.plan(key, .deleted, nil)
  }

  func plan(_ key: ObjectKey, _ outcome: ChangePlan.Outcome, _ failure: ObjectError?) throws -> ChangePlan {
    var plan = ChangePlan(key, outcome)
    plan.writes = try draft.writes()
    plan.warnings = warnings
    plan.failure = failure
    return plan
  }
}

// MARK: - What all kinds share

extension Reconciler {
  /// Makes the object of that key, or changes it: identity and age stay, the generation counts changes of the `spec`.
  @discardableResult
  mutating func put(
    _ key: ObjectKey, labels: [String: String] = [:], annotations: [String: String] = [:],
    owner: APIObject? = nil, spec: JSONObject, status: JSONObject = successStatus
  ) throws -> APIObject {
    let before = try draft.object(key)
    let metadata = ObjectMetadata(
      name: key.name, namespace: key.namespace, uid: before?.metadata.uid ?? makeUID(),
      creationTimestamp: before?.metadata.creationTimestamp ?? now, generation: before?.metadata.generation ?? 1,
      labels: labels, annotations: annotations, ownerReferences: owner.map { [$0.ownerReference] } ?? [])
    var object = APIObject(key.kind, metadata, spec: spec.sorted, status: status.sorted)
    if let before, before.spec != object.spec { object.metadata.generation += 1 }
    draft.put(object)
    return object
  }

  func checkNamespace(of key: ObjectKey) throws {
    let namespace = ObjectKey(.namespace, key.namespace)
    guard try draft.object(namespace) != nil else { throw ObjectError.notFound(namespace) }
  }

  /// Kubernetes' rules for names, and room for `namespace.name` in a file's name.
  func checkName(_ key: ObjectKey) throws {
    let isLabel = key.kind == .namespace
    let limit = isLabel ? 63 : key.kind == .pod ? 253 : 191
    let bytes = Array(key.name.utf8)
    let isEdge: (UInt8) -> Bool = { (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) }
    let isInner: (UInt8) -> Bool = { isEdge($0) || $0 == UInt8(ascii: "-") || (!isLabel && $0 == UInt8(ascii: ".")) }
    guard let first = bytes.first, let last = bytes.last, isEdge(first), isEdge(last), bytes.allSatisfy(isInner) else {
      throw ObjectError.invalid(
        key, field: "metadata.name", value: .string(key.name),
        "a name consists of lower-case letters, digits\(isLabel ? " and '-'" : ", '-' and '.'"), and starts and ends "
          + "with a letter or digit")
    }
    guard bytes.count <= limit else {
      throw ObjectError.invalid(
        key, field: "metadata.name", value: .string(key.name), "must have no more than \(limit) characters")
    }
  }
}

extension ObjectMetadata {
  /// The labels that a person set.
  var userLabels: [String: String] { labels.filter { !SystemKey.isSystemLabel($0.key) } }
  /// The annotations that a person set.
  var userAnnotations: [String: String] { annotations.filter { !SystemKey.isSystemAnnotation($0.key) } }
}

/// What two maps say together, the second one first.
func + (left: [String: String], right: [String: String]) -> [String: String] { left.merging(right) { $1 } }
