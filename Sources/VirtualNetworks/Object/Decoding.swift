package import JSON

extension APIObject {
  /// Reads an object, be it one that a person wrote or one that the store kept.
  ///
  /// What only the system may set (`uid`, `status`…) is read too; whoever applies a manifest leaves it out of account.
  /// A namespace is kept only for kinds that have one, and is empty where the object names none.
  package init(_ value: JSONValue) throws(ObjectError) {
    var reader = ObjectReader(value)
    self = try reader.object()
  }
}

private struct ObjectReader {
  private let value: JSONValue
  private var kind = ""
  private var name = ""

  init(_ value: JSONValue) { self.value = value }

  mutating func object() throws(ObjectError) -> APIObject {
    let document = JSONField(value)
    guard case .object = value else {
      throw failure("", value, "an object with apiVersion, kind and metadata is expected")
    }
    kind = value.object?["kind"]?.string ?? ""
    name = value.object?["metadata"]?.object?["name"]?.string ?? ""
    let row = try resource(document)
    let metadata = try read { () throws(JSONFieldError) in try document.member("metadata") }
    var result = APIObject(row.kind, try self.metadata(metadata, row))
    result.spec = try section(document, "spec")
    result.status = try section(document, "status")
    return result
  }

  private func resource(_ document: JSONField) throws(ObjectError) -> ResourceKind {
    let apiVersion = try required(document, "apiVersion")
    let kind = try required(document, "kind")
    guard let row = ResourceKind.of(apiVersion: apiVersion, kind: kind) else {
      throw .unknownKind(kind, apiVersion: apiVersion, name: name)
    }
    return row
  }

  private func metadata(_ field: JSONField, _ row: ResourceKind) throws(ObjectError) -> ObjectMetadata {
    var metadata = ObjectMetadata(name: try required(field, "name"))
    if row.isNamespaced { metadata.namespace = try string(field, "namespace") }
    metadata.uid = try string(field, "uid")
    metadata.creationTimestamp = try string(field, "creationTimestamp")
    metadata.generation =
      try read { () throws(JSONFieldError) in try field.member("generation").integer(in: 0...Int64.max) } ?? 1
    metadata.labels = try strings(field, "labels")
    metadata.annotations = try strings(field, "annotations")
    let owners = try read { () throws(JSONFieldError) in try field.member("ownerReferences").array() } ?? []
    for owner in owners { metadata.ownerReferences.append(try self.owner(owner)) }
    return metadata
  }

  private func owner(_ field: JSONField) throws(ObjectError) -> OwnerReference {
    OwnerReference(
      apiVersion: try string(field, "apiVersion"), kind: try string(field, "kind"), name: try string(field, "name"),
      uid: try string(field, "uid"),
      controller: try read { () throws(JSONFieldError) in try field.member("controller").bool() } ?? false,
      blockOwnerDeletion: try read { () throws(JSONFieldError) in try field.member("blockOwnerDeletion").bool() }
        ?? false)
  }

  private func section(_ document: JSONField, _ key: String) throws(ObjectError) -> JSONObject {
    try read { () throws(JSONFieldError) in try document.member(key).object() } ?? [:]
  }

  private func string(_ field: JSONField, _ key: String) throws(ObjectError) -> String {
    try read { () throws(JSONFieldError) in try field.member(key).string() } ?? ""
  }

  private func required(_ field: JSONField, _ key: String) throws(ObjectError) -> String {
    let text = try string(field, key)
    guard !text.isEmpty else {
      throw .required(kind: kind, name: name, field: field.path.isEmpty ? key : "\(field.path).\(key)")
    }
    return text
  }

  /// Labels and annotations: a text for every key.
  private func strings(_ field: JSONField, _ key: String) throws(ObjectError) -> [String: String] {
    let members = try read { () throws(JSONFieldError) in try field.member(key).members() } ?? []
    var result: [String: String] = [:]
    for member in members {
      guard let text = member.value?.string else {
        throw failure("metadata.\(key)[\(member.lastKey)]", member.value ?? .null, "must be a string: put it in quotes")
      }
      result[member.lastKey] = text
    }
    return result
  }

  private func read<Value>(_ body: () throws(JSONFieldError) -> Value) throws(ObjectError) -> Value {
    do { return try body() } catch { throw failure(error.path, error.value, "must be \(error.expected)") }
  }

  private func failure(_ field: String, _ value: JSONValue, _ reason: String) -> ObjectError {
    .invalid(kind: kind, name: name, field: field, value: value, reason)
  }
}
