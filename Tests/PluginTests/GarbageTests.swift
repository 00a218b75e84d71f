import JSON
import Testing

/// GC keeps what the runtime lists and removes the rest of this network's (34–36).
@Suite struct GarbageTests {
  static let keys = ["cni.dev/valid-attachments", "cni.dev/attachments"]

  @Test("34: one of three is valid: the others' state is gone", arguments: keys)
  func oneOfThree(_ key: String) throws {
    try withNode { node in
      let pods = try (0..<3).map { _ in try node.makePod() }
      let result = try node.add(pods[0])
      let kept = try node.hostEnds()
      try node.add(pods[1])
      try node.add(pods[2])
      let valid: JSONValue = [["containerID": .string(pods[0].container), "ifname": "eth0"]]
      expectSilentSuccess(try node.run("GC", nil, node.configuration().settingMember(key, valid)))
      #expect(try node.hostEnds() == kept)
      #expect(try Store(node).attachments() == [pods[0].container])
      expectSilentSuccess(try node.check(pods[0], result))
    }
  }

  @Test("35: null, and the empty list: everything of this name is gone", arguments: [JSONValue.null, []])
  func allStale(_ list: JSONValue) throws {
    try withNode { node in
      let pods = try (0..<2).map { _ in try node.makePod() }
      let before = try Snapshot(of: node.namespace)
      for pod in pods { try node.add(pod) }
      node.destroy(pods[0])
      expectSilentSuccess(
        try node.run("GC", nil, node.configuration().settingMember("cni.dev/valid-attachments", list)))
      expectEqual(try Snapshot(of: node.namespace), before)
      #expect(try Store(node).attachments().isEmpty)
    }
  }

  @Test("35: without the key nothing is done")
  func absentKey() throws {
    try withNode { node in
      try node.add(node.makePod())
      try expectUnchanged(node) { expectSilentSuccess(try node.run("GC", nil, node.configuration())) }
    }
  }

  @Test("36: another network's name is left alone")
  func otherName() throws {
    try withNode { node in
      let mine = try node.makePod()
      let other = try node.makePod()
      try node.add(mine)
      let result = try node.add(other, node.configuration(name: "other"))
      expectSilentSuccess(
        try node.run("GC", nil, node.configuration().settingMember("cni.dev/valid-attachments", .null)))
      #expect(try Store(node).attachments() == [other.container])
      expectSilentSuccess(try node.check(other, result, node.configuration(name: "other")))
    }
  }

  @Test(
    "A list that is none is refused, and nothing is collected",
    arguments: ["x", [["containerID": 1]], [1]] as [JSONValue])
  func malformed(_ list: JSONValue) throws {
    try withNode { node in
      try node.add(node.makePod())
      try expectUnchanged(node) {
        let outcome = try node.run("GC", nil, node.configuration().settingMember("cni.dev/valid-attachments", list))
        #expect(!outcome.succeeded && outcome.standardOutput.contains("valid-attachments"), "\(outcome)")
      }
    }
  }

  @Test("STATUS of a healthy node is silent and leaves no trace, before the first pod and after")
  func status() throws {
    try withNode { node in
      let before = try Snapshot(of: node.namespace)
      expectSilentSuccess(try node.run("STATUS", nil, node.configuration()))
      expectEqual(try Snapshot(of: node.namespace), before)
      try node.add(node.makePod())
      try expectUnchanged(node) { expectSilentSuccess(try node.run("STATUS", nil, node.configuration())) }
    }
  }
}
