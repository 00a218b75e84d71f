internal import JSON

/// Whether a text matches `^[a-zA-Z0-9][a-zA-Z0-9_.\-]*\z`, the rule for container IDs and network names.
package func isIdentifier(_ text: String) -> Bool {
  guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
  return text.utf8.allSatisfy {
    isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
  }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
    UInt8(ascii: "A")...UInt8(ascii: "Z"):
    true
  default: false
  }
}

/// Why the kernel or the specification refuses a name for an interface; `nil` where they accept it.
package func interfaceNameProblem(_ name: String) -> String? {
  // IFNAMSIZ is 16, with the terminating null.
  guard (1...15).contains(name.utf8.count) else { return "expected 1 to 15 bytes, not \(name.utf8.count)" }
  // The first two are directories, the others stand for all interfaces among the kernel's parameters.
  if [".", "..", "all", "default"].contains(name) {
    return "expected a name other than '.', '..', 'all' and 'default'"
  }
  var isASCII = true
  var isAllowed = true
  for byte in name.utf8 {
    if byte >= 0x80 { isASCII = false }
    if byte <= 0x20 || byte == 0x7f || byte == UInt8(ascii: "/") || byte == UInt8(ascii: ":") { isAllowed = false }
    // The kernel would number the interface: eth%d.
    if byte == UInt8(ascii: "%") { isAllowed = false }
  }
  if !isASCII && name.unicodeScalars.contains(where: \.properties.isWhitespace) { isAllowed = false }
  return isAllowed ? nil : "expected no '/', ':', '%', white space or control characters"
}

/// A text as a message shows it: in double quotes, with control characters escaped.
package func quoted(_ text: String) -> String { JSONValue.string(text).text() }
