import JSON
import Testing

/// Whole lives of pods, as runtimes were seen to lead them. After every step the node has the pod's interfaces or none, and
/// after the last one nothing is left of it: no link, route, rule or neighbour, no row, no lock, no pin.
@Suite struct PodLifeTests {
  @Test("A pod's whole life", arguments: RuntimeLife.all)
  func life(_ life: RuntimeLife) throws {
    try withNode { node in
      let before = try Snapshot(of: node.namespace)
      var stage = try Stage(life, node)
      try stage.play()
      expectEqual(try Snapshot(of: node.namespace), before)
      #expect(try Store(node).rows().filter { !$0.hasPrefix("free ") } == [])
      #expect(try node.pins() + node.locks() == [])
    }
  }
}

/// A node with one pod of a runtime.
private struct Stage {
  let life: RuntimeLife
  let node: Node
  var pod: Pod
  var former: Pod?
  var result: JSONValue?
  /// The container IDs that have a record.
  var attached: [String] = []
  var isConfigurationChanged = false

  init(_ life: RuntimeLife, _ node: Node) throws {
    self.life = life
    self.node = node
    pod = try node.makePod()
    let environment = try life.call("ADD").environment
    pod.container = environment["CNI_CONTAINERID"] ?? ""
    pod.interface = environment["CNI_IFNAME"] ?? ""
    let project = environment["CNI_ARGS"]?.split(separator: ";").first { $0.hasPrefix("K8S_POD_NAMESPACE=") }
    pod.project = project.map { String($0.split(separator: "=")[1]) } ?? "default"
  }

  mutating func play() throws {
    for (index, step) in life.steps.enumerated() {
      let title: Comment = "step \(index + 1), \(step)"
      try make(step, title)
      // A life that is wrong in one step would be in all others.
      try #require(try Store(node).attachments() == attached, title)
    }
  }

  private mutating func make(_ step: RuntimeLife.Step, _ title: Comment) throws {
    switch step {
    case .version:
      let outcome = try run("VERSION", nil)
      #expect(outcome.succeeded && parse(outcome.standardOutput)?["supportedVersions"] != nil, "\(title) \(outcome)")
    case .status: expectSilentSuccess(try run("STATUS", nil), title)
    case .collectOther: expectSilentSuccess(try collect(.null, name: "another"), title)
    case .collect:
      let valid = attached.map { ["containerID": .string($0), "ifname": .string(pod.interface)] as JSONValue }
      expectSilentSuccess(try collect(.array(valid), name: nil), title)
    case .define:
      try node.apply(
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(pod.project)]],
        definition("net1", in: pod.project, ["ipamV4Subnet": "172.16.10.0/24"]))
    case .addRefused:
      expectError(11, naming: ["net1"], try run("ADD", pod), title)
      #expect(try pod.namespace.linkNames() == ["lo"], title)
    case .add: try add(title)
    case .check: expectSilentSuccess(try run("CHECK", pod), title)
    case .delete, .deleteAgain:
      expectSilentSuccess(try run("DEL", pod, isLate: step == .deleteAgain), title)
      attached.removeAll { $0 == pod.container }
    case .deleteFormer:
      let former = try #require(former)
      expectSilentSuccess(try run("DEL", former, isLate: true), title)
      attached.removeAll { $0 == former.container }
    case .newSandbox:
      former = pod
      node.destroy(pod)
      var next = try node.makePod()
      (next.interface, next.project) = (pod.interface, pod.project)
      pod = next
      result = nil
    case .destroyNamespace: node.destroy(pod)
    case .changeConfiguration: isConfigurationChanged = true
    }
  }

  private mutating func add(_ title: Comment) throws {
    let outcome = try run("ADD", pod)
    result = try #require(outcome.succeeded ? parse(outcome.standardOutput) : nil, "\(title) \(outcome)")
    attached.append(pod.container)
    let interfaces = try ["lo", pod.interface] + (life.call("ADD").asksForNetworks ? ["eth1"] : [])
    #expect(try pod.namespace.linkNames().sorted() == interfaces.sorted(), title)
  }

  /// - Parameter isLate: as a runtime calls that has forgotten the namespace and the result.
  private func run(_ verb: String, _ pod: Pod?, isLate: Bool = false) throws -> Outcome {
    let recorded = try life.call(verb)
    let knowsResult = verb == "CHECK" || verb == "DEL" && !isLate
    var call = recorded.on(node, pod, keepingNetworks: true, result: knowsResult ? result : nil)
    if let pod, let former = recorded.environment["CNI_CONTAINERID"] {
      call.environment["CNI_CONTAINERID"] = pod.container
      // Multus detaches what it attached last first; this pod has one interface.
      call.environment["CNI_IFNAME"] = pod.interface
      let arguments = call.environment["CNI_ARGS"] ?? ""
      call.environment["CNI_ARGS"] = arguments.split(separator: former, omittingEmptySubsequences: false)
        .joined(separator: pod.container)
    }
    if isLate { call.environment["CNI_NETNS"] = "" }
    if isConfigurationChanged, verb != "VERSION" {
      call.stdin = call.stdin.setting("contrail.pod-network.ipamV4Subnet", "10.99.0.0/16")
    }
    return try call.run(on: node)
  }

  private func collect(_ valid: JSONValue, name: String?) throws -> Outcome {
    var call = try life.call("GC").on(node, nil)
    for key in GarbageTests.keys { call.stdin = call.stdin.settingMember(key, valid) }
    if let name { call.stdin = call.stdin.settingMember("name", .string(name)) }
    return try call.run(on: node)
  }
}
