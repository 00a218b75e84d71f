import JSON
import Testing

/// A change of the definitions reaches running pods before the command returns. A pod whose namespace cannot be found from
/// where the command runs is told of by name, with what it lacks and how it gets it; all others are served.
@Suite struct UnseenPodTests {
  private static let target: JSONValue = ["target:1:1"]

  private func network(_ number: Int, isConnected: Bool) -> JSONValue {
    var object: JSONObject = ["ipamV4Subnet": .string("172.16.\(number).0/24")]
    if isConnected { object["routeTargetList"] = Self.target }
    return definition("n\(number)", .object(object))
  }

  /// Hides the pod's namespace while `body` runs: nothing is mounted where the runtime had it, as in a container that does
  /// not share the runtime's mounts.
  private func hiding(_ pod: Pod, _ node: Node, _ body: () throws -> Void) throws {
    let other = "\(node.directory)/elsewhere-\(randomHex(3))"
    try writeFile(other, "")
    try Shell.run(["mount", "--bind", pod.namespace.path, other])
    node.onCleanup { _ = try? Shell.run(["umount", other]) }
    try Shell.run(["umount", pod.namespace.path])
    defer { _ = try? Shell.run(["mount", "--bind", other, pod.namespace.path]) }
    try body()
  }

  private func reaches(_ pod: Pod, _ prefix: String) throws -> Bool {
    try pod.namespace.routes("-4").contains { $0.hasPrefix(prefix) }
  }

  @Test("apply and delete name a pod that they cannot see; the others are told; doctor --fix gives it what it lacks")
  func routes() throws {
    try withNode { node in
      try node.apply(labNamespace, network(1, isConnected: true), network(2, isConnected: false))
      let pods = [try node.makePod(), try node.makePod()]
      for pod in pods { try node.add(pod, node.configuration(networks: "n1")) }
      let far = try node.makePod()
      try node.add(far, node.configuration(networks: "n2"))

      try hiding(pods[0], node) {
        let outcome = try node.contrailctl("apply", "-f", "-", input: network(2, isConnected: true).text())
        try expectNamed(outcome, pods[0], lacks: "should have those to 172.16.2.0/24")
      }
      #expect(try !reaches(pods[0], "172.16.2.0/24") && reaches(pods[1], "172.16.2.0/24"))
      #expect(try reaches(far, "172.16.1.0/24"))
      let mended = try node.contrailctl("doctor", "--fix")
      #expect(mended.succeeded, "\(mended)")
      #expect(try reaches(pods[0], "172.16.2.0/24"))

      try hiding(pods[0], node) {
        let outcome = try node.contrailctl("delete", "net-attach-def", "n2", "-n", "lab")
        try expectNamed(outcome, pods[0], lacks: "should have none to other networks")
      }
      #expect(try reaches(pods[0], "172.16.2.0/24") && !reaches(pods[1], "172.16.2.0/24"))
    }
  }

  private func expectNamed(_ outcome: Outcome, _ pod: Pod, lacks: String) throws {
    let lines = outcome.standardError.lines.filter { $0.hasPrefix("error: not brought up to date: ") }
    #expect(!outcome.succeeded && lines.count == 1, "\(outcome)")
    let line = try #require(lines.first)
    for words in ["pod lab/\(pod.name): ", pod.namespace.path, "in network lab/n1", lacks, "doctor --fix"] {
      #expect(line.contains(words), "\(line)")
    }
  }

  @Test("A pod that is gone without a DEL lacks nothing, and is not told of")
  func gone() throws {
    try withNode { node in
      try node.apply(labNamespace, network(1, isConnected: true), network(2, isConnected: false))
      let pods = [try node.makePod(), try node.makePod()]
      for (pod, name) in zip(pods, ["n1", "n2"]) { try node.add(pod, node.configuration(networks: name)) }
      #expect(try node.hostEnds(in: "lab.n1").count == 1)
      node.destroy(pods[0])
      // The kernel takes its links away a moment later.
      try Monotonic.wait { try node.hostEnds(in: "lab.n1").isEmpty }
      let outcome = try node.contrailctl("apply", "-f", "-", input: network(2, isConnected: true).text())
      #expect(outcome.succeeded && outcome.standardError.isEmpty, "\(outcome)")
    }
  }
}
