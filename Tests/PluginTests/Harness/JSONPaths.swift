import JSON

extension JSONValue {
  subscript(key: String) -> JSONValue? { object?[key] }
  subscript(index: Int) -> JSONValue? { array.flatMap { $0.indices.contains(index) ? $0[index] : nil } }

  /// The strings of an array.
  var strings: [String] { array?.compactMap(\.string) ?? [] }

  /// A copy with the member at the dotted path set, or removed with `nil`.
  func setting(_ path: String, _ value: JSONValue?) -> JSONValue {
    let (key, rest) = split(path)
    var object = self.object ?? JSONObject()
    if let rest {
      object[key] = (object[key] ?? .object(JSONObject())).setting(rest, value)
    } else {
      object[key] = value
    }
    return .object(object)
  }

  /// The members of `other` laid over this object's.
  func merging(_ other: JSONValue) -> JSONValue {
    other.object?.members.reduce(self) { $0.settingMember($1.key, $1.value) } ?? self
  }

  /// A copy with one member set, whose key may contain dots.
  func settingMember(_ key: String, _ value: JSONValue?) -> JSONValue {
    var object = self.object ?? JSONObject()
    object[key] = value
    return .object(object)
  }

  private func split(_ path: String) -> (String, String?) {
    guard let dot = path.firstIndex(of: ".") else { return (path, nil) }
    return (String(path[..<dot]), String(path[path.index(after: dot)...]))
  }
}

/// The text as one JSON object; `nil` for anything else.
func parse(_ text: String) -> JSONValue? {
  guard let value = try? JSONValue(parsing: text), value.object != nil else { return nil }
  return value
}
