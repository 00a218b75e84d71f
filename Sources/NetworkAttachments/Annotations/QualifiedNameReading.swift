internal import JSON

extension JSONField {
  /// The object in a text of JSON or of Python's literals, under the same path.
  func literalObject() throws(JSONFieldError) -> JSONField? {
    guard let text = try string(), !trimmed(Array(text.utf8)[...]).isEmpty else { return nil }
    let value: JSONValue
    if let json = try? JSONValue(parsing: text, limit: JSONValue.configurationLimit) {
      value = json
    } else {
      do {
        value = try PythonLiteral.value(parsing: text)
      } catch {
        throw self.error(expected: "{'domain': …, 'project': …, 'name': …} or the same as JSON; \(error)")
      }
    }
    guard value.object != nil else { throw error(expected: "{'domain': …, 'project': …, 'name': …}") }
    return JSONField(value, path: path)
  }

  /// Tungsten Fabric's `opencontrail.org/network`: `{domain, project, name}`; `nil` where the field is absent or empty.
  func tungstenNetwork() throws(JSONFieldError) -> NetworkReference? {
    guard let object = try literalObject() else { return nil }
    for member in try object.members() ?? [] where !["domain", "project", "name"].contains(member.lastKey) {
      throw member.error(expected: "no such key: a network has domain, project and name")
    }
    let domain = try object.member("domain").parsed(expected: namespaceRule, namespaceName) ?? "default-domain"
    let projectField = try object.member("project")
    guard let project = try projectField.parsed(expected: namespaceRule, namespaceName) else {
      throw projectField.error(expected: namespaceRule)
    }
    let nameField = try object.member("name")
    guard let name = try nameField.parsed(expected: namespaceRule, qualifiedName) else {
      throw nameField.error(expected: "a network's name")
    }
    return .qualified(domain: domain, project: project, name: name)
  }
}
