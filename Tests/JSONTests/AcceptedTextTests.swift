import JSON
import Testing

/// What RFC 8259 allows is read as what it says.
@Suite struct AcceptedTexts {
  static let scalars: [(String, JSONValue)] = [
    ("null", .null), ("true", .bool(true)), (" false\n", .bool(false)),
    ("0", .integer(0)), ("-0", .integer(0)), ("12", .integer(12)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .unsigned(1 << 63)), ("18446744073709551615", .unsigned(.max)),
    ("1.5", .double(1.5)), ("-0.0", .double(-0.0)), ("1e3", .double(1000)), ("1E+2", .double(100)),
    ("25e-1", .double(2.5)), ("1.7976931348623157e308", .double(.greatestFiniteMagnitude)), ("1e-400", .double(0)),
    ("\"\"", .string("")), (#""a\"\\\/\b\f\n\r\t""#, .string("a\"\\/\u{8}\u{c}\n\r\t")),
    (#""\u00e9\u20AC""#, .string("é€")), (#""\ud83d\ude00""#, .string("😀")),
    ("\"😀\u{10ffff}\"", .string("😀\u{10ffff}")),
    (#""a\u0000b""#, .string("a\0b")), ("\"\u{7f}\"", .string("\u{7f}")), ("\"//\"", .string("//")),
    ("[]", []), ("{}", [:]), ("[1,[],{}]", [1, [], [:]]), (" [ 1 , 2 ] ", [1, 2]),
    ("\t{\r\n\"a\" : { \"b\" : null } }", ["a": ["b": nil]]),
    (#"{"":1,"é":2}"#, ["": 1, "é": 2]),
  ]

  @Test(arguments: scalars) func read(text: String, value: JSONValue) throws {
    #expect(try JSONValue(parsing: text) == value)
  }

  /// An object keeps its members' order, and keys differ when their bytes do, even where Unicode calls them equal.
  @Test func memberOrder() throws {
    let object = try #require(try JSONValue(parsing: #"{"z":1,"a":2,"m":3,"\u00e9":4,"e\u0301":5}"#).object)
    #expect(object.keys.map { Array($0.utf8) } == ["z", "a", "m", "é", "e\u{301}"].map { Array($0.utf8) })
    #expect(object["e\u{301}"] == 5)
    #expect(object["é"] == 4)
    #expect(object["missing"] == nil)
  }

  /// Sixty-four levels are the most.
  @Test func depth() throws {
    func nested(_ levels: Int) -> String {
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    _ = try JSONValue(parsing: nested(64))
    let error = try #require(throws: JSONError.self) { try JSONValue(parsing: nested(65)) }
    #expect(error.reason == .tooDeep(limit: 64))
    #expect(error.offset == 64)
    #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: "{\"a\":", count: 100_000)) }
  }

  /// A Go program's keys are found in any case, but an exact one comes first.
  @Test func keysInAnyCase() throws {
    let object = try #require(try JSONValue(parsing: #"{"HostPort":1,"hostport":2,"Servers":3}"#).object)
    #expect(object.member(ignoringCase: "hostport")?.value == 2)
    #expect(object.member(ignoringCase: "hostPort")?.value == 1)
    #expect(object.member(ignoringCase: "servers")?.key == "Servers")
    #expect(object.member(ignoringCase: "serverz") == nil)
    #expect(object["servers"] == nil)
  }
}
