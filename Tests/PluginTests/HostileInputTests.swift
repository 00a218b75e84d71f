import JSON
import Testing

/// Input that wants to hang, crash or fill the node: one error that says what is wrong, in the memory of a small process,
/// and nothing changed.
@Suite struct HostileInputTests {
  struct Hostile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var code: Int64 = 6
    /// What stands in the error's details.
    var detail = ""
    /// Makes standard input of a good configuration.
    let input: @Sendable (JSONValue) -> [UInt8]
  }

  /// Of address space: input and its copies, and no more than 100,000 values.
  private static let memory = 640 << 20

  static let inputs: [Hostile] = [
    .init(testDescription: "a million open brackets", detail: "nested more than 64 levels") { _ in
      Array(repeating: UInt8(ascii: "["), count: 1_000_000)
    },
    .init(testDescription: "nested deeply below an unknown key", detail: "nested more than 64 levels") {
      $0.with("\"x\":" + String(repeating: "{\"a\":[", count: 50_000))
    },
    .init(testDescription: "five million empty objects", detail: "more than 100000 values") {
      $0.with("\"x\":[" + String(repeating: "{},", count: 5_000_000) + "{}],")
    },
    .init(testDescription: "a duplicate key behind 16 MiB", detail: "duplicate key \"name\"") {
      $0.with("\"name\":\"a\",\"x\":\"\(String(repeating: "x", count: 16 << 20))\",")
    },
    .init(testDescription: "a NUL in a text", detail: "control character 0x00") { $0.with("\"x\":\"a\0b\",") },
    .init(testDescription: "an escaped NUL in a key", detail: "\\u0000") { $0.with(#""a\u0000b":1,"#) },
    .init(testDescription: "bytes that are no UTF-8", detail: "not valid UTF-8") { $0.with("\"x\":\"\u{1}\",", 0xff) },
    .init(testDescription: "an integer of 65 bits", detail: "18446744073709551616 does not fit into 64 bits") {
      $0.with("\"x\":18446744073709551616,")
    },
    .init(testDescription: "an integer of 10 MB", detail: "does not fit into 64 bits") {
      $0.with("\"x\":\(String(repeating: "9", count: 10_000_000)),")
    },
    .init(testDescription: "a number beyond a double", detail: "beyond the range of a double") {
      $0.with("\"x\":1e400,")
    },
    .init(testDescription: "more than 32 MiB", code: 5) {
      $0.with("\"x\":\"\(String(repeating: "x", count: 33 << 20))\",")
    },
    .init(testDescription: "an annotation's name of 16 MiB with a number", code: 7) {
      let key = String(repeating: "k", count: 16 << 20)
      return $0.with("\"runtimeConfig\":{\"io.kubernetes.cri.pod-annotations\":{\"\(key)\":1}},")
    },
    .init(testDescription: "a selection of 16 MiB of names", code: 7) {
      $0.annotated(String(repeating: "a,", count: 8 << 20))
    },
    .init(testDescription: "a selection of 16 MiB of brackets", code: 7, detail: "nested more than 64 levels") {
      $0.annotated(String(repeating: "[", count: 16 << 20))
    },
    .init(testDescription: "a selection with an element of 16 MiB", code: 7) {
      $0.annotated(String(repeating: "a", count: 16 << 20))
    },
  ]

  @Test("ADD and STATUS", arguments: inputs)
  func refused(_ hostile: Hostile) throws {
    try withNode { node in
      let pod = try node.makePod()
      let input = hostile.input(node.configuration())
      try expectUnchanged(node) {
        let outcome = try node.start(
          node.environment("ADD", pod), .bytes(input), wrapper: ["/usr/bin/prlimit", "--as=\(Self.memory)"]
        ).finish()
        let error = expectError(hostile.code, outcome)
        #expect(error?["details"]?.string?.contains(hostile.detail) == true || hostile.detail.isEmpty, "\(outcome)")
        #expect(outcome.standardOutput.utf8.count < 10_000)
      }
    }
  }

  @Test("An annotation of 16 MiB that is nobody's business changes nothing")
  func hugeAnnotation() throws {
    try withNode { node in
      let pod = try node.makePod()
      let huge = JSONValue.string(String(repeating: "x", count: 16 << 20))
      let configuration = node.configuration(annotations: ["example.org/huge": huge])
      for verb in ["ADD", "DEL"] {
        let outcome = try node.start(
          node.environment(verb, pod), .text(configuration.text()),
          wrapper: ["/usr/bin/prlimit", "--as=\(Self.memory)"]
        ).finish()
        #expect(outcome.succeeded, "\(verb): \(outcome.standardError)")
      }
    }
  }

  @Test(
    "Manifests: one line that names the place",
    arguments: [
      (String(repeating: "[", count: 100_000), "64 levels"),
      (String(repeating: "{\"a\":", count: 100_000), "64 levels"),
      ("a: 1\nb: 2\na: 3\n", "line 3"), ("a: \"\\0\"\n\u{0}", "yaml"), ("a: 1e999\n", "range of a double"),
      (#"{"a": 1, "a": 2}"#, "duplicate key"), (#"{"a": 18446744073709551616}"#, ""),
      ("a: &a [x]\nb: &b [\(bomb("a"))]\nc: &c [\(bomb("b"))]\nd: &d [\(bomb("c"))]\ne: [\(bomb("d"))]\n", "million"),
    ])
  func manifest(text: String, word: String) throws {
    try withNode { node in
      let outcome = try node.contrailctl("apply", "-f", "-", input: text)
      #expect(outcome.ending == .exited(1), "\(outcome)")
      #expect(outcome.standardError.hasPrefix("error: ") && outcome.standardError.contains(word), "\(outcome)")
      #expect(outcome.standardError.utf8.count < 2000)
    }
  }
}

/// Fifty copies of what an anchor marks.
private func bomb(_ name: String) -> String { Array(repeating: "*\(name)", count: 50).joined(separator: ", ") }

extension JSONValue {
  /// The object's text with more members at its start; the first character U+0001 stands for this byte.
  fileprivate func with(_ members: String, _ byte: UInt8 = 1) -> [UInt8] {
    Array("{".utf8) + members.utf8.map { $0 == 1 ? byte : $0 } + Array(text().utf8.dropFirst())
  }

  fileprivate func annotated(_ selection: String) -> [UInt8] {
    let annotations: JSONValue = ["k8s.v1.cni.cncf.io/networks": .string(selection)]
    let configuration = setting("runtimeConfig", ["io.kubernetes.cri.pod-annotations": annotations])
    return Array(configuration.text().utf8)
  }
}
