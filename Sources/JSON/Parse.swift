internal import CJSONC

extension JSONValue {
  /// How many values a configuration or an annotation may have: far more than one has. Two octets of text, an empty
  /// object, cost the library most of a kilobyte.
  package static let configurationLimit = 100_000

  /// Reads one JSON text (RFC 8259, unique keys, numbers that 64 bits or a double hold, at most 64 levels deep).
  ///
  /// - Parameter limit: how many values there may be.
  package init(parsing bytes: [UInt8], limit: Int = 1_000_000) throws(JSONError) {
    var check = GrammarCheck(bytes, valueLimit: limit)
    try check.document()
    guard bytes.count < Int(Int32.max) else { throw JSONError(.tooLarge, at: Int(Int32.max), in: bytes) }
    let tree = try Tree(parsing: bytes)
    guard let value = tree.value(memberCounts: check.memberCounts) else { throw duplicateKey(in: bytes) }
    self = value
  }

  package init(parsing text: String, limit: Int = 1_000_000) throws(JSONError) {
    try self.init(parsing: Array(text.utf8), limit: limit)
  }
}

/// The place and name of the duplicate key that is known to be in the text.
private func duplicateKey(in bytes: [UInt8]) -> JSONError {
  var check = GrammarCheck(bytes) { key in
    // A key that passed the check once is a JSON text of its own.
    guard case .string(let text)? = try? JSONValue(parsing: Array(key)) else { return Array(key) }
    return Array(text.utf8)
  }
  do {
    try check.document()
    return JSONError(.duplicateKey("?"), at: 0, in: bytes)
  } catch {
    return error
  }
}

/// The library's tree of one text.
@safe private struct Tree: ~Copyable {
  private let root: OpaquePointer?

  init(parsing bytes: [UInt8]) throws(JSONError) {
    guard let tokener = unsafe json_tokener_new_ex(Int32(GrammarCheck.depthLimit + 2)) else {
      throw JSONError(.library("out of memory"), at: 0, in: bytes)
    }
    defer { unsafe json_tokener_free(tokener) }
    unsafe json_tokener_set_flags(tokener, Int32(JSON_TOKENER_STRICT))
    var root = unsafe bytes.withUnsafeBytes { buffer in
      unsafe json_tokener_parse_ex(
        tokener, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
    }
    if unsafe json_tokener_get_error(tokener) == json_tokener_continue {
      // A number at the top level ends only with the text.
      unsafe root = json_tokener_parse_ex(tokener, "", 1)
    }
    let status = unsafe json_tokener_get_error(tokener)
    guard status == json_tokener_success else {
      let place = min(unsafe json_tokener_get_parse_end(tokener), bytes.count)
      throw JSONError(.library(unsafe String(cString: json_tokener_error_desc(status))), at: place, in: bytes)
    }
    unsafe self.root = root
  }

  deinit { unsafe json_object_put(root) }

  /// The tree as a value; `nil` when an object has fewer members than the text.
  func value(memberCounts: [Int]) -> JSONValue? {
    var counts = memberCounts[...]
    return unsafe build(root, &counts)
  }
}

private func build(_ node: OpaquePointer?, _ counts: inout ArraySlice<Int>) -> JSONValue? {
  switch unsafe json_object_get_type(node) {
  case json_type_boolean: return .bool(unsafe json_object_get_boolean(node) != 0)
  case json_type_double: return .double(unsafe json_object_get_double(node))
  case json_type_int:
    let number = unsafe json_object_get_uint64(node)
    return number > UInt64(Int64.max) ? .unsigned(number) : .integer(unsafe json_object_get_int64(node))
  case json_type_string: return .string(unsafe text(node))
  case json_type_array: return unsafe buildArray(node, &counts)
  case json_type_object: return unsafe buildObject(node, &counts)
  default: return .null
  }
}

private func text(_ node: OpaquePointer?) -> String {
  let bytes = unsafe UnsafeRawBufferPointer(
    start: json_object_get_string(node), count: Int(json_object_get_string_len(node)))
  return unsafe String(decoding: bytes, as: UTF8.self)
}

private func buildArray(_ node: OpaquePointer?, _ counts: inout ArraySlice<Int>) -> JSONValue? {
  let count = unsafe json_object_array_length(node)
  var elements: [JSONValue] = []
  elements.reserveCapacity(count)
  for index in 0..<count {
    guard let element = unsafe build(json_object_array_get_idx(node, index), &counts) else { return nil }
    elements.append(element)
  }
  return .array(elements)
}

private func buildObject(_ node: OpaquePointer?, _ counts: inout ArraySlice<Int>) -> JSONValue? {
  let count = Int(unsafe json_object_object_length(node))
  guard counts.popFirst() == count, let table = unsafe json_object_get_object(node) else { return nil }
  var members: [JSONObject.Member] = []
  members.reserveCapacity(count)
  var next = unsafe table.pointee.head
  while let entry = unsafe next {
    guard let key = unsafe entry.pointee.k,
      let value = unsafe build(entry.pointee.v.map { OpaquePointer($0) }, &counts)
    else { return nil }
    members.append(.init(key: unsafe String(cString: key.assumingMemoryBound(to: CChar.self)), value: value))
    unsafe next = entry.pointee.next
  }
  return .object(JSONObject(uniqueMembers: members))
}
