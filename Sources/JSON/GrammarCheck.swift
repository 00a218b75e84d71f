/// Checks a text against the grammar of RFC 8259, byte by byte, without building anything.
///
/// libjson-c parses far more than JSON (single quotes, NaN, comments, duplicate keys, numbers that saturate) even in its
/// strict mode; only what passes here is given to it.
struct GrammarCheck {
  /// How deep arrays and objects may nest.
  static let depthLimit = 64

  let bytes: [UInt8]
  var position = 0
  /// The number of members of each object, in the order of their opening braces. The library lets the last of several
  /// equal keys win, so an object that has fewer members than this says has a duplicate.
  private(set) var memberCounts: [Int] = []
  private let keyDecoder: ((ArraySlice<UInt8>) -> [UInt8])?
  private var depth = 0
  /// How many values may still come.
  private var budget: Int
  private let valueLimit: Int

  /// - Parameter keyDecoder: with it, a duplicate key is found here, named and placed: slower, for the error message.
  init(_ bytes: [UInt8], valueLimit: Int = .max, keyDecoder: ((ArraySlice<UInt8>) -> [UInt8])? = nil) {
    self.bytes = bytes
    self.valueLimit = valueLimit
    budget = valueLimit
    self.keyDecoder = keyDecoder
  }

  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ reason: JSONError.Reason, at offset: Int? = nil) -> JSONError {
    JSONError(reason, at: offset ?? position, in: bytes)
  }

  mutating func document() throws(JSONError) {
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { throw failure(.byteOrderMark) }
    skipSpace()
    if current == nil { throw failure(.empty) }
    try value()
    skipSpace()
    if let byte = current {
      throw failure(byte == UInt8(ascii: "/") ? .comment : .trailingText(found: shown(byte)))
    }
  }

  private mutating func value() throws(JSONError) {
    guard let byte = current else { throw failure(.truncated) }
    if budget == 0 { throw failure(.tooMany(limit: valueLimit)) }
    budget -= 1
    switch byte {
    case UInt8(ascii: "{"): try nested { (check) throws(JSONError) in try check.object() }
    case UInt8(ascii: "["): try nested { (check) throws(JSONError) in try check.array() }
    case UInt8(ascii: "\""): try string(isKey: false)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    default: throw unexpected("a value")
    }
  }

  private mutating func nested(_ body: (inout GrammarCheck) throws(JSONError) -> Void) throws(JSONError) {
    if depth == Self.depthLimit { throw failure(.tooDeep(limit: Self.depthLimit)) }
    depth += 1
    position += 1
    skipSpace()
    try body(&self)
    depth -= 1
  }

  private mutating func object() throws(JSONError) {
    let slot = memberCounts.count
    memberCounts.append(0)
    if take(UInt8(ascii: "}")) { return }
    var seen: Set<[UInt8]> = []
    repeat {
      skipSpace()
      let start = position
      guard current == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
      try string(isKey: true)
      if let keyDecoder, case let key = keyDecoder(bytes[start..<position]), !seen.insert(key).inserted {
        throw failure(.duplicateKey(String(decoding: key, as: UTF8.self)), at: start)
      }
      memberCounts[slot] += 1
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
      skipSpace()
      try value()
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw unexpected("',' or '}'") }
  }

  private mutating func array() throws(JSONError) {
    if take(UInt8(ascii: "]")) { return }
    repeat {
      skipSpace()
      try value()
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw unexpected("',' or ']'") }
  }

  private mutating func word(_ word: StaticString) throws(JSONError) {
    let start = position
    for index in 0..<word.utf8CodeUnitCount where !take(unsafe word.utf8Start[index]) {
      if current == nil { throw failure(.truncated) }
      throw failure(.unexpected(found: found, expected: word.description), at: start)
    }
  }

  private mutating func skipSpace() {
    while position < bytes.count, case let byte = bytes[position], byte == 0x20 || (byte <= 0x0d && isSpace(byte)) {
      position += 1
    }
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x0a || byte == 0x0d || byte == 0x09 }

  mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  private var found: String { current.map(shown) ?? "the end" }

  func unexpected(_ expected: String) -> JSONError {
    switch current {
    case nil: failure(.truncated)
    case UInt8(ascii: "/"): failure(.comment)
    case let byte?: failure(.unexpected(found: shown(byte), expected: expected))
    }
  }
}
