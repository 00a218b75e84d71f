import JSON
import Testing

/// Where one network cannot be had, the pod gets none: the error has the right code, names the element, the value and
/// the holder where there is one, and links, store, pins, mounts and locks are as before, `eth0` included (39).
@Suite struct NetworkErrorTests {
  struct Wrong: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var code: Int64
    let networks: String
    /// What the message must name.
    var words: [String]
    /// What message or details must name.
    var hints: [String] = []
  }

  static let wrong: [Wrong] = [
    // What waiting may cure.
    .init(
      testDescription: "39: an unknown network", code: 11, networks: "a, nowhere", words: ["[1]", "lab/nowhere"],
      hints: ["NetworkAttachmentDefinition"]),
    .init(
      testDescription: "39: a network of an unknown namespace", code: 11, networks: "a,missing/x",
      words: ["[1]", "missing/x"], hints: ["no namespace missing"]),
    .init(
      testDescription: "a network of another domain", code: 11, networks: "a,other-domain:k8s-lab:a",
      words: ["[1]", "other-domain:k8s-lab:a"]),
    .init(
      testDescription: "39: an exhausted pool", code: 11, networks: "a,tiny", words: ["[1]", "lab/tiny"],
      hints: ["10.1.1.0/30"]),
    .init(
      testDescription: "39: an address that another pod has", code: 11,
      networks: #"[{"name": "a"}, {"name": "tiny", "ips": ["10.1.1.2"]}]"#,
      words: ["[1]", "ips", "10.1.1.2", "lab/HOLDER"],
      hints: ["ask for another"]),
    .init(
      testDescription: "a MAC address that another pod of the network has", code: 11,
      networks: #"[{"name": "dual", "mac": "02:00:00:00:00:77"}]"#, words: ["[0]", "02:00:00:00:00:77", "lab/HOLDER"]),
    // What is malformed or contradictory.
    .init(
      testDescription: "the gateway's MAC address", code: 7,
      networks: #"[{"name": "a", "mac": "00:00:5e:00:01:00"}]"#, words: ["[0]", "00:00:5e:00:01:00"]),
    .init(
      testDescription: "one MAC address twice in a network", code: 7,
      networks: #"[{"name": "a", "mac": "02:00:00:00:00:78"}, {"name": "a", "mac": "02:00:00:00:00:78"}]"#,
      words: ["[1]", "02:00:00:00:00:78"]),
    .init(
      testDescription: "the gateway's address", code: 7, networks: #"[{"name": "a", "ips": ["172.16.10.1"]}]"#,
      words: ["[0]", "ips", "172.16.10.1", "gateway"],
      hints: ["expected another address"]),
    .init(
      testDescription: "an address outside the subnet", code: 7, networks: #"[{"name": "a", "ips": ["172.16.11.5"]}]"#,
      words: ["[0]", "ips", "172.16.11.5"], hints: ["expected an address of 172.16.10.0/24"]),
    .init(
      testDescription: "an address of a family that the network has not", code: 7,
      networks: #"[{"name": "a", "ips": ["fd00::5"]}]"#, words: ["[0]", "fd00::5", "lab/a"]),
    .init(
      testDescription: "two addresses of a family", code: 7,
      networks: #"[{"name": "a", "ips": ["172.16.10.5", "172.16.10.6"]}]"#, words: ["[0]", "ips"]),
    .init(
      testDescription: "39: an interface clash", code: 7, networks: "a@x1,b@x1", words: ["[1]", "x1"], hints: ["[0]"]),
    .init(
      testDescription: "39: a clash with a numbered interface", code: 7, networks: "a@eth2,b,dual",
      words: ["[0]", "eth2"], hints: ["[2]"]),
    .init(testDescription: "39: a clash with eth0", code: 7, networks: "a,b@eth0", words: ["[1]", "eth0"]),
    .init(testDescription: "the loopback interface", code: 7, networks: "a@lo", words: ["[0]", "lo"]),
    .init(
      testDescription: "an interface name of 16 bytes", code: 7, networks: "a@abcdefghijklmnop",
      words: ["[0]", "abcdefghijklmnop"]),
    .init(
      testDescription: "40: two claimants of the default route", code: 7,
      networks: #"[{"name": "a", "default-route": []}, {"name": "dual", "default-route": ["172.16.20.1"]}]"#,
      words: ["[1]", "default-route"], hints: ["[0]"]),
    .init(
      testDescription: "40: a router outside the network", code: 7,
      networks: #"[{"name": "a", "default-route": ["10.9.9.9"]}]"#, words: ["[0]", "default-route", "10.9.9.9"]),
    .init(
      testDescription: "a malformed annotation, with the place", code: 7, networks: #"[{"name": "a"},, ]"#,
      words: ["k8s.v1.cni.cncf.io/networks"], hints: ["15"]),
    .init(
      testDescription: "a malformed name in the short form, with the place", code: 7, networks: "a, B!",
      words: ["[1]", "B!"], hints: ["at byte 3"]),
    .init(
      testDescription: "an element without a name", code: 7, networks: #"[{"name": "a"}, {}]"#, words: ["[1]", "name"]),
    .init(
      testDescription: "a bad MAC", code: 7, networks: #"[{"name": "a", "mac": "02:aa"}]"#,
      words: ["[0]", "mac", "02:aa"]),
    // What this version cannot do.
    .init(
      testDescription: "bandwidth", code: 2, networks: #"[{"name": "a", "bandwidth": {"ingressRate": 1000}}]"#,
      words: ["[0]", "bandwidth", "1000"]),
    .init(
      testDescription: "portMappings", code: 2,
      networks: #"[{"name": "a", "portMappings": [{"hostPort": 80, "containerPort": 8080}]}]"#,
      words: ["[0]", "portMappings", "8080"]),
    .init(
      testDescription: "infiniband-guid", code: 2,
      networks: #"[{"name": "a", "infiniband-guid": "00:11:22:33:44:55:66:77"}]"#, words: ["[0]", "infiniband-guid"]),
    .init(
      testDescription: "ipam-claim-reference", code: 2, networks: #"[{"name": "a", "ipam-claim-reference": "c1"}]"#,
      words: ["[0]", "ipam-claim-reference", "c1"]),
    .init(
      testDescription: "a VLAN sub-interface", code: 2,
      networks: #"[{"name": "a", "cni-args": {"net.juniper.contrail.vlan": "100"}}]"#,
      words: ["[0]", "net.juniper.contrail.vlan", "100"]),
    .init(
      testDescription: "a key that nobody knows", code: 2, networks: #"[{"name": "a", "colour": "blue"}]"#,
      words: ["[0]", "colour", "(not shown)"]),
  ]

  @Test("The error has its code and names the element, nothing is left", arguments: wrong)
  func refused(_ wrong: Wrong) throws {
    try withLab { node in
      try node.apply(definition("tiny", ["ipamV4Subnet": "10.1.1.0/30"]))
      let holder = try node.makePod()
      let selection = #"[{"name": "tiny"}, {"name": "dual", "mac": "02:00:00:00:00:77"}]"#
      try node.add(holder, node.configuration(networks: selection))
      let pod = try node.makePod()
      try expectUnchanged(node) {
        let outcome = try node.run("ADD", pod, node.configuration(networks: wrong.networks))
        let error = expectError(
          wrong.code, naming: wrong.words.map { replacing($0, ["HOLDER": holder.name]) }, outcome)
        let text = (error?["msg"]?.string ?? "") + (error?["details"]?.string ?? "")
        for hint in wrong.hints { #expect(text.contains(hint), "\(hint) is missing: \(outcome)") }
      }
    }
  }

  @Test("39: an interface that the pod has already, named by its element, stays as it is")
  func foreignInterface() throws {
    try withLab { node in
      let pod = try node.makePod()
      try Shell.run(["ip", "link", "add", "x1", "type", "veth", "peer", "name", "x2"], in: pod.namespace)
      try expectUnchanged(node) {
        let outcome = try node.run("ADD", pod, node.configuration(networks: "a,b@x1"))
        expectError(101, naming: ["[1]", "lab/b", "x1"], outcome)
      }
    }
  }

  /// The kernel's limit for one bridge, in an instance of its own.
  @Test("39: a full bridge names the element and the limit")
  func fullBridge() throws {
    try withLab { node in
      try node.add(try node.makePod(), node.configuration(networks: "b"))
      let script = (1..<1023).map { "link add f\($0) master \(Node.bridge) type veth peer name g\($0)" }
      try Shell.run(["ip", "-batch", "-"], input: script.joined(separator: "\n"), in: node.instance("lab.b"))
      let pod = try node.makePod()
      try expectUnchanged(node) {
        let outcome = try node.run("ADD", pod, node.configuration(networks: "a,b"))
        expectError(11, naming: ["[1]", "lab/b", "1023"], outcome)
      }
    }
  }

  @Test("39: the second network's failure takes the first network's new instance along")
  func newInstance() throws {
    try withLab { node in
      let pod = try node.makePod()
      try Shell.run(["ip", "link", "add", "x1", "type", "veth", "peer", "name", "x2"], in: pod.namespace)
      try expectUnchanged(node) {
        expectError(101, try node.run("ADD", pod, node.configuration(networks: "a,dual@x1")))
        #expect(try node.pins().isEmpty && node.locks().isEmpty && Store(node).allocations() == 0)
      }
    }
  }
}
