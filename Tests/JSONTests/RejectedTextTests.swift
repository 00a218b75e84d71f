import JSON
import Testing

/// What is not JSON is refused with its place, above all what the library would accept.
@Suite struct RejectedTexts {
  static let cases: [(String, Int, JSONError.Reason)] = [
    ("", 0, .empty), (" \n ", 3, .empty),
    ("{\"a\":1", 6, .truncated), ("[1,", 3, .truncated), ("\"abc", 4, .truncated), ("tru", 3, .truncated),
    ("\"\\u00", 5, .truncated), ("-", 1, .truncated), ("1.", 2, .truncated), ("1e", 2, .truncated),
    ("{'a':1}", 1, .unexpected(found: "'''", expected: "a key in double quotes")),
    ("['a']", 1, .unexpected(found: "'''", expected: "a value")),
    ("NaN", 0, .unexpected(found: "'N'", expected: "a value")),
    ("Infinity", 0, .unexpected(found: "'I'", expected: "a value")), ("-Infinity", 1, .malformedNumber),
    ("nul", 3, .truncated), ("nulL", 0, .unexpected(found: "'L'", expected: "null")),
    ("True", 0, .unexpected(found: "'T'", expected: "a value")),
    ("[1.]", 3, .malformedNumber), ("[.5]", 1, .unexpected(found: "'.'", expected: "a value")),
    ("01", 0, .malformedNumber), ("-01", 0, .malformedNumber),
    ("[+1]", 1, .unexpected(found: "'+'", expected: "a value")),
    ("[1e+]", 4, .malformedNumber), ("0x10", 1, .trailingText(found: "'x'")),
    ("[1,]", 3, .unexpected(found: "']'", expected: "a value")),
    ("[,1]", 1, .unexpected(found: "','", expected: "a value")),
    ("{\"a\":1,}", 7, .unexpected(found: "'}'", expected: "a key in double quotes")),
    ("{\"a\" 1}", 5, .unexpected(found: "'1'", expected: "':'")),
    ("[1 2]", 3, .unexpected(found: "'2'", expected: "',' or ']'")),
    ("{\"a\":1 \"b\":2}", 7, .unexpected(found: "'\"'", expected: "',' or '}'")),
    ("{} {}", 3, .trailingText(found: "'{'")), ("1 x", 2, .trailingText(found: "'x'")),
    ("{}\0", 2, .trailingText(found: "byte 0x00")),
    ("\u{feff}{}", 0, .byteOrderMark),
    ("/* c */ {}", 0, .comment), ("{} // c", 3, .comment), ("[1 /* c */]", 3, .comment),
    ("\"a\nb\"", 2, .controlCharacter(10)), ("\"\u{1f}\"", 1, .controlCharacter(0x1f)),
    ("\"\0\"", 1, .controlCharacter(0)),
    (#""\x""#, 1, .invalidEscape), (#""\'""#, 1, .invalidEscape), (#""\u12g4""#, 1, .invalidEscape),
    (#""\ud800""#, 1, .loneSurrogate), (#""\udc00""#, 1, .loneSurrogate), (#""\ud800\u0041""#, 1, .loneSurrogate),
    (#""\ud800\n""#, 1, .loneSurrogate), (#""\udc00\udc00""#, 1, .loneSurrogate),
    (#"{"a\u0000b":1}"#, 3, .nullInKey),
    (#"{"a":1,"b":2,"a":3}"#, 13, .duplicateKey("a")), (#"{"a":{"x":1,"\u0078":2}}"#, 12, .duplicateKey("x")),
    (#"[{"a":1},{"b":1,"b":{"c":1}}]"#, 16, .duplicateKey("b")),
    (#"{"a":{"b":1},"a":{"c":1,"d":1}}"#, 13, .duplicateKey("a")),
    ("18446744073709551616", 0, .integerRange("18446744073709551616")),
    ("[-9223372036854775809]", 1, .integerRange("-9223372036854775809")),
    ("1e400", 0, .numberRange("1e400")), ("[-1e400]", 1, .numberRange("-1e400")),
  ]

  @Test(arguments: cases) func refused(text: String, offset: Int, reason: JSONError.Reason) throws {
    let error = try #require(throws: JSONError.self) { try JSONValue(parsing: text) }
    #expect(error.reason == reason)
    #expect(error.offset == offset)
  }

  /// Values of every kind count, keys do not.
  @Test func limit() throws {
    #expect(try JSONValue(parsing: #"{"a":[1,{},"x",null]}"#, limit: 6) == ["a": [1, [:], "x", nil]])
    let error = try #require(throws: JSONError.self) {
      try JSONValue(parsing: #"{"a":[1,{},"x",null]}"#, limit: 5)
    }
    #expect((error.reason, error.offset) == (.tooMany(limit: 5), 15))
  }

  /// Ill-formed UTF-8, by Unicode's table 3-7, at the edges of every row.
  @Test(
    arguments: [
      [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc2], [0xc2, 0x7f], [0xc2, 0xc0], [0xe0, 0x9f, 0xbf], [0xe1, 0x80],
      [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xef, 0xbf], [0xf0, 0x8f, 0xbf, 0xbf], [0xf1, 0x80, 0x80],
      [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff],
    ] as [[UInt8]])
  func invalidUTF8(bytes: [UInt8]) throws {
    let quote = UInt8(ascii: "\"")
    for text in [[quote] + bytes + [quote], [quote] + bytes] {
      let error = try #require(throws: JSONError.self) { try JSONValue(parsing: text) }
      #expect(error.reason == .invalidUTF8)
      #expect(error.offset == 1)
    }
  }

  /// Well-formed UTF-8 at the edges of the same rows is accepted.
  @Test(arguments: ["\u{80}", "\u{7ff}", "\u{800}", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10000}", "\u{10ffff}"])
  func validUTF8(text: String) throws {
    #expect(try JSONValue(parsing: "\"\(text)\"") == .string(text))
  }

  /// The place is a line and a column in bytes, both from 1.
  @Test func place() throws {
    let error = try #require(throws: JSONError.self) { try JSONValue(parsing: "{\n  \"é\": 1,\n  \"b\": x\n}") }
    #expect((error.line, error.column, error.offset) == (3, 8, 20))
    #expect(error.description == "line 3, column 8 (byte 20): found 'x', expected a value")
  }

  @Test func duplicateKeyIsNamed() throws {
    let error = try #require(throws: JSONError.self) { try JSONValue(parsing: "{\"name\":1,\n\"name\":2}") }
    #expect(error.description == "line 2, column 1 (byte 11): duplicate key \"name\"")
  }
}
