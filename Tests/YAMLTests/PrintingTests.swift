import JSON
import Testing
import YAML

/// Layout and quotes are those of kubectl.
@Test func layout() {
  let value: JSONValue = [
    "apiVersion": "v1", "empty": "", "list": ["a", ["b": 1, "c": [2]], []], "map": [:], "null": nil, "number": 1.5,
    "text": "one\ntwo\n", "time": "2022-08-19T20:58:39Z", "truth": true,
  ]
  #expect(
    value.yaml == """
      apiVersion: v1
      empty: ""
      list:
      - a
      - b: 1
        c:
        - 2
      - []
      map: {}
      "null": null
      number: 1.5
      text: |
        one
        two
      time: "2022-08-19T20:58:39Z"
      truth: true

      """)
}

/// Every text comes back as it was, whatever it looks like.
@Test(arguments: [
  "", "x", "5", "yes", "null", "~", "<<", "=", "a: b", "- a", "#c", "a #b", "'", "\"", "{", "[", "*a", "&a", "!a", "%a",
  "@a", "`a", " a", "a ", "\n", "a\n", "a\n\n", "\na", " a\nb", "a\n b\n", "a\tb", "é", "\u{1F600}", "\u{0}", "\u{7F}",
  "a\r\nb", "\u{2028}", "02:11:22:33:44:55", "1:20", "0x1f", "1e3", "---", "...", "- ", "?", ":",
  String(repeating: "a b ", count: 60),
  #"{ "cniVersion": "0.3.1" }"#,
])
func textsComeBack(_ text: String) throws {
  let value: JSONValue = ["k": .string(text), "l": [.string(text)], "z": 1]
  #expect(try YAMLDocument.documents(in: Array(value.yaml.utf8)).map(\.value) == [value])
}
