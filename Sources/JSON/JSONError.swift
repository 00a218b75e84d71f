/// Why a text is not JSON, and where.
package struct JSONError: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    case empty
    case truncated
    /// What stands there, and what would be right.
    case unexpected(found: String, expected: String)
    case byteOrderMark
    case comment
    case trailingText(found: String)
    case controlCharacter(UInt8)
    case invalidUTF8
    case invalidEscape
    case loneSurrogate
    case nullInKey
    case duplicateKey(String)
    case integerRange(String)
    case numberRange(String)
    case malformedNumber
    case tooDeep(limit: Int)
    case tooMany(limit: Int)
    case tooLarge
    /// The library's own word on a text that our grammar accepts.
    case library(String)
  }

  package let reason: Reason
  /// The number of bytes before the place.
  package let offset: Int
  /// The line, from 1.
  package let line: Int
  /// The column in bytes, from 1.
  package let column: Int

  init(_ reason: Reason, at offset: Int, in bytes: [UInt8]) {
    let before = bytes.prefix(offset)
    let newline = UInt8(ascii: "\n")
    self.reason = reason
    self.offset = offset
    line = 1 + before.count { $0 == newline }
    column = offset - (before.lastIndex(of: newline) ?? -1)
  }
}

extension JSONError: CustomStringConvertible {
  package var description: String { "line \(line), column \(column) (byte \(offset)): \(reason)" }
}

extension JSONError.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .empty: "the text is empty"
    case .truncated: "the text ends in the middle"
    case .unexpected(let found, let expected): "found \(found), expected \(expected)"
    case .byteOrderMark: "a byte order mark is not part of JSON"
    case .comment: "JSON has no comments"
    case .trailingText(let found): "found \(found) after the end of the value"
    case .controlCharacter(let byte): "the control character \(hexadecimal(byte)) in a string must be escaped"
    case .invalidUTF8: "the string is not valid UTF-8"
    case .invalidEscape: "invalid escape in a string; JSON has \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with 4 digits"
    case .loneSurrogate: "\\u escape of half a surrogate pair"
    case .nullInKey: "a key must not contain \\u0000"
    case .duplicateKey(let key): "duplicate key \(JSONValue.string(key))"
    case .integerRange(let text): "the integer \(text) does not fit into 64 bits"
    case .numberRange(let text): "the number \(text) is beyond the range of a double"
    case .malformedNumber: "malformed number"
    case .tooDeep(let limit): "nested more than \(limit) levels deep"
    case .tooMany(let limit): "more than \(limit) values"
    case .tooLarge: "larger than 2 GiB"
    case .library(let text): text
    }
  }
}

/// A byte as an error message shows it.
func shown(_ byte: UInt8) -> String {
  (0x21...0x7e).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte \(hexadecimal(byte))"
}

private func hexadecimal(_ byte: UInt8) -> String { "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }
