package import JSON

/// Reads the part of Python's literals that Tungsten Fabric's annotations are written in: dictionaries with text keys,
/// lists, texts in either quotes (also `u'…'`), whole numbers, `True`, `False`, `None`.
package struct PythonLiteral {
  package static let depthLimit = 16
  /// Keys of one dictionary: many times what an annotation has.
  package static let keyLimit = 64

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  /// Where a text is no literal, and why.
  package struct Failure: Error, Hashable, CustomStringConvertible {
    /// The number of bytes before the place.
    package let offset: Int
    package let expected: String
    package var description: String { "byte \(offset): expected \(expected)" }
  }

  /// The literal that is the whole text.
  package static func value(parsing text: String) throws(Failure) -> JSONValue {
    var reader = PythonLiteral(bytes: Array(text.utf8))
    let value = try reader.value()
    reader.skipSpace()
    guard reader.current == nil else { throw reader.failure("the end") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private func failure(_ expected: String) -> Failure { Failure(offset: position, expected: expected) }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || (0x09...0x0d).contains(byte) { position += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard current == byte else { return false }
    position += 1
    return true
  }

  private mutating func value() throws(Failure) -> JSONValue {
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return .object(try nested { (reader) throws(Failure) in try reader.dictionary() })
    case UInt8(ascii: "["): return .array(try nested { (reader) throws(Failure) in try reader.list() })
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .string(try string())
    case let byte? where byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte): return .integer(try integer())
    default: return try word()
    }
  }

  private mutating func nested<Value>(_ body: (inout Self) throws(Failure) -> Value) throws(Failure) -> Value {
    guard depth < Self.depthLimit else { throw failure("at most \(Self.depthLimit) levels") }
    depth += 1
    position += 1
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func dictionary() throws(Failure) -> JSONObject {
    var object = JSONObject()
    while !take(UInt8(ascii: "}")) {
      skipSpace()
      let start = position
      if current == UInt8(ascii: "u") { position += 1 }
      guard current == UInt8(ascii: "'") || current == UInt8(ascii: "\"") else {
        throw failure("a key in quotes or '}'")
      }
      let key = try string()
      guard object[key] == nil, !key.utf8.contains(0) else {
        throw Failure(offset: start, expected: "another key: this one is a duplicate or holds a null")
      }
      guard object.members.count < Self.keyLimit else {
        throw Failure(offset: start, expected: "at most \(Self.keyLimit) keys")
      }
      guard take(UInt8(ascii: ":")) else { throw failure("':'") }
      object[key] = try value()
      if take(UInt8(ascii: "}")) { break }
      guard take(UInt8(ascii: ",")) else { throw failure("',' or '}'") }
    }
    return object
  }

  private mutating func list() throws(Failure) -> [JSONValue] {
    var elements: [JSONValue] = []
    while !take(UInt8(ascii: "]")) {
      elements.append(try value())
      if take(UInt8(ascii: "]")) { break }
      guard take(UInt8(ascii: ",")) else { throw failure("',' or ']'") }
    }
    return elements
  }

  private mutating func integer() throws(Failure) -> Int64 {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    let digits = position
    while let byte = current, (0x30...0x39).contains(byte) { position += 1 }
    let hasLeadingZero = position - digits > 1 && bytes[digits] == UInt8(ascii: "0")
    guard !hasLeadingZero, let number = Int64(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw Failure(offset: start, expected: "a whole number of 64 bits without leading zeros")
    }
    return number
  }

  private mutating func word() throws(Failure) -> JSONValue {
    let start = position
    while let byte = current, (0x61...0x7a).contains(byte | 0x20) { position += 1 }
    switch String(decoding: bytes[start..<position], as: UTF8.self) {
    case "True": return true
    case "False": return false
    case "None": return .null
    case "u" where current == UInt8(ascii: "'") || current == UInt8(ascii: "\""): return .string(try string())
    default: throw Failure(offset: start, expected: "a value: '…', a number, {…}, […], True, False or None")
    }
  }
}

extension PythonLiteral {
  /// A text in either quotes, with the escapes of the characters that a name or a sentence can hold.
  private mutating func string() throws(Failure) -> String {
    let start = position
    let quote = bytes[position]
    position += 1
    var text: [UInt8] = []
    while let byte = current, byte != quote {
      guard byte >= 0x20 else { throw failure("no control character in a text") }
      position += 1
      text.append(byte == UInt8(ascii: "\\") ? try escaped() : byte)
    }
    guard current == quote else { throw Failure(offset: start, expected: "a text that ends with its quote") }
    position += 1
    guard let string = String(validating: text, as: UTF8.self) else {
      throw Failure(offset: start, expected: "a text in UTF-8")
    }
    return string
  }

  private mutating func escaped() throws(Failure) -> UInt8 {
    defer { position += 1 }
    switch current {
    case UInt8(ascii: "n"): return 0x0a
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): return bytes[position]
    default: throw failure("one of the escapes \\\\ \\' \\\" \\n \\t")
    }
  }
}
