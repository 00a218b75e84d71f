/// A value in a document together with the keys that lead to it, for readers whose errors name the key.
///
/// An absent field is one without a value. `null` reads like an absent field.
package struct JSONField: Sendable {
  /// The value; `nil` where the document has none.
  package let value: JSONValue?
  private let place: Place

  /// The keys that lead to a field, put into words only for an error.
  private indirect enum Place: Sendable {
    case document(String)
    case member(of: Place, key: String)
    case element(of: Place, index: Int)
  }

  /// A whole document.
  package init(_ value: JSONValue?, path: String = "") {
    self.init(value, place: .document(path))
  }

  private init(_ value: JSONValue?, place: Place) {
    self.value = value
    self.place = place
  }

  /// The keys from the top, joined by dots: `contrail.pod-network.ipamV4Subnet`, `ips[0]`.
  package var path: String { Self.text(place) }

  private static func text(_ place: Place) -> String {
    switch place {
    case .document(let path): return path
    case .element(let parent, let index): return "\(text(parent))[\(index)]"
    case .member(let parent, let key):
      let prefix = text(parent)
      return prefix.isEmpty ? key : "\(prefix).\(key)"
    }
  }

  /// The key of a member; empty for anything else.
  package var lastKey: String { if case .member(_, let key) = place { key } else { "" } }

  /// Whether the document says nothing here.
  package var isAbsent: Bool { value?.isNull ?? true }

  /// The error that this value is not what it should be.
  package func error(expected: String) -> JSONFieldError {
    JSONFieldError(path: path, value: value ?? .null, expected: expected)
  }
}

extension JSONField {
  /// The member of that key, absent if there is none; an error unless this field is an object or absent.
  package func member(_ key: String) throws(JSONFieldError) -> JSONField {
    JSONField(try object()?[key], place: .member(of: place, key: key))
  }

  /// The same, where Go programs may have written the key in another case.
  package func member(ignoringCase key: String) throws(JSONFieldError) -> JSONField {
    let member = try object()?.member(ignoringCase: key)
    return JSONField(member?.value, place: .member(of: place, key: member?.key ?? key))
  }

  package func object() throws(JSONFieldError) -> JSONObject? {
    if isAbsent { return nil }
    guard let object = value?.object else { throw error(expected: "an object") }
    return object
  }

  /// The elements, each a field of its own.
  package func array() throws(JSONFieldError) -> [JSONField]? {
    if isAbsent { return nil }
    guard let elements = value?.array else { throw error(expected: "an array") }
    return elements.indices.map { JSONField(elements[$0], place: .element(of: place, index: $0)) }
  }

  /// The members, each a field of its own.
  package func members() throws(JSONFieldError) -> [JSONField]? {
    guard let object = try object() else { return nil }
    return object.members.map { JSONField($0.value, place: .member(of: place, key: $0.key)) }
  }

  package func string() throws(JSONFieldError) -> String? {
    if isAbsent { return nil }
    guard let text = value?.string else { throw error(expected: "a string") }
    return text
  }

  package func bool() throws(JSONFieldError) -> Bool? {
    if isAbsent { return nil }
    guard let truth = value?.bool else { throw error(expected: "true or false") }
    return truth
  }

  /// A whole number in the range.
  package func integer(in range: ClosedRange<Int64>) throws(JSONFieldError) -> Int64? {
    if isAbsent { return nil }
    guard let number = value?.integer, range.contains(number) else {
      throw error(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The field read by `read`, which returns `nil` for a text that is none.
  package func parsed<Value>(
    expected: String, _ read: (String) -> Value?
  ) throws(JSONFieldError) -> Value? {
    if isAbsent { return nil }
    guard let text = value?.string, let result = read(text) else { throw error(expected: expected) }
    return result
  }

  /// The strings of an array of strings.
  package func strings() throws(JSONFieldError) -> [String]? {
    guard let elements = try array() else { return nil }
    var strings: [String] = []
    for element in elements {
      guard let text = element.value?.string else { throw element.error(expected: "a string") }
      strings.append(text)
    }
    return strings
  }
}

/// A field that is not what it should be.
package struct JSONFieldError: Error, Hashable, Sendable {
  package let path: String
  package let value: JSONValue
  /// What would be right.
  package let expected: String

  package init(path: String, value: JSONValue, expected: String) {
    self.path = path
    self.value = value
    self.expected = expected
  }
}

extension JSONFieldError: CustomStringConvertible {
  package var description: String { "\(path) is \(shownValue), expected \(expected)" }

  /// The value as a message shows it: cut where it is long.
  package var shownValue: String {
    let text = value.text()
    guard text.utf8.count > 200 else { return text }
    return String(decoding: text.utf8.prefix(200), as: UTF8.self) + "..."
  }
}
