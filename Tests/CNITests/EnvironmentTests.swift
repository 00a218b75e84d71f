import CNI
import Testing

func environment(_ variables: [String: String]) throws(CNIError) -> Environment? {
  try Environment { variables[$0] }
}

let validADD = [
  "CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c1", "CNI_NETNS": "/run/netns/x", "CNI_IFNAME": "eth0",
]

/// A call's environment is refused with code 4 before anything is done.
@Suite struct EnvironmentTests {
  @Test func readsEverything() throws {
    var variables = validADD
    variables["CNI_ARGS"] = "A=1"
    variables["CNI_PATH"] = "/opt/cni/bin"
    variables["CNI_NETNS_OVERRIDE"] = "1"
    let read = try #require(try environment(variables))
    #expect(read.verb == .add)
    #expect(read.containerID == "c1")
    #expect(read.netns == "/run/netns/x")
    #expect(read.interfaceName == "eth0")
    #expect(read.arguments["A"] == "1")
    #expect(read.path == "/opt/cni/bin")
    #expect(read.allowsOwnNamespace)
  }

  @Test(arguments: ["", "0", "false"]) func noOverride(value: String) throws {
    let read = try environment(validADD.merging(["CNI_NETNS_OVERRIDE": value]) { $1 })
    #expect(read?.allowsOwnNamespace == false)
  }

  /// Without a command a person is calling.
  @Test(arguments: [[:], ["CNI_COMMAND": ""], ["CNI_COMMAND": "", "CNI_IFNAME": "a/b"]])
  func noCommand(variables: [String: String]) throws {
    #expect(try environment(variables) == nil)
  }

  @Test(arguments: ["add", "Add", "NOPE", "ADD ", " "]) func unknownCommand(command: String) throws {
    let error = try #require(throws: CNIError.self) { try environment(["CNI_COMMAND": command]) }
    #expect(error.code == .invalidEnvironment)
    #expect(error.message.contains("\"\(command)\""))
  }

  /// All that is missing is named at once, and empty counts as missing.
  @Test(arguments: [
    (Verb.add, ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"]),
    (.check, ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"]),
    (.delete, ["CNI_CONTAINERID", "CNI_IFNAME"]),
  ])
  func missing(verb: Verb, names: [String]) throws {
    for variables in [[:], Dictionary(uniqueKeysWithValues: names.map { ($0, "") })] {
      let call = variables.merging(["CNI_COMMAND": verb.rawValue]) { $1 }
      let error = try #require(throws: CNIError.self) { try environment(call) }
      #expect(error.code == .invalidEnvironment)
      #expect(error.message == "\(verb) needs " + names.joined(separator: ", "))
    }
  }

  @Test func missingOne() throws {
    for name in ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"] {
      var call = validADD
      call[name] = nil
      let error = try #require(throws: CNIError.self) { try environment(call) }
      #expect(error.message == "ADD needs \(name)")
    }
  }

  @Test func deletionWithoutNamespace() throws {
    let read = try environment(["CNI_COMMAND": "DEL", "CNI_CONTAINERID": "c", "CNI_IFNAME": "eth0", "CNI_NETNS": ""])
    #expect(read?.netns == "")
  }

  /// Verbs without a container look at nothing else.
  @Test(arguments: [Verb.collectGarbage, .status, .version]) func verbsWithoutContainer(verb: Verb) throws {
    let junk = ["CNI_COMMAND": verb.rawValue, "CNI_CONTAINERID": "-", "CNI_IFNAME": "a/b", "CNI_ARGS": "junk"]
    for call in [["CNI_COMMAND": verb.rawValue], junk] {
      let read = try #require(try environment(call))
      #expect(read.verb == verb)
      #expect(read.containerID == "" && read.interfaceName == "" && read.netns == "")
    }
  }

  @Test(arguments: ["a", "0", "A-b_c.d", String(repeating: "f", count: 300)]) func containerID(id: String) throws {
    #expect(try environment(validADD.merging(["CNI_CONTAINERID": id]) { $1 })?.containerID == id)
  }

  @Test(arguments: ["-a", "_a", ".a", "a/b", "a\n", "a b", "é", "a\u{301}"]) func badContainerID(id: String) throws {
    for verb in [Verb.add, .check, .delete] {
      let call = validADD.merging(["CNI_CONTAINERID": id, "CNI_COMMAND": verb.rawValue]) { $1 }
      let error = try #require(throws: CNIError.self) { try environment(call) }
      #expect(error.code == .invalidEnvironment)
      #expect(error.message.contains("CNI_CONTAINERID"))
    }
  }

  @Test(arguments: ["a", "eth0", "abcdefghijklmno", "...", "a.b", "a-b", "ééééééé", "a@b"])
  func interfaceName(name: String) throws {
    #expect(try environment(validADD.merging(["CNI_IFNAME": name]) { $1 })?.interfaceName == name)
  }

  /// The limit is in bytes: eight two-byte letters are too long.
  @Test(arguments: [
    "abcdefghijklmnop", "éééééééé", ".", "..", "a b", "a:b", "a/b", "a\n", "a\t", "a\u{a0}b", "a\u{2003}b",
  ])
  func badInterfaceName(name: String) throws {
    let error = try #require(throws: CNIError.self) { try environment(validADD.merging(["CNI_IFNAME": name]) { $1 }) }
    #expect(error.code == .invalidEnvironment)
    #expect(error.message.contains("CNI_IFNAME"))
  }
}

/// `CNI_ARGS` is split at the first `=`, empty pairs are skipped, the last of equal keys counts.
@Suite struct ArgumentsTests {
  @Test(
    arguments: [
      ("", nil), ("K=", nil), ("K=v", "v"), ("K=v;", "v"), (";;K=v", "v"), ("K=a=b", "a=b"), ("K=a;K=b", "b"),
      ("k=v", nil), ("X=1;K=v;Y=2", "v"), ("IgnoreUnknown=true;K=1;IgnoreUnknown=1;K=2", "2"),
    ] as [(String, String?)])
  func look(text: String, value: String?) {
    #expect(CNIArguments(text)["K"] == value)
    #expect(CNIArguments(text).malformed.isEmpty)
  }

  @Test func malformedPairFailsADDButNotDEL() throws {
    let call = validADD.merging(["CNI_ARGS": "A=1;junk;B=2"]) { $1 }
    let error = try #require(throws: CNIError.self) { try environment(call) }
    #expect(error.code == .invalidEnvironment)
    #expect(error.message.contains("\"junk\""))
    let deletion = try environment(call.merging(["CNI_COMMAND": "DEL"]) { $1 })
    #expect(deletion?.arguments["B"] == "2")
  }
}
