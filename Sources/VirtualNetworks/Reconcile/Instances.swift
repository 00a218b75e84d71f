internal import JSON
internal import NetworkAttachments

/// The autonomous system in the targets that the system gives out.
let systemAutonomousSystem: UInt32 = 64_512

/// Routing instances and their route targets.
extension Reconciler {
  /// Writes the routing instance of a network or a router, and the targets it refers to.
  ///
  /// An instance goes with its parent: that of a parent made again is made again, with the same automatic target.
  mutating func putInstance(of parent: APIObject, systemTarget: Int64?, further: [Int64] = []) throws {
    let key = ObjectKey(.routingInstance, namespace: parent.metadata.namespace, parent.metadata.name)
    let before = try draft.object(key)
    let number = if let known = before.flatMap(automaticTarget) { known } else { try takeTarget(systemTarget) }
    let automatic = try putTarget(automaticName(number), isAutomatic: true)
    var references: [JSONValue] = []
    var targets = [automatic.key]
    let listed = try userTargets(of: parent)
    try warnOfOthers(listed.compactMap(\.0), for: key, before)
    for (target, direction) in listed + further.map({ (automaticName($0), "") }) {
      let isAutomatic = further.contains { automaticName($0) == target }
      let object = try putTarget(target, isAutomatic: isAutomatic)
      targets.append(object.key)
      references.append(.object(targetReference(object, direction)))
    }
    if before?.metadata.ownerReferences.first?.uid != parent.metadata.uid { draft.delete(key) }
    try put(
      key, labels: backReferences(to: targets) + parentLabel(parent.key), owner: parent,
      spec: instanceSpec(of: parent, references: references),
      status: connectionStatus(before).adding([
        "defaultRouteTargetReference": .object(targetReference(automatic, "").without("namespace")),
        "isDefault": true,
      ]))
    for target in before?.references ?? [] where target.kind == .routeTarget { try dropUnusedTarget(target) }
  }

  /// Notes whose own targets a network names that did not before: it may be on purpose, and nobody else asked for it.
  private mutating func warnOfOthers(
    _ targets: [RouteTargetName], for key: ObjectKey, _ before: APIObject?
  ) throws {
    for target in targets {
      let object = ObjectKey(.routeTarget, target.objectName)
      if before?.references.contains(object) == true { continue }
      let owner = try draft.referrers(to: object).first { referrer in
        try referrer.kind == .routingInstance && referrer != key
          && draft.object(referrer).flatMap(automaticTarget).flatMap(automaticName) == target
      }
      guard let owner else { continue }
      warnings.append("\(target) is the own target of \(owner.path): whoever names it shares routes with that network")
    }
  }

  /// What its imports are is not decided here.
  private func connectionStatus(_ before: APIObject?) -> JSONObject {
    guard let before else { return successStatus }
    return successStatus.adding(
      JSONObject(before.status.members.filter { successStatus[$0.key] != nil }.map { ($0.key, $0.value) }))
  }

  mutating func removeInstance(of parent: APIObject) throws {
    let key = ObjectKey(.routingInstance, namespace: parent.metadata.namespace, parent.metadata.name)
    guard let instance = try draft.object(key) else { return }
    draft.delete(key)
    for target in instance.references where target.kind == .routeTarget { try dropUnusedTarget(target) }
    guard let number = automaticTarget(instance), let name = automaticName(number)?.objectName else { return }
    draft.release(number, .routeTarget)
    // Where others still name it, it is theirs from now on.
    if let target = try draft.object(ObjectKey(.routeTarget, name)) { try put(target.key, spec: target.spec) }
  }

  private func instanceSpec(of parent: APIObject, references: [JSONValue]) -> JSONObject {
    var spec: JSONObject = [
      "fqName": fqName("default-domain", parent.metadata.namespace, parent.metadata.name, parent.metadata.name),
      "parent": .object(parent.parentReference),
    ]
    if !references.isEmpty { spec["routeTargetReferences"] = .array(references) }
    return spec
  }

  // MARK: Targets

  /// The number in the automatic target of an instance.
  private func automaticTarget(_ instance: APIObject) -> Int64? {
    let name = instance.status["defaultRouteTargetReference"]?.object?["name"]?.string
    return name.flatMap { RouteTargetName(objectName: $0) }.map { Int64($0.number) }
  }

  private func automaticName(_ number: Int64) -> RouteTargetName? {
    RouteTargetName(.autonomousSystem(systemAutonomousSystem), UInt32(number))
  }

  /// A target that a user's definition names is not given out: it would join two networks by accident.
  private mutating func takeTarget(_ systemTarget: Int64?) throws -> Int64 {
    if let systemTarget {
      draft.take(systemTarget, .routeTarget)
      return systemTarget
    }
    let before = draft
    return try draft.allocate(.routeTarget) { number in
      guard let name = RouteTargetName(.autonomousSystem(systemAutonomousSystem), UInt32(number)) else { return false }
      return try before.object(ObjectKey(.routeTarget, name.objectName)) != nil
    }
  }

  /// The targets that a network's `spec` lists, by name, with the direction as references say it: empty for both.
  private func userTargets(of network: APIObject) throws -> [(RouteTargetName?, String)] {
    var directions: [String: Set<String>] = [:]
    for (list, direction) in [("importRouteTargetList", "import"), ("exportRouteTargetList", "export")] {
      for text in network.spec[list]?.array ?? [] { directions[text.string ?? "", default: []].insert(direction) }
    }
    for text in network.spec["routeTargetList"]?.array ?? [] { directions[text.string ?? ""] = ["import", "export"] }
    return directions.map { (RouteTargetName($0.key), $0.value.count == 2 ? "" : $0.value.first ?? "") }
      .sorted { ($0.0?.objectName ?? "") < ($1.0?.objectName ?? "") }
  }

  private mutating func putTarget(_ target: RouteTargetName?, isAutomatic: Bool) throws -> APIObject {
    let name = target?.objectName ?? ""
    let key = ObjectKey(.routeTarget, name)
    let labels = try isAutomatic ? [SystemKey.systemRouteTarget: "true"] : draft.object(key)?.metadata.labels ?? [:]
    return try put(key, labels: labels, spec: ["fqName": fqName(name)])
  }

  private func targetReference(_ target: APIObject, _ direction: String) -> JSONObject {
    target.reference.adding([
      "attributes": .object(direction.isEmpty ? [:] : ["importExport": .string(direction)])
    ])
  }

  /// Removes a target that no instance names any more.
  private mutating func dropUnusedTarget(_ key: ObjectKey) throws {
    if try !draft.isReferred(to: key) { draft.delete(key) }
  }
}

extension JSONObject {
  func adding(_ others: JSONObject) -> JSONObject {
    var result = self
    for member in others.members { result[member.key] = member.value }
    return result
  }

  func without(_ key: String) -> JSONObject {
    var result = self
    result[key] = nil
    return result
  }
}
