import JSON
import Testing

/// A field that is not what it should be is named with all its keys, its value and what would be right.
@Suite struct Fields {
  private func field(_ text: String) throws -> JSONField { JSONField(try JSONValue(parsing: text)) }

  @Test func pathOfNestedField() throws {
    let document = try field(#"{"a":{"b-c":[{"d":1},{"d":"x"}]}}"#)
    let elements = try #require(try document.member("a").member("b-c").array())
    #expect(try elements[1].member("d").path == "a.b-c[1].d")
    let error = try #require(throws: JSONFieldError.self) { try elements[1].member("d").integer(in: 0...9) }
    #expect(error.description == #"a.b-c[1].d is "x", expected a whole number from 0 to 9"#)
  }

  /// A missing field and `null` read as nothing, all the way down.
  @Test func absence() throws {
    let document = try field(#"{"a":null}"#)
    for key in ["a", "z"] {
      let member = try document.member(key)
      #expect(member.isAbsent)
      #expect(try member.string() == nil)
      #expect(try member.bool() == nil)
      #expect(try member.integer(in: 0...1) == nil)
      #expect(try member.array() == nil)
      #expect(try member.object() == nil)
      #expect(try member.strings() == nil)
      #expect(try member.member("deeper").string() == nil)
    }
  }

  @Test func wrongTypes() throws {
    let document = try field(#"{"n":1,"s":"x","l":["a",2],"f":1.5,"u":18446744073709551615}"#)
    #expect(throws: JSONFieldError.self) { try document.member("n").string() }
    #expect(throws: JSONFieldError.self) { try document.member("s").bool() }
    #expect(throws: JSONFieldError.self) { try document.member("s").array() }
    #expect(throws: JSONFieldError.self) { try document.member("l").object() }
    #expect(throws: JSONFieldError.self) { try document.member("s").member("deeper") }
    #expect(throws: JSONFieldError.self) { try document.member("f").integer(in: 0...9) }
    #expect(throws: JSONFieldError.self) { try document.member("u").integer(in: 0...Int64.max) }
    #expect(throws: JSONFieldError.self) { try document.member("n").integer(in: 2...3) }
    #expect(throws: JSONFieldError(path: "l[1]", value: 2, expected: "a string")) { try document.member("l").strings() }
  }

  /// A long value is cut in a message, in the middle of a character if need be.
  @Test func longValue() throws {
    let error = JSONFieldError(path: "a", value: .string(String(repeating: "é", count: 1000)), expected: "less")
    #expect(error.shownValue.utf8.count < 210)
    #expect(error.shownValue.hasSuffix("..."))
  }
}
