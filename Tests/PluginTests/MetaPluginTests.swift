import JSON
import Testing

/// A meta-plugin calls once for every network: that one is attached, at `CNI_IFNAME`, whatever the pod selects.
@Suite struct MetaPluginTests {
  /// The configuration that Multus takes from a NetworkAttachmentDefinition: it passes no annotations.
  private static func configuration(_ node: Node, _ name: String, network: String? = nil) -> JSONValue {
    let configuration = node.configuration(name: name)
    return network.map { configuration.setting("contrail.network", .string($0)) } ?? configuration
  }

  private static func second(_ pod: Pod, _ interface: String = "net1") -> Pod {
    var pod = pod
    pod.interface = interface
    return pod
  }

  @Test(
    "A definition's configuration at net1: by its name, or by contrail.network",
    arguments: [
      ("a", nil, "lab/a", "172.16.10.2"), ("far", nil, "other/far", "192.168.7.2"),
      ("any", "lab/b", "lab/b", "fd00:b::2"), ("any", "other/far", "other/far", "192.168.7.2"),
      ("any", "default-domain:k8s-lab:k8s-a-pod-network", "lab/a", "172.16.10.2"),
    ] as [(String, String?, String, String)])
  func secondNetwork(_ name: String, _ network: String?, _ expected: String, _ address: String) throws {
    try withLab { node in
      let pod = try node.makePod()
      let main = try node.add(pod)
      try expectUnchanged(node) {
        let second = Self.second(pod)
        let configuration = Self.configuration(node, name, network: network)
        let result = try node.add(second, configuration)
        #expect(result.inside == ["net1"])
        #expect(result.status("net1")?["name"]?.string == expected)
        #expect(result.status("net1")?["default"] == nil)
        #expect(result["routes"]?.array?.isEmpty ?? true)
        expectSilentSuccess(try node.check(second, result, configuration))
        #expect(result.addresses.contains { $0.hasPrefix(address.prefix(8)) })
        #expect(try #require(try pod.namespace.link("net1")).addresses.contains(result.addresses[0]))
        try node.delete(second, configuration)
      }
      expectSilentSuccess(try node.check(pod, main))
    }
  }

  @Test("The pod's own selection is not read, neither the runtime's nor the stored pod's")
  func selection() throws {
    try withLab(isWarm: false) { node in
      let pod = Self.second(try node.makePod())
      try node.apply(storedPod(pod, ["k8s.v1.cni.cncf.io/networks": "b,nowhere"]))
      let annotated = node.configuration(networks: "b,nowhere").setting("name", "a")
      #expect(try node.add(pod, annotated).inside == ["net1"])
      #expect(try pod.namespace.linkNames().sorted() == ["lo", "net1"])
    }
  }

  @Test("DEL of net1 spares eth0, DEL of eth0 spares net1, GC counts containers of its own name only")
  func spared() throws {
    try withLab { node in
      let pod = try node.makePod()
      let second = Self.second(pod)
      let configuration = Self.configuration(node, "a")
      let main = try node.add(pod, node.configuration(networks: "b"))
      var result = try node.add(second, configuration)
      try node.delete(second, configuration)
      expectSilentSuccess(try node.check(pod, main, node.configuration(networks: "b")))
      result = try node.add(second, configuration)
      // The runtime's collection for its own network name does not know of net1.
      expectSilentSuccess(
        try node.run("GC", nil, node.configuration().settingMember("cni.dev/valid-attachments", .null)))
      expectSilentSuccess(try node.check(second, result, configuration))
      #expect(try pod.namespace.link("eth0") == nil && pod.namespace.link("eth1") == nil)
      try node.add(pod, node.configuration(networks: "b"))
      let valid: JSONValue = [["containerID": .string(pod.container), "ifname": "eth0"]]
      for name in ["a", "k8s-pod-network"] {
        let collection = node.configuration(name: name).settingMember("cni.dev/valid-attachments", valid)
        expectSilentSuccess(try node.run("GC", nil, collection))
      }
      #expect(try pod.namespace.linkNames().sorted() == ["eth0", "eth1", "lo", "net1"])
      expectSilentSuccess(
        try node.run("GC", nil, configuration.settingMember("cni.dev/valid-attachments", .null)))
      #expect(try pod.namespace.linkNames().sorted() == ["eth0", "eth1", "lo"])
      #expect(try node.pins() == ["lab.b"])
    }
  }

  @Test("An unknown network is code 11, and never the default network instead", arguments: [nil, "lab/nowhere"])
  func unknown(_ network: String?) throws {
    try withLab { node in
      let pod = try node.makePod()
      try node.add(pod)
      try expectUnchanged(node) {
        let configuration = Self.configuration(node, "nowhere", network: network)
        expectError(11, naming: ["nowhere"], try node.run("ADD", Self.second(pod), configuration))
      }
    }
  }

  @Test("A network that the configuration names is the only one, also for a container without any attachment")
  func unknownAlone() throws {
    try withLab { node in
      let pod = try node.makePod()
      try expectUnchanged(node) {
        let configuration = Self.configuration(node, "k8s-pod-network", network: "lab/nowhere")
        expectError(11, naming: ["contrail.network", "lab/nowhere"], try node.run("ADD", pod, configuration))
      }
    }
  }

  @Test("A name that networks of two other namespaces have is code 7 naming both; the pod's own namespace wins")
  func ambiguous() throws {
    try withLab { node in
      try node.apply(
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "third"]],
        definition("far", in: "third", ["ipamV4Subnet": "192.168.8.0/24"]),
        definition("a", in: "third", ["ipamV4Subnet": "192.168.9.0/24"]))
      let pod = Self.second(try node.makePod())
      try expectUnchanged(node) {
        expectError(7, naming: ["other/far", "third/far"], try node.run("ADD", pod, Self.configuration(node, "far")))
      }
      #expect(try node.add(pod, Self.configuration(node, "a")).status("net1")?["name"]?.string == "lab/a")
    }
  }

  /// As podman does for two networks of one configuration directory: the second has a name of its own.
  @Test("The same configuration at another interface attaches again, without a second default route")
  func sameConfiguration() throws {
    try withLab(isWarm: false) { node in
      let pod = try node.makePod()
      try node.add(pod)
      let second = Self.second(pod, "eth1")
      let result = try node.add(second)
      #expect(result.inside == ["eth1"] && result["routes"]?.array?.isEmpty ?? true)
      #expect(try pod.namespace.routes("-4").count { $0.hasPrefix("default") } == 1)
      expectSilentSuccess(try node.check(second, result))
      try node.delete(second)
      try node.delete(pod)
    }
  }

  @Test("Multus' captured calls: eth0 of the cluster's configuration, then net1 of a definition's")
  func captured() throws {
    try withNode { node in
      try node.apply(labNamespace, definition("net1", ["ipamV4Subnet": "10.249.0.0/24"]))
      for captured in CapturedCall.all where captured.testDescription.hasPrefix("multus") {
        let pod = try node.makePod()
        let add = CapturedCall.all.first {
          $0.testDescription.hasPrefix(captured.testDescription.prefix(12)) && $0.verb == "ADD"
        }
        let main = try #require(add).on(node, pod)
        #expect(try main.run(on: node).succeeded)
        var second = captured.on(node, pod, verb: "ADD")
        second.environment["CNI_IFNAME"] = "net1"
        second.environment["CNI_CONTAINERID"] = main.environment["CNI_CONTAINERID"]
        second.stdin = second.stdin.setting("name", "net1").setting("prevResult", nil)
        let outcome = try second.run(on: node)
        let result = try #require(parse(outcome.standardOutput))
        #expect(result.inside == ["net1"] && result.ipv4.hasPrefix("10.249.0."), "\(outcome)")
        second.environment["CNI_COMMAND"] = "DEL"
        expectSilentSuccess(try second.run(on: node))
        #expect(try node.pins().isEmpty && pod.namespace.linkNames().sorted() == ["eth0", "lo"])
        var last = main
        last.environment["CNI_COMMAND"] = "DEL"
        expectSilentSuccess(try last.run(on: node))
        #expect(try Store(node).attachments().isEmpty && node.hostEnds().isEmpty)
      }
    }
  }
}

/// A pod's object, of which the plugin reads the annotations.
func storedPod(_ pod: Pod, in namespace: String = "lab", _ annotations: JSONValue) -> JSONValue {
  [
    "apiVersion": "v1", "kind": "Pod",
    "metadata": ["name": .string(pod.name), "namespace": .string(namespace), "annotations": annotations],
  ]
}
