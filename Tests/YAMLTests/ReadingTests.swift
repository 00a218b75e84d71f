import JSON
import Testing

@testable import YAML

private func values(_ text: String) throws -> [JSONValue] {
  try YAMLDocument.documents(in: Array(text.utf8)).map(\.value)
}

/// What stands without quotes means what it means to kubectl; in quotes it is a text.
@Test(
  arguments: [
    ("x", "x"), ("5", 5), ("-5", -5), ("+5", 5), ("0x1f", 31), ("0o17", 15), ("017", 15), ("0b101", 5), ("1_000", 1000),
    ("1.5", 1.5), (".5", 0.5), ("1e3", .double(1000)), ("18446744073709551615", .unsigned(UInt64.max)),
    ("18446744073709551616", .double(18_446_744_073_709_551_616)), ("089", .double(89)),
    ("true", true), ("Yes", true), ("on", true), ("y", true), ("no", false), ("OFF", false), ("n", false),
    ("~", nil), ("null", nil), ("", nil), ("nil", "nil"), ("tRUE", "tRUE"),
    ("'5'", "5"), ("\"yes\"", "yes"), ("!!str 5", "5"), ("! 5", "5"), ("!!int '5'", 5),
    ("!!timestamp 2022-08-19", "2022-08-19"),
    ("2022-08-19T20:58:39Z", "2022-08-19T20:58:39Z"), ("02:11:8e:c0:2f:e0", "02:11:8e:c0:2f:e0"), ("1:20", "1:20"),
    ("172.16.10.1", "172.16.10.1"), ("target:23:4561", "target:23:4561"), ("-", "-"), ("--5", "--5"), (".", "."),
    ("1.e", "1.e"), ("é", "é"),
  ] as [(String, JSONValue)])
func scalars(_ text: String, _ expected: JSONValue) throws {
  // A lone dash starts a list; inside of a flow mapping nothing else is meant.
  let document = text == "-" ? "{k: '-'}" : "k: \(text)\n"
  #expect(try values(document) == [.object(["k": expected])])
}

@Test func documentsAndTheirLines() throws {
  let text = "# nothing\n---\na: 1\n---\n---\n# c\n\nb: [1, {c: d}]\n...\n---\nlist:\n- 1\n-  - 2\n"
  let documents = try YAMLDocument.documents(in: Array(text.utf8))
  #expect(documents.map(\.line) == [3, 8, 11])
  #expect(documents.map { "\($0.value)" } == [#"{"a":1}"#, #"{"b":[1,{"c":"d"}]}"#, #"{"list":[1,[2]]}"#])
  #expect(try values("") == [])
}

/// Folding decides what annotations say: a line break is a space, an empty line is a line break.
@Test func foldedAndLiteralText() throws {
  let text = """
      a: '{
        "ipamV4Subnet": "172.16.10.0/24",

        "x": 1

        }'
      b: |
        one
          two
      c: >-
        one
        two

    """
  #expect(
    try values(text) == [
      ["a": "{ \"ipamV4Subnet\": \"172.16.10.0/24\",\n\"x\": 1\n}", "b": "one\n  two\n", "c": "one two"]
    ])
}

@Test func keysAreTexts() throws {
  #expect(try values("{1: a, yes: b, 1.5: c, 'n': d}") == [["1": "a", "true": "b", "1.5": "c", "n": "d"]])
}

@Test func aliasesAndMerges() throws {
  let text = """
    base: &base {a: 1, b: 2}
    copy: *base
    merged: {<<: *base, b: 3}
    both:
      <<: [{c: 1}, {c: 2, d: 3}]
      a: 0
    """
  #expect(
    try values(text) == [
      [
        "base": ["a": 1, "b": 2], "copy": ["a": 1, "b": 2], "merged": ["b": 3, "a": 1],
        "both": ["a": 0, "c": 1, "d": 3],
      ]
    ])
}

/// What is wrong is said with its line and column.
@Test(arguments: [
  ("a: 1\nb: 2\na: 3", 3, 1, "duplicate key \"a\", which line 1 has already"),
  ("a:\n  b: 1\n  b: 2", 3, 3, "duplicate key \"b\", which line 2 has already"),
  ("a: 1\n---\nb: {1: x, '1': y}", 3, 11, "duplicate key \"1\", which line 3 has already"),
  ("a: b: c", 1, 5, "mapping values are not allowed in this context"),
  ("a:\n  b: 1\n c: 2", 3, 2, "did not find expected key while parsing a block mapping that starts in line 1"),
  (
    "a:\n\tb: 1", 2, 1,
    "a tab, '@', '`' or '%' cannot stand here: indent with spaces, and put text that starts so in quotes"
  ),
  ("a: 'x", 1, 6, "found unexpected end of stream while scanning a quoted scalar"),
  ("a: *x", 1, 4, "the alias *x has no anchor &x before it in this document"),
  ("a: &x 1\n---\nb: *x", 3, 4, "the alias *x has no anchor &x before it in this document"),
  ("a: &x [*x]", 1, 8, "the alias *x stands inside of what &x marks"),
  ("a: !other b", 1, 4, "the tag !other has no meaning here"),
  ("a: !!int b", 1, 4, "\"b\" is not what its tag tag:yaml.org,2002:int says"),
  ("a: !!binary aGk=", 1, 4, "the tag tag:yaml.org,2002:binary has no meaning here"),
  ("a: .nan", 1, 4, "JSON has no .nan"), ("a: -.Inf", 1, 4, "JSON has no -.Inf"),
  ("a: 1e999", 1, 4, "the number 1e999 is beyond the range of a double"),
  ("? [a]\n: b", 1, 3, "a key must be a text"), ("~: b", 1, 1, "a key must be a text"),
  ("a: {<<: 5}", 1, 9, "<< takes a mapping, or a list of mappings"),
  ("\"\\0\": b", 1, 1, "a key must not contain U+0000"),
])
func errors(_ text: String, line: Int, column: Int, reason: String) {
  #expect(throws: YAMLError(line: line, column: column, reason: reason)) { try values(text) }
}

@Test func invalidTextIsPlaced() {
  #expect(throws: YAMLError(line: 2, column: 4, reason: "invalid leading UTF-8 octet")) {
    try YAMLDocument.documents(in: Array("a: 1\nb: ".utf8) + [0xff])
  }
}

/// Neither a deep text nor aliases of aliases take the memory.
@Test func limits() {
  let deep = String(repeating: "[", count: 70)
  #expect(throws: YAMLError(line: 1, column: 65, reason: "nested more than 64 levels deep")) { try values(deep) }
  let laughs = (1...9).map { level in
    "a\(level): &a\(level) [\(Array(repeating: level == 1 ? "x" : "*a\(level - 1)", count: 9).joined(separator: ","))]"
  }.joined(separator: "\n")
  let error = #expect(throws: YAMLError.self) { try values(laughs) }
  #expect(error?.reason.hasPrefix("more than a million values") == true)
}
