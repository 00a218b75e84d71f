internal import JSON

extension APIObject {
  /// The objects that this one names in its content, each once, in order: subnets, route targets, parent.
  package var references: [ObjectKey] {
    var found: Set<ObjectKey> = []
    collect(.object(spec), &found)
    collect(.object(status), &found)
    return found.sorted()
  }

  private func collect(_ value: JSONValue, _ found: inout Set<ObjectKey>) {
    switch value {
    case .array(let elements): for element in elements { collect(element, &found) }
    case .object(let object):
      if let kind = object["kind"]?.string.flatMap(Kind.init), let name = object["name"]?.string {
        let namespace = object["namespace"]?.string ?? ""
        found.insert(ObjectKey(kind, namespace: namespace, name))
      }
      for member in object.members { collect(member.value, &found) }
    default: break
    }
  }

  /// How another object refers to this one.
  var reference: JSONObject {
    var reference: JSONObject = [
      "apiVersion": .string(apiVersion), "fqName": .array(fullyQualifiedName.map { .string($0) }),
      "kind": .string(kind.rawValue), "name": .string(metadata.name),
    ]
    if !metadata.namespace.isEmpty { reference["namespace"] = .string(metadata.namespace) }
    if !metadata.uid.isEmpty { reference["uid"] = .string(metadata.uid) }
    return reference
  }

  /// The parts of the object's name in Contrail's own naming, which its `spec` holds.
  var fullyQualifiedName: [String] { spec["fqName"]?.array?.compactMap(\.string) ?? [metadata.name] }

  /// How a child of this object refers to it.
  var parentReference: JSONObject {
    var reference = reference
    reference["fqName"] = nil
    return reference
  }

  var ownerReference: OwnerReference {
    OwnerReference(apiVersion: apiVersion, kind: kind.rawValue, name: metadata.name, uid: metadata.uid)
  }
}

/// `default-domain`, the namespace, the name: what objects in namespaces are called.
func fqName(_ parts: String...) -> JSONValue { .array(parts.map { .string($0) }) }

let successStatus: JSONObject = ["observation": "", "state": "Success"]
