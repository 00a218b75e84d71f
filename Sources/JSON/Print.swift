internal import CJSONC

extension JSONValue {
  package enum Layout: Sendable {
    /// No white space.
    case compact
    /// One member or element a line, indented by two spaces.
    case pretty
  }

  /// The value as JSON text, members in their order, `/` not escaped.
  ///
  /// - Precondition: no key contains U+0000.
  package func text(_ layout: Layout = .compact) -> String {
    let flags =
      layout == .pretty
      ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE
      : JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE
    let node = unsafe makeNode(self)
    defer { unsafe json_object_put(node) }
    var length = 0
    let start = unsafe json_object_to_json_string_length(node, flags, &length)
    return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
  }
}

extension JSONValue: CustomStringConvertible {
  /// The compact text.
  package var description: String { text() }
}

/// The value as the library's tree; the caller owns it. The library's null is no node at all.
private func makeNode(_ value: JSONValue) -> OpaquePointer? {
  switch value {
  case .null: return nil
  case .bool(let value): return unsafe json_object_new_boolean(value ? 1 : 0)
  case .integer(let value): return unsafe json_object_new_int64(value)
  case .unsigned(let value): return unsafe json_object_new_uint64(value)
  case .double(let value):
    return value.isFinite ? unsafe json_object_new_double_s(value, value.description) : nil
  case .string(let value):
    return unsafe json_object_new_string_len(value, Int32(value.utf8.count))
  case .array(let elements):
    let node = unsafe json_object_new_array_ext(Int32(elements.count))
    for element in elements { unsafe json_object_array_add(node, makeNode(element)) }
    if elements.isEmpty { unsafe printVerbatim(node, "[]") }
    return unsafe node
  case .object(let object):
    let node = unsafe json_object_new_object()
    for member in object.members {
      precondition(!member.key.utf8.contains(0), "a JSON key with U+0000")
      unsafe json_object_object_add(node, member.key, makeNode(member.value))
    }
    if object.isEmpty { unsafe printVerbatim(node, "{}") }
    return unsafe node
  }
}

/// Keeps the library from breaking the line inside of an empty array or object.
private func printVerbatim(_ node: OpaquePointer?, _ text: StaticString) {
  let start = unsafe UnsafeMutableRawPointer(mutating: text.utf8Start)
  unsafe json_object_set_serializer(node, json_object_userdata_to_json_string, start, nil)
}
