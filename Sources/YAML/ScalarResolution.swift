internal import JSON

/// What scalars without quotes mean: YAML 1.1 as the Go library reads it that kubectl uses. Times stay texts, and so do
/// base-60 numbers.
extension Scalar {
  func value(tag: String, _ mark: Mark) throws(YAMLError) -> JSONValue {
    let prefix = "tag:yaml.org,2002:"
    guard tag.isEmpty || tag == "!" || tag.hasPrefix(prefix) else {
      throw mark.error("the tag \(tag) has no meaning here")
    }
    switch tag.dropFirst(prefix.count) {
    case "": return isPlain && tag.isEmpty ? try resolved(mark) : .string(text)
    case "str", "timestamp": return .string(text)
    case "null", "bool", "int", "float":
      let value = try resolved(mark)
      guard value.matches(tag: tag.dropFirst(prefix.count)) else {
        throw mark.error("\(JSONValue.string(text)) is not what its tag \(tag) says")
      }
      return value
    default: throw mark.error("the tag \(tag) has no meaning here")
    }
  }

  private func resolved(_ mark: Mark) throws(YAMLError) -> JSONValue {
    if let word = words[text] { return word }
    guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return .string(text) }
    if [".nan", ".inf", "+.inf", "-.inf"].contains(text.lowercased()) {
      throw mark.error("JSON has no \(text)")
    }
    let digits = text.filter { $0 != "_" }
    if let number = integer(digits) { return number }
    guard isDecimal(digits.utf8) else { return .string(text) }
    guard let number = Double(digits), number.isFinite else {
      throw mark.error("the number \(text) is beyond the range of a double")
    }
    return .double(number)
  }
}

extension JSONValue {
  fileprivate func matches(tag: Substring) -> Bool {
    switch (tag, self) {
    case ("null", .null), ("bool", .bool), ("int", .integer), ("int", .unsigned), ("float", .double),
      ("float", .integer):
      true
    default: false
    }
  }
}

private let words: [String: JSONValue] = {
  var words: [String: JSONValue] = [:]
  for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] { words[word] = true }
  for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] { words[word] = false }
  for word in ["", "~", "null", "Null", "NULL"] { words[word] = .null }
  return words
}()

/// Decimal, `0x`, `0o` or a leading `0` for octal, `0b`, with a sign.
private func integer(_ text: String) -> JSONValue? {
  var rest = text[...]
  var sign = ""
  if let first = rest.first, first == "-" || first == "+" {
    sign = first == "-" ? "-" : ""
    rest = rest.dropFirst()
  }
  guard let first = rest.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
  var radix = 10
  let bases: [Substring: Int] = ["0x": 16, "0X": 16, "0o": 8, "0O": 8, "0b": 2, "0B": 2]
  if let base = bases[rest.prefix(2)] {
    (radix, rest) = (base, rest.dropFirst(2))
  } else if first == UInt8(ascii: "0") && rest.utf8.count > 1 {
    (radix, rest) = (8, rest.dropFirst())
  }
  // A second sign would satisfy the initialisers.
  guard rest.first != "-" && rest.first != "+" else { return nil }
  if let number = Int64(sign + rest, radix: radix) { return .integer(number) }
  return sign.isEmpty ? UInt64(rest, radix: radix).map { .unsigned($0) } : nil
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
private func isDecimal(_ text: String.UTF8View) -> Bool {
  var rest = text[...]
  func sign() { if let byte = rest.first, "+-".utf8.contains(byte) { rest = rest.dropFirst() } }
  func digits() -> Int {
    let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
    rest = rest.dropFirst(count)
    return count
  }
  sign()
  var count = digits()
  if rest.first == UInt8(ascii: ".") {
    rest = rest.dropFirst()
    count += digits()
  }
  guard count > 0 else { return false }
  if let byte = rest.first, "eE".utf8.contains(byte) {
    rest = rest.dropFirst()
    sign()
    if digits() == 0 { return false }
  }
  return rest.isEmpty
}

/// Whether a reader would take the text, if it stood without quotes, for something else than a text.
func isAmbiguous(_ text: String) -> Bool {
  if text == "<<" || text == "=" { return true }
  let plain = Scalar(text: text, isPlain: true)
  guard case .string? = try? plain.value(tag: "", Mark(line: 0, column: 0)) else { return true }
  return isTime(text.utf8) || isBase60(text.utf8)
}

/// `2022-08-19`, `2022-08-19T20:58:39Z`
private func isTime(_ text: String.UTF8View) -> Bool {
  let parts = text.prefix(10).split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
  guard parts.count == 3, parts[0].count == 4 else { return false }
  return [parts[0], parts[1], parts[2].prefix(1)].joined().allSatisfy { (0x30...0x39).contains($0) }
}

/// `02:11:8:30`: YAML 1.1 reads a number to the base of 60, which other readers do.
private func isBase60(_ text: String.UTF8View) -> Bool {
  let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
  return parts.count > 1 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x30...0x39).contains($0) } }
}
