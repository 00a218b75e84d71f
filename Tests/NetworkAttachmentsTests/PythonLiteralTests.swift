import JSON
import NetworkAttachments
import Testing

/// The literal means what Python means by it; everything else is refused with its place.
@Suite struct PythonLiteralTests {
  static let values: [(String, JSONValue)] = [
    ("{'a': 'b'}", ["a": "b"]), (#"{"a": 'b', 'c': "d'e"}"#, ["a": "b", "c": "d'e"]),
    ("{u'a': u\"b\", }", ["a": "b"]), ("{}", [:]), (" [ ] ", []), ("[1, -2, 0,]", [1, -2, 0]),
    ("[True, False, None]", [true, false, nil]), (#"'\'\"\\\n\t'"#, "'\"\\\n\t"), ("'é'", "é"),
    ("{'x': {'y': [{'z': 1}]}}", ["x": ["y": [["z": 1]]]]), ("9223372036854775807", 9_223_372_036_854_775_807),
    ("{\n'domain':'default-domain',\t'project' : 'k8s-ns'\r\n}", ["domain": "default-domain", "project": "k8s-ns"]),
  ]

  @Test(arguments: values) func value(text: String, value: JSONValue) throws {
    #expect(try PythonLiteral.value(parsing: text) == value)
  }

  static let failures: [(String, Int)] = [
    ("", 0), ("{", 1), ("{'a'}", 4), ("{'a': }", 6), ("{'a': 1", 7), ("{'a': 1 'b': 2}", 8), ("{1: 2}", 1),
    ("{'a': 'b'} x", 11),
    ("'a", 0), ("'a\nb'", 2), (#"'\x41'"#, 2), (#"'a\"#, 3), ("true", 0), ("null", 0), ("01", 0), ("-", 0), ("1.5", 1),
    ("9223372036854775808", 0), ("[1 2]", 3), ("[,]", 1), ("('a',)", 0), ("{'a': 1, 'a': 2}", 9), ("b'a'", 0),
    ("{,}", 1),
    ("{'a': __import__('os')}", 6), ("'\u{0}'", 1), ("[-]", 1),
  ]

  @Test(arguments: failures) func failure(text: String, offset: Int) throws {
    let failure = try #require(throws: PythonLiteral.Failure.self) { try PythonLiteral.value(parsing: text) }
    #expect(failure.offset == offset)
    #expect(failure.description.hasPrefix("byte \(offset): expected "))
  }

  @Test(arguments: [16, 17, 100_000]) func depth(depth: Int) {
    let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    #expect(((try? PythonLiteral.value(parsing: text)) != nil) == (depth <= PythonLiteral.depthLimit))
  }

  @Test(arguments: [64, 65, 100_000]) func keys(count: Int) {
    let text = "{" + (0..<count).map { "'\($0)': 1" }.joined(separator: ", ") + "}"
    #expect(((try? PythonLiteral.value(parsing: text)) != nil) == (count <= PythonLiteral.keyLimit))
  }
}
