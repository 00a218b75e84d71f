import JSON
import Testing

/// What stands in the way of an ADD on the machine itself: a namespace that is none, missing rights, a full or
/// read-only directory, pods that other keys cannot serve.
@Suite struct BadMachineTests {
  enum Netns: String, CaseIterable, Sendable {
    case regularFile = "a regular file"
    case directory = "a directory"
    case otherNamespace = "a mount namespace"
    case device = "a device"
    case missing = "nothing"
  }

  @Test("A netns that is no network namespace", arguments: Netns.allCases)
  func noNamespace(_ kind: Netns) throws {
    try withNode { node in
      var pod = try node.makePod()
      switch kind {
      case .regularFile:
        pod.netns = "\(node.directory)/file"
        try writeFile(pod.netns, "")
      case .directory: pod.netns = node.directory
      case .otherNamespace: pod.netns = "/proc/self/ns/mnt"
      case .device: pod.netns = "/dev/null"
      case .missing: pod.netns = "/run/netns/ct-never-made"
      }
      try expectUnchanged(node) {
        let error = expectError(8, naming: [pod.netns], try node.run("ADD", pod, node.configuration()))
        #expect(error?["details"]?.string?.isEmpty == false)
      }
    }
  }

  @Test("Not root", arguments: ["ADD", "STATUS"])
  func notRoot(_ verb: String) throws {
    try withNode { node in
      let pod = try node.makePod()
      try expectUnchanged(node) {
        let wrapper = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]
        let outcome = try node.start(
          node.environment(verb, verb == "ADD" ? pod : nil), .text(node.configuration().text()), wrapper: wrapper
        ).finish()
        let error = parse(outcome.standardOutput)
        #expect(!outcome.succeeded && error?["code"]?.integer == (verb == "ADD" ? 5 : 50), "\(outcome)")
        #expect(outcome.standardOutput.contains("root"), "the remedy is named: \(outcome)")
        #expect(error?["details"]?.string?.isEmpty == false, "\(outcome)")
      }
    }
  }

  /// ADD only reads the state directory, and a missing one is an empty one; a directory that cannot even be read is
  /// another matter.
  @Test("DEL works with a read-only and with a full state directory", arguments: [true, false])
  func stateDirectory(_ readOnly: Bool) throws {
    try withNode { node in
      let pod = try node.makePod()
      try node.add(pod)
      try mount(readOnly: readOnly, on: node.stateDirectory, node)
      if !readOnly { try Shell.run(["sh", "-c", "cat /dev/zero > \(node.stateDirectory)/filler || true"]) }
      try node.delete(pod)
      #expect(try node.hostEnds().isEmpty && Store(node).attachments().isEmpty)
    }
  }

  @Test("A corrupt store is reported, and kept while pods live", arguments: ["ADD", "STATUS"])
  func corruptStore(_ verb: String) throws {
    try withNode { node in
      let attached = try node.makePod()
      let pod = try node.makePod()
      try node.add(attached)
      let path = "\(node.runDirectory)/attachments.db"
      try writeFile(path, String(repeating: "not a database ", count: 1000))
      let before = try Shell.run(["md5sum", path])
      let outcome = try node.run(verb, verb == "ADD" ? pod : nil, node.configuration())
      expectError(verb == "ADD" ? 104 : 50, naming: [path], outcome)
      #expect(try Shell.run(["md5sum", path]) == before, "the evidence is untouched")
      #expect(try node.hostEnds().count == 1)
    }
  }

  @Test("A store of a newer version is refused by name and left as it is")
  func newerStore() throws {
    try withNode { node in
      let pod = try node.makePod()
      try node.add(pod)
      try node.delete(pod)
      let path = "\(node.runDirectory)/attachments.db"
      try Store.setSchemaVersion(99, of: path)
      let before = try Shell.run(["md5sum", path])
      expectError(104, naming: [path, "99"], try node.run("ADD", pod, node.configuration()))
      #expect(try Shell.run(["md5sum", path]) == before)
    }
  }

  @Test("The node's pods in another network namespace: code 5, nothing dropped")
  func foreignEpoch() throws {
    try withNode { node in
      let pod = try node.makePod()
      let other = try node.makePod()
      try node.add(pod)
      let elsewhere = try node.makeNamespace()
      try expectUnchanged(node) {
        let outcome = try Child(
          [Programs.plugin()], environment: node.environment("ADD", other),
          input: .text(node.configuration().text()), in: elsewhere
        ).finish()
        expectError(5, outcome)
      }
      try node.delete(pod)
    }
  }

  @Test(
    "Networks that do not exist are refused by name, wherever they are named",
    arguments: [
      ("k8s.v1.cni.cncf.io/networks", "net1"), ("k8s.v1.cni.cncf.io/networks", "[{\"name\":\"net1\"}]"),
      ("v1.multus-cni.io/default-network", "net1"), ("net.juniper.contrail.podnetwork", "ns/net1"),
      ("opencontrail.org/network", "{'domain':'d','project':'p','name':'net1'}"),
    ])
  func otherNetworks(_ annotation: (key: String, value: String)) throws {
    try withNode { node in
      let pod = try node.makePod()
      let configuration = node.configuration(
        annotations: .object(JSONObject([(annotation.key, .string(annotation.value))])))
      try expectUnchanged(node) {
        expectError(11, naming: [annotation.key, "net1"], try node.run("ADD", pod, configuration))
      }
    }
  }

  @Test(
    "No annotations, empty ones and null are the same",
    arguments: [JSONValue.null, [:], ["k8s.v1.cni.cncf.io/networks": ""]])
  func noAnnotations(_ annotations: JSONValue) throws {
    try withNode { node in
      let pod = try node.makePod()
      try node.add(pod, node.configuration(annotations: annotations))
    }
  }
}
