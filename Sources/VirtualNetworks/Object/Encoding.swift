package import JSON

extension APIObject {
  /// The object as a client shows it: `apiVersion`, `kind`, `metadata`, `spec`, `status`, what is empty left out, the keys
  /// of every object in order.
  package var json: JSONObject {
    var object: JSONObject = [
      "apiVersion": .string(apiVersion), "kind": .string(kind.rawValue), "metadata": .object(metadata.json),
    ]
    if !spec.isEmpty { object["spec"] = .object(spec.sorted) }
    if !status.isEmpty { object["status"] = .object(status.sorted) }
    return object
  }
}

extension ObjectMetadata {
  package var json: JSONObject {
    var object = JSONObject()
    if !annotations.isEmpty { object["annotations"] = .object(JSONObject(strings: annotations)) }
    if !creationTimestamp.isEmpty { object["creationTimestamp"] = .string(creationTimestamp) }
    object["generation"] = .integer(generation)
    if !labels.isEmpty { object["labels"] = .object(JSONObject(strings: labels)) }
    object["name"] = .string(name)
    if !namespace.isEmpty { object["namespace"] = .string(namespace) }
    if !ownerReferences.isEmpty { object["ownerReferences"] = .array(ownerReferences.map { .object($0.json) }) }
    if !uid.isEmpty { object["uid"] = .string(uid) }
    return object
  }
}

extension OwnerReference {
  package var json: JSONObject {
    [
      "apiVersion": .string(apiVersion), "blockOwnerDeletion": .bool(blockOwnerDeletion),
      "controller": .bool(controller), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
    ]
  }
}

extension JSONObject {
  init(strings: [String: String]) {
    self.init(strings.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) })
  }

  /// The same members in the order of their keys, at every depth: what two objects are compared in, and how clients
  /// show them.
  package var sorted: JSONObject {
    JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted) })
  }
}

extension JSONValue {
  fileprivate var sorted: JSONValue {
    switch self {
    case .object(let object): .object(object.sorted)
    case .array(let elements): .array(elements.map(\.sorted))
    default: self
    }
  }
}
