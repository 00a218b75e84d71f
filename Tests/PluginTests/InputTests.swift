import JSON
import Testing

/// Standard input that is not a network configuration (cases 11–16): the code says what kind of wrong it is.
@Suite struct InputTests {
  struct BadInput: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: Int64
    var verb = "ADD"
    var words: [String] = []
    let input: @Sendable (JSONValue) -> String
  }

  static let badInputs: [BadInput] = [
    .init(testDescription: "11: empty", code: 6) { _ in "" },
    .init(testDescription: "11: an array", code: 6) { _ in "[]" },
    .init(testDescription: "11: truncated", code: 6) { String($0.text().dropLast(5)) },
    .init(testDescription: "11: something after the object", code: 6) { $0.text() + "x" },
    .init(testDescription: "11: a duplicate key", code: 6) {
      "{\"name\":\"a\"," + $0.text().dropFirst()
    },
    .init(testDescription: "12: no name", code: 7, words: ["name"]) { $0.setting("name", nil).text() },
    .init(testDescription: "12: a bad name", code: 7, words: ["te%%st"]) { $0.setting("name", "te%%st").text() },
    .init(testDescription: "12: a name that is no string", code: 7, words: ["name"]) { $0.setting("name", 7).text() },
    .init(testDescription: "13: version 1.0", code: 1, words: ["1.0"]) { $0.setting("cniVersion", "1.0").text() },
    .init(testDescription: "13: version 9.9.9", code: 1, words: ["9.9.9"]) {
      $0.setting("cniVersion", "9.9.9").text()
    },
    .init(testDescription: "13: on DEL too", code: 1, verb: "DEL", words: ["9.9.9"]) {
      $0.setting("cniVersion", "9.9.9").text()
    },
    .init(testDescription: "14: a version that is a number", code: 6, words: ["cniVersion"]) {
      $0.setting("cniVersion", 1).text()
    },
    .init(testDescription: "15: CHECK at 0.3.1", code: 1, verb: "CHECK", words: ["CHECK", "0.3.1"]) {
      $0.setting("cniVersion", "0.3.1").setting("prevResult", ["cniVersion": "0.3.1"]).text()
    },
    .init(testDescription: "15: CHECK without a version is one at 0.1.0", code: 1, verb: "CHECK") {
      $0.setting("cniVersion", nil).text()
    },
    .init(testDescription: "16: GC at 1.0.0", code: 1, verb: "GC", words: ["GC", "1.0.0"]) {
      $0.setting("cniVersion", "1.0.0").settingMember("cni.dev/valid-attachments", []).text()
    },
    .init(testDescription: "16: STATUS at 1.0.0", code: 1, verb: "STATUS", words: ["STATUS", "1.0.0"]) {
      $0.setting("cniVersion", "1.0.0").text()
    },
    .init(testDescription: "33: CHECK without prevResult", code: 7, verb: "CHECK", words: ["prevResult"]) { $0.text() },
  ]

  @Test("Bad input: its code, and nothing changed", arguments: badInputs)
  func badInput(_ bad: BadInput) throws {
    try withNode { node in
      let pod = try node.makePod()
      let environment = node.environment(bad.verb, ["GC", "STATUS"].contains(bad.verb) ? nil : pod)
      try expectUnchanged(node) {
        expectError(bad.code, naming: bad.words, try node.run(environment, .text(bad.input(node.configuration()))))
      }
    }
  }

  @Test("An error is told in the version of the configuration, where that is known")
  func errorVersion() throws {
    try withNode { node in
      let pod = try node.makePod()
      let configuration = node.configuration(version: "0.4.0").setting("contrail.pod-network.ipamV4Subnet", "x")
      let error = expectError(7, try node.run("ADD", pod, configuration))
      #expect(error?["cniVersion"]?.string == "0.4.0")
    }
  }

  @Test("Unknown keys are kept and ignored")
  func unknownKeys() throws {
    try withNode { node in
      let pod = try node.makePod()
      try node.add(pod, node.configuration().setting("ipMasq", true).setting("contrail.surprise", ["a": 1]))
      try node.delete(pod)
    }
  }

  @Test("41: an annotation of 1 MiB")
  func hugeAnnotation() throws {
    try withNode { node in
      let pod = try node.makePod()
      let huge = JSONValue.string(String(repeating: "x", count: 1 << 20))
      let configuration = node.configuration(annotations: ["example.org/huge": huge])
      let result = try node.add(pod, configuration)
      #expect(try node.check(pod, result, configuration).succeeded)
      try node.delete(pod, configuration)
    }
  }

  @Test("42: CNI_ARGS with a trailing semicolon", arguments: [";", ";;IgnoreUnknown=true;"])
  func trailingSemicolon(_ tail: String) throws {
    try withNode { node in
      let pod = try node.makePod()
      for verb in ["ADD", "DEL"] {
        var environment = node.environment(verb, pod)
        environment["CNI_ARGS"]! += tail
        let outcome = try node.run(environment, .text(node.configuration().text()))
        #expect(outcome.succeeded, "\(outcome)")
      }
    }
  }
}
