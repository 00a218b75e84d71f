package import JSON

/// The network configuration that a runtime passes on standard input.
///
/// Only the keys that every verb needs are read at once. The others are read when asked for, so that DEL does not fail
/// because of what it does not need.
package struct NetworkConfiguration: Sendable {
  package let version: CNIVersion
  package let name: String
  package let type: String
  /// The whole object; unknown keys are kept.
  package let object: JSONObject

  package init(parsing input: [UInt8]) throws(CNIError) {
    let object = try configurationObject(parsing: input)
    version = try declaredVersion(of: object)
    name = try networkName(of: object)
    guard let type = object["type"]?.string, !type.isEmpty else {
      throw CNIError(.invalidConfiguration, "type: \(shown(object["type"])) is not valid", "expected the plugin's name")
    }
    self.type = type
    self.object = object
  }

  /// The document with its key path, for readers of other keys.
  package var field: JSONField { JSONField(.object(object)) }

  /// The capabilities that the configuration declares.
  package func capabilities() throws(CNIError) -> [String] {
    try readingConfiguration { () throws(JSONFieldError) in
      var names: [String] = []
      for capability in try field.member("capabilities").members() ?? [] where try capability.bool() == true {
        names.append(capability.lastKey)
      }
      return names
    }
  }

  /// What the runtime fills in for the declared capabilities.
  package func runtimeConfig() throws(CNIError) -> RuntimeConfig {
    try readingConfiguration { () throws(JSONFieldError) in
      let field = try field.member("runtimeConfig")
      _ = try field.object()
      return RuntimeConfig(field: field)
    }
  }

  /// The result of the plugins before this one, or of the ADD that a CHECK or DEL is about; `nil` where it is absent,
  /// `null` or empty.
  package func previousResult() throws(CNIError) -> CNIResult? {
    try readingConfiguration { () throws(JSONFieldError) in
      let field = try field.member("prevResult")
      guard let object = try field.object(), !object.isEmpty else { return nil }
      return try CNIResult(decoding: field)
    }
  }

  /// The DNS settings of the configuration itself.
  package func dns() throws(CNIError) -> DNS {
    try readingConfiguration { () throws(JSONFieldError) in try DNS(decoding: field.member("dns")) }
  }
}

/// The top-level object.
private func configurationObject(parsing input: [UInt8]) throws(CNIError) -> JSONObject {
  let value: JSONValue
  do {
    value = try JSONValue(parsing: input, limit: JSONValue.configurationLimit)
  } catch {
    throw CNIError(.decodingFailure, "the network configuration is not valid JSON", error.description)
  }
  guard let object = value.object else {
    throw CNIError(.decodingFailure, "the network configuration is \(value.kind), not an object")
  }
  return object
}

private func declaredVersion(of object: JSONObject) throws(CNIError) -> CNIVersion {
  guard let value = object["cniVersion"] else { return .implied }
  guard let text = value.string else {
    throw CNIError(.decodingFailure, "cniVersion: \(value.text()) is not valid", "expected a string such as \"1.0.0\"")
  }
  // Go runtimes cannot tell an empty string from an absent one.
  if text.isEmpty { return .implied }
  guard let version = CNIVersion(text) else {
    throw CNIError(.incompatibleVersion, "cniVersion: \(quoted(text)) is not supported", supportedVersionsHint)
  }
  return version
}

private func networkName(of object: JSONObject) throws(CNIError) -> String {
  guard let name = object["name"]?.string, isIdentifier(name) else {
    throw CNIError(
      .invalidConfiguration, "name: \(shown(object["name"])) is not valid",
      "expected the network's name: a letter or digit, then letters, digits, '_', '.' or '-'")
  }
  return name
}

private var supportedVersionsHint: String {
  "supported: " + CNIVersion.all.map(\.text).joined(separator: ", ")
}

private func shown(_ value: JSONValue?) -> String {
  value.map { JSONField($0).error(expected: "").shownValue } ?? "(none)"
}
