import JSON
import Testing

/// The CNI protocol as seen from outside (cases 1–16): one JSON object on standard output, errors too, and the exit
/// status; nothing on the machine changes.
@Suite struct ProtocolTests {
  @Test("1: without an environment the plugin says what it is, on standard error")
  func about() throws {
    try withNode { node in
      let outcome = try node.run([:], .text(""))
      #expect(outcome.succeeded && outcome.standardOutput.isEmpty, "\(outcome)")
      for version in supportedVersions { #expect(outcome.standardError.contains(version)) }
    }
  }

  static let versionCalls: [(String, [String: String], Child.Input)] = [
    ("2: standard input closed", ["CNI_COMMAND": "VERSION"], .closed),
    ("standard input empty", ["CNI_COMMAND": "VERSION"], .text("")),
    ("3: dummy namespace", ["CNI_COMMAND": "VERSION", "CNI_NETNS": "dummy", "CNI_IFNAME": "dummy"], .text("{}")),
    ("bad container ID", ["CNI_COMMAND": "VERSION", "CNI_CONTAINERID": "-a/b"], .text("{\"cniVersion\":\"0.4.0\"}")),
  ]

  @Test("VERSION needs nothing and validates nothing", arguments: versionCalls)
  func version(_ call: (title: String, environment: [String: String], input: Child.Input)) throws {
    try withNode { node in
      let outcome = try node.run(call.environment, call.input)
      let answer = try #require(parse(outcome.standardOutput), "\(call.title): \(outcome)")
      #expect(outcome.succeeded)
      #expect(answer["supportedVersions"]?.strings == supportedVersions)
      #expect(answer["cniVersion"]?.string != nil)
    }
  }

  /// What is changed in a valid ADD, the code, and the words the message must hold.
  struct BadEnvironment: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let changes: [String: String?]
    var code: Int64 = 4
    var words: [String] = []
  }

  static let badEnvironments: [BadEnvironment] = [
    .init(testDescription: "4: unknown command", changes: ["CNI_COMMAND": "NOPE"], words: ["NOPE"]),
    .init(testDescription: "5: lower case command", changes: ["CNI_COMMAND": "add"], words: ["add"]),
    .init(
      testDescription: "6: two variables missing", changes: ["CNI_NETNS": nil, "CNI_IFNAME": nil],
      words: ["CNI_NETNS", "CNI_IFNAME"]),
    .init(
      testDescription: "6: empty equals unset", changes: ["CNI_NETNS": "", "CNI_CONTAINERID": ""],
      words: ["CNI_NETNS", "CNI_CONTAINERID"]),
    .init(testDescription: "7: ID -a", changes: ["CNI_CONTAINERID": "-a"], words: ["-a"]),
    .init(testDescription: "7: ID a/b", changes: ["CNI_CONTAINERID": "a/b"], words: ["a/b"]),
    .init(testDescription: "7: ID with a trailing newline", changes: ["CNI_CONTAINERID": "a\n"]),
    .init(testDescription: "8: ifname of 16 bytes", changes: ["CNI_IFNAME": "abcdefghijklmnop"]),
    .init(testDescription: "9: eight letters of two bytes", changes: ["CNI_IFNAME": "üüüüüüüü"]),
    .init(testDescription: "10: ifname .", changes: ["CNI_IFNAME": "."]),
    .init(testDescription: "10: ifname ..", changes: ["CNI_IFNAME": ".."]),
    .init(testDescription: "10: ifname a b", changes: ["CNI_IFNAME": "a b"], words: ["a b"]),
    .init(testDescription: "10: ifname a:b", changes: ["CNI_IFNAME": "a:b"], words: ["a:b"]),
    .init(testDescription: "10: ifname a/b", changes: ["CNI_IFNAME": "a/b"], words: ["a/b"]),
  ]

  @Test("Bad environment: code 4 and the culprit's name", arguments: badEnvironments)
  func badEnvironment(_ bad: BadEnvironment) throws {
    try withNode { node in
      let pod = try node.makePod()
      var environment = node.environment("ADD", pod)
      for (key, value) in bad.changes { environment[key] = value }
      try expectUnchanged(node) {
        expectError(bad.code, naming: bad.words, try node.run(environment, .text(node.configuration().text())))
      }
    }
  }

  @Test(
    "8: an interface name of 15 bytes, and one of 7 letters of two bytes", arguments: ["abcdefghijklmno", "üüüüüüü"])
  func longInterfaceName(_ name: String) throws {
    try withNode { node in
      var pod = try node.makePod()
      pod.interface = name
      let result = try node.add(pod)
      #expect(result["interfaces"]?.array?.contains { $0["name"]?.string == name } == true)
      try node.delete(pod)
    }
  }
}

let supportedVersions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"]
