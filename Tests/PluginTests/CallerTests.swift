import JSON
import Testing

/// What real runtimes send is accepted, as they send it.
@Suite struct CallerTests {
  @Test("All captured calls are here")
  func complete() {
    #expect(CapturedCall.all.count == 27)
    #expect(Set(CapturedCall.all.map(\.verb)) == ["ADD", "CHECK", "DEL", "GC", "STATUS", "VERSION"])
  }

  /// CHECK and DEL come after an ADD with the same identity; they go by its record, not by today's annotations.
  @Test("A captured call without and with its networks annotation", arguments: CapturedCall.all, [false, true])
  func replay(_ captured: CapturedCall, keepingNetworks: Bool) throws {
    if keepingNetworks && !captured.asksForNetworks { return }
    try withNode { node in
      let pod = try node.makePod()
      var result: JSONValue?
      if ["CHECK", "DEL"].contains(captured.verb) {
        let add = try captured.on(node, pod, verb: "ADD").run(on: node)
        try #require(add.succeeded, "\(add)")
        result = parse(add.standardOutput)
      }
      let outcome = try captured.on(node, pod, keepingNetworks: keepingNetworks, result: result).run(on: node)
      switch captured.verb {
      case "ADD" where keepingNetworks:
        expectError(11, naming: [CapturedCall.networks, "net1"], outcome)
        #expect(try pod.namespace.linkNames() == ["lo"] && node.hostEnds().isEmpty)
      case "ADD": try expectAttached(captured, outcome, pod)
      case "VERSION":
        #expect(outcome.succeeded && parse(outcome.standardOutput)?["supportedVersions"] != nil, "\(outcome)")
      default:
        expectSilentSuccess(outcome)
        #expect(try node.hostEnds().count == (captured.verb == "CHECK" ? 1 : 0))
      }
    }
  }

  private func expectAttached(_ captured: CapturedCall, _ outcome: Outcome, _ pod: Pod) throws {
    let result = try #require(parse(outcome.standardOutput), "\(outcome)")
    #expect(outcome.succeeded, "\(outcome)")
    #expect(result["cniVersion"] == captured.stdin["cniVersion"])
    #expect(result.container?["name"]?.string == captured.environment["CNI_IFNAME"])
    #expect(result.container?["sandbox"]?.string == pod.netns)
    let arguments = captured.environment["CNI_ARGS"]!
    if arguments.contains(";IP=10.251.0.77") {
      #expect(result.addresses.first == "10.251.0.77/24")
      #expect(result.container?["mac"] == "02:11:22:33:44:55")
    }
  }

  @Test(
    "A pod's life under each runtime: ADD, CHECK, DEL, and DEL again without a namespace",
    arguments: CapturedCall.all("ADD"))
  func life(_ captured: CapturedCall) throws {
    try withNode { node in
      let pod = try node.makePod()
      let before = try [Snapshot(of: node.namespace), Snapshot(of: pod.namespace)]
      let result = try #require(parse(try captured.on(node, pod).run(on: node).standardOutput))
      for verb in ["CHECK", "DEL"] {
        expectSilentSuccess(try captured.on(node, pod, verb: verb, result: result).run(on: node), "\(verb)")
      }
      var last = captured.on(node, pod, verb: "DEL")
      last.environment["CNI_NETNS"] = ""
      expectSilentSuccess(try last.run(on: node))
      expectEqual(try Snapshot(of: node.namespace), before[0])
      expectEqual(try Snapshot(of: pod.namespace), before[1])
    }
  }

  @Test("GC as CRI-O sends it: the listed container stays, the others go", arguments: CapturedCall.all("GC"))
  func garbage(_ captured: CapturedCall) throws {
    try withNode { node in
      var kept = try node.makePod()
      kept.container = try #require(captured.stdin["cni.dev/attachments"]?[0]?["containerID"]?.string)
      let name = try #require(captured.stdin["name"]?.string)
      for pod in [kept, try node.makePod()] { try node.add(pod, node.configuration(name: name)) }
      expectSilentSuccess(try captured.on(node, nil).run(on: node))
      #expect(try Store(node).attachments() == [kept.container])
    }
  }

  /// A kubelet repeats a failed or killed ADD under a new container ID, in a new namespace, for the same pod.
  @Test("A retry under a new container ID: the old sandbox's DEL does not touch the new one")
  func retry() throws {
    try withNode { node in
      let first = try node.makePod()
      var second = try node.makePod()
      second.uid = first.uid
      second.name = first.name
      try node.add(first)
      node.destroy(first)
      // The kernel takes a namespace apart after its last user has gone.
      try Monotonic.wait { try node.hostEnds().isEmpty }
      let result = try node.add(second)
      #expect(try Store(node).attachments() == [second.container])
      #expect(try node.hostEnds().count == 1)
      try node.delete(first)
      expectSilentSuccess(try node.check(second, result))
    }
  }

  @Test("While the old sandbox lives, a second one of the same pod takes nothing from it")
  func secondSandbox() throws {
    try withNode { node in
      let first = try node.makePod()
      var second = try node.makePod()
      second.uid = first.uid
      let result = try node.add(first)
      try node.add(second)
      expectSilentSuccess(try node.check(first, result))
    }
  }
}
