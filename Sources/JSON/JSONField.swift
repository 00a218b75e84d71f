/// A value in a document together with the keys that lead to it, for readers whose errors name the key.
///
/// An absent field is one without a value. `null` reads like an absent field.
package struct JSONField: Sendable {
  /// The value; `nil` where the document has none.
  package let value: JSONValue?
  private let parent: String
  private let key: String

  /// A whole document.
  package init(_ value: JSONValue?, path: String = "") {
    self.value = value
    parent = ""
    key = path
  }

  private init(_ value: JSONValue?, parent: String, key: String) {
    self.value = value
    self.parent = parent
    self.key = key
  }

  /// The keys from the top, joined by dots: `contrail.pod-network.ipamV4Subnet`, `ips[0]`.
  package var path: String {
    parent.isEmpty ? key : key.utf8.first == UInt8(ascii: "[") ? parent + key : parent + "." + key
  }

  /// Whether the document says nothing here.
  package var isAbsent: Bool { value == nil || value == .null }

  /// The error that this value is not what it should be.
  package func error(expected: String) -> JSONFieldError {
    JSONFieldError(path: path, value: value ?? .null, expected: expected)
  }
}

extension JSONField {
  /// The member of that key, absent if there is none; an error unless this field is an object or absent.
  package func member(_ key: String) throws(JSONFieldError) -> JSONField {
    JSONField(try object()?[key], parent: path, key: key)
  }

  /// The same, where Go programs may have written the key in another case.
  package func member(ignoringCase key: String) throws(JSONFieldError) -> JSONField {
    let member = try object()?.member(ignoringCase: key)
    return JSONField(member?.value, parent: path, key: member?.key ?? key)
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
    let path = self.path
    return elements.enumerated().map { JSONField($1, parent: path, key: "[\($0)]") }
  }

  /// The members, each a field of its own.
  package func members() throws(JSONFieldError) -> [JSONField]? {
    guard let object = try object() else { return nil }
    let path = self.path
    return object.members.map { JSONField($0.value, parent: path, key: $0.key) }
  }

  /// The last key of the path.
  package var lastKey: String { key }

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
