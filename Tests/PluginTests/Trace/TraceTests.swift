import JSON
import Testing

/// `contrailctl trace` says what the kernel has: where anything on the way between two pods is broken, exactly that is
/// named, and `contrailctl doctor --fix` makes everything again that is not inside a pod.
@Suite struct TraceTests {
  /// Pods `left` in n1 and `right` in n2, which a target connects, with eth0 in the default network.
  private struct Lab {
    let node: Node
    let left: Pod
    let right: Pod
    let instances: [NetworkNamespace]
    let transit: NetworkNamespace
    let hostEnds: [String]

    func trace(_ more: String..., to: String? = nil) throws -> JSONValue {
      let outcome = try node.contrailctl(
        arguments: ["trace", "lab/\(left.name)", to ?? "lab/\(right.name)", "-o", "json"] + more)
      let report = try #require(parse(outcome.standardOutput), "\(outcome)")
      #expect(outcome.succeeded == (report["canTalk"] == true), "\(outcome)")
      return report
    }

    /// The pairs over eth1, IPv4 before IPv6.
    func pairs() throws -> [JSONValue] { try trace("--interface", "eth1")["pairs"]?.array ?? [] }

    /// `place: part` of the first fault; empty where they can talk.
    func fault(_ pair: JSONValue) -> String {
      pair["fault"].map { "\($0["place"]?.string ?? "") \($0["part"]?.string ?? "")" } ?? ""
    }
  }

  private func network(_ number: Int, _ more: [String: JSONValue] = [:]) -> JSONValue {
    var object: JSONObject = [
      "ipamV4Subnet": .string("172.16.\(number).0/24"), "ipamV6Subnet": .string("fd00:\(number)::/64"),
    ]
    for (key, value) in more { object[key] = value }
    return definition("n\(number)", .object(object))
  }

  private func withLab(_ body: (Lab) throws -> Void) throws {
    try withNode { node in
      let shared: [String: JSONValue] = ["routeTargetList": ["target:23:1"]]
      try node.apply(labNamespace, network(1, shared), network(2, shared))
      let pods = try (1...2).map { number in
        let pod = try node.makePod()
        try node.add(pod, node.configuration(networks: "n\(number)"))
        return pod
      }
      try node.settle()
      let instances = ["lab.n1", "lab.n2"].map(node.instance)
      try body(
        Lab(
          node: node, left: pods[0], right: pods[1], instances: instances, transit: node.instance("transit"),
          hostEnds: ["lab.n1", "lab.n2"].map { try node.hostEnds(in: $0)[0] }))
    }
  }

  @Test("Two connected networks, and the default one: both families can talk; nothing is changed by asking")
  func connected() throws {
    try withLab { lab in
      let before = try lab.node.namespaces.map { try $0.routes("-4") + $0.routes("-6") }
      let report = try lab.trace()
      let pairs = try #require(report["pairs"]?.array)
      #expect(pairs.count == 4 && pairs.allSatisfy { $0["canTalk"] == true }, "\(report.text())")
      #expect(pairs.map { $0["from"]?["interface"]?.string } == ["eth0", "eth0", "eth1", "eth1"])
      #expect(pairs[2]["reason"] == "target:23:1")
      #expect(try lab.node.namespaces.map { try $0.routes("-4") + $0.routes("-6") } == before)
      let text = try lab.node.contrailctl("trace", "lab/\(lab.left.name)", "172.16.2.2", "--port", "80")
      #expect(text.succeeded && text.standardOutput.contains("Port 80: no rule"), "\(text)")
    }
  }

  /// What is broken by which command, and what the trace has to name for IPv4.
  private struct Break: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let fault: String
    /// Whether `contrailctl doctor --fix` mends it.
    var isMended = true
    let command: @Sendable (Lab) throws -> Void

    init(_ fault: String, isMended: Bool = true, _ command: @escaping @Sendable (Lab) throws -> Void) {
      testDescription = fault
      self.fault = fault
      self.isMended = isMended
      self.command = command
    }
  }

  private static let breaks: [Break] = [
    Break("pod left podRoute") { try Shell.run(["ip", "route", "del", "172.16.2.0/24"], in: $0.left.namespace) },
    Break("pod left podLink", isMended: false) {
      try Shell.run(["ip", "link", "set", "eth1", "down"], in: $0.left.namespace)
    },
    Break("pod right podLink", isMended: false) {
      try Shell.run(["ip", "link", "set", "eth1", "down"], in: $0.right.namespace)
    },
    Break("pod right podAddress", isMended: false) {
      try Shell.run(["ip", "address", "add", "172.16.2.77/24", "dev", "eth1"], in: $0.right.namespace)
      try Shell.run(["ip", "address", "del", "172.16.2.2/24", "dev", "eth1"], in: $0.right.namespace)
    },
    Break("pod right podRoute") { try Shell.run(["ip", "route", "del", "172.16.1.0/24"], in: $0.right.namespace) },
    Break("instance lab/n1 bridge") { try Shell.run(["ip", "link", "del", "contrail0"], in: $0.instances[0]) },
    Break("instance lab/n2 bridge") { try Shell.run(["ip", "link", "del", "contrail0"], in: $0.instances[1]) },
    Break("instance lab/n1 gateway") {
      try Shell.run(["ip", "address", "del", "172.16.1.1/24", "dev", "contrail0"], in: $0.instances[0])
    },
    Break("instance lab/n1 hostEnd") {
      try Shell.run(["ip", "link", "set", $0.hostEnds[0], "nomaster"], in: $0.instances[0])
    },
    Break("instance lab/n2 hostEnd") {
      try Shell.run(["ip", "link", "set", $0.hostEnds[1], "nomaster"], in: $0.instances[1])
    },
    Break("instance lab/n1 sourceFilter") {
      try Shell.run(["nft", "flush", "set", "bridge", "contrail", "bind4"], in: $0.instances[0])
    },
    Break("instance lab/n2 sourceFilter") {
      try Shell.run(["nft", "flush", "set", "bridge", "contrail", "bind4"], in: $0.instances[1])
    },
    Break("instance lab/n1 transitEnd") { try Shell.run(["ip", "link", "del", "tr0"], in: $0.instances[0]) },
    Break("instance lab/n1 instanceRoute") {
      try Shell.run(["ip", "route", "del", "172.16.2.0/24"], in: $0.instances[0])
    },
    Break("instance lab/n2 instanceRoute") {
      try Shell.run(["ip", "route", "del", "172.16.1.0/24"], in: $0.instances[1])
    },
    Break("transit transitLink") { try Shell.run(["ip", "link", "set", "vni6", "down"], in: $0.transit) },
    Break("transit rule") { try Shell.run(["ip", "rule", "del", "iif", "vni5"], in: $0.transit) },
    Break("transit transitRoute") {
      try Shell.run(["ip", "route", "del", "172.16.2.0/24", "table", "\(0x100_0000 + 5)"], in: $0.transit)
    },
    Break("transit reverseRoute") {
      try Shell.run(["ip", "route", "del", "172.16.1.0/24", "table", "\(0x100_0000 + 6)"], in: $0.transit)
    },
    Break("transit transitNamespace", isMended: false) { lab in
      // The namespace lives on by another name: its links are there, its pin is not.
      let other = "\(lab.node.directory)/held"
      try Shell.run(["touch", other])
      try Shell.run(["mount", "--bind", lab.transit.path, other])
      try Shell.run(["umount", lab.transit.path])
    },
  ]

  @Test(
    "Whatever is broken is named, alone; IPv6 goes on where only IPv4 is broken; doctor --fix mends it",
    arguments: breaks)
  private func broken(_ broken: Break) throws {
    try withLab { lab in
      try broken.command(lab)
      let names = ["left": lab.left.name, "right": lab.right.name]
      let fault = names.reduce(broken.fault) { $0.replacing("pod \($1.key)", with: "pod lab/\($1.value)") }
      let report = try lab.trace("--interface", "eth1")
      let pairs = try #require(report["pairs"]?.array)
      #expect(lab.fault(pairs[0]) == fault, "\(report.text())")
      #expect(pairs[0]["remedy"]?.string?.isEmpty == false)
      guard broken.isMended else { return }
      let repair = try lab.node.contrailctl("doctor", "--fix")
      #expect(repair.succeeded, "\(repair)")
      try lab.node.settle()
      let after = try lab.trace("--interface", "eth1")
      #expect(after["canTalk"] == true && after["pairs"]?.array?.map(lab.fault) == ["", ""], "\(after.text())")
      #expect(try lab.node.ping(from: lab.left.namespace, "172.16.2.2"))
    }
  }

  @Test("Where nothing connects the networks, the definitions' reason is given and the kernel's end of the way")
  func unconnected() throws {
    try withLab { lab in
      try lab.node.apply(network(2, ["importRouteTargetList": ["target:23:1"]]))
      var pair = try lab.pairs()[0]
      #expect(pair["canTalk"] == false)
      #expect(pair["reason"]?.string?.contains("lab/n2 imports lab/n1 (target:23:1), but lab/n1 does not") == true)
      try lab.node.apply(network(2))
      pair = try lab.pairs()[0]
      #expect(
        pair["reason"]
          == "no route target and no VirtualNetworkRouter connects k8s-contrail/default-podnetwork or lab/n1 with lab/n2"
      )
      #expect(pair["remedy"]?.string?.hasPrefix("give lab/n1 and lab/n2 a common route target") == true)
      // The default route leads to the node, which knows nothing of the network.
      #expect(lab.fault(pair) == "instance k8s-contrail/default-podnetwork instanceRoute", "\(pair.text())")
    }
  }

  /// Traces between two pods, `nil` where they can talk, else `place part` of the first fault of each address.
  private func faults(_ node: Node, _ one: Pod, _ other: Pod, _ more: String...) throws -> [String] {
    let outcome = try node.contrailctl(
      arguments: ["trace", "lab/\(one.name)", "lab/\(other.name)", "-o", "json"] + more)
    let report = try #require(parse(outcome.standardOutput), "\(outcome)")
    #expect(outcome.succeeded == (report["canTalk"] == true), "\(outcome)")
    return (report["pairs"]?.array ?? []).map { pair in
      pair["fault"].map { "\($0["place"]?.string ?? "") \($0["part"]?.string ?? "")" } ?? ""
    }
  }

  @Test("In the default network: its bridge, its station maps and its forwarding entries; doctor --fix mends them")
  func defaultNetwork() throws {
    try withNode { node in
      try node.apply(labNamespace)
      let (one, other) = (try node.makePod(), try node.makePod())
      let mac = try #require(try [one, other].map { try node.add($0) }[1].container?["mac"]?.string)
      try node.settle()
      #expect(try faults(node, one, other) == ["", ""])
      let instance = "instance k8s-contrail/default-podnetwork"
      let port = try #require(
        try node.namespace.links().last { $0.value["ifalias"]?.string?.hasPrefix(other.container) == true })
      let name = try #require(port.value["ifname"]?.string)
      let breaks: [(command: [String], faults: [String])] = [
        (["nft", "flush", "map", "bridge", "contrail", "station4"], ["\(instance) station", ""]),
        (
          ["bridge", "fdb", "del", mac, "dev", name, "master"],
          ["\(instance) forwardingEntry", "\(instance) forwardingEntry"]
        ),
        (["ip", "link", "del", "contrail0"], ["\(instance) bridge", "\(instance) bridge"]),
      ]
      for entry in breaks {
        try Shell.run(entry.command, in: node.namespace)
        #expect(try faults(node, one, other) == entry.faults, "\(entry.command)")
        let repair = try node.contrailctl("doctor", "--fix")
        #expect(repair.succeeded, "\(repair)")
        #expect(try faults(node, one, other) == ["", ""], "\(entry.command)")
      }
    }
  }

  @Test("In one network, whatever its forwarding mode", arguments: ["l2_l3", "l3", "l2"])
  func oneNetwork(_ mode: String) throws {
    try withNode { node in
      let properties: [String: JSONValue] = ["virtualNetworkProperties": ["forwardingMode": .string(mode)]]
      try node.apply(labNamespace, network(1, properties), network(2, ["routeTargetList": ["target:64512:8000009"]]))
      let pods = try ["n1", "n1", "n2"].map { networks in
        let pod = try node.makePod()
        try node.add(pod, node.configuration(networks: networks))
        return pod
      }
      try node.settle()
      #expect(try faults(node, pods[0], pods[1], "--interface", "eth1") == ["", ""])
      #expect(try node.ping(from: pods[0].namespace, "172.16.1.3"))
      // Into another network, which a network without gateway does not reach.
      #expect(try faults(node, pods[2], pods[0], "--interface", "eth1").allSatisfy(\.isEmpty) == (mode != "l2"))
      #expect(try node.ping(from: pods[2].namespace, "172.16.1.2") == (mode != "l2"))
      guard mode == "l2_l3" else { return }
      for name in try node.hostEnds(in: "lab.n1") {
        try Shell.run(["bridge", "link", "set", "dev", name, "isolated", "on"], in: node.instance("lab.n1"))
      }
      let isolation = "instance lab/n1 isolation"
      #expect(try faults(node, pods[0], pods[1], "--interface", "eth1") == [isolation, isolation])
    }
  }

  @Test("Between a pod of an isolated namespace and one that is not: no, and why")
  func isolatedNamespace() throws {
    try withNode { node in
      try node.apply(
        labNamespace,
        [
          "apiVersion": "v1", "kind": "Namespace",
          "metadata": ["name": "apart", "annotations": ["opencontrail.org/isolation": "true"]],
        ])
      let (one, other) = (try node.makePod(), try node.makePod())
      try node.add(one)
      var environment = node.environment("ADD", other)
      environment["CNI_ARGS"] = other.arguments.replacing("NAMESPACE=lab", with: "NAMESPACE=apart")
      #expect(try node.run(environment, .text(node.configuration().text())).succeeded)
      try node.settle()
      for words in [["lab/\(one.name)", "apart/\(other.name)"], ["apart/\(other.name)", "lab/\(one.name)"]] {
        let outcome = try node.contrailctl(arguments: ["trace"] + words)
        #expect(!outcome.succeeded && outcome.standardOutput.contains("isolated namespace"), "\(outcome)")
      }
    }
  }

  @Test("To an address that is no pod's: as far as the node's routes, through an uplink where the network has one")
  func outside() throws {
    try withNode { node in
      _ = try Outside(of: node)
      try node.apply(labNamespace, network(1, ["fabricSNAT": true]), network(2))
      for (name, isLedOut) in [("n1", true), ("n2", false), ("", true)] {
        let pod = try node.makePod()
        try node.add(
          pod,
          name.isEmpty
            ? node.configuration()
            : node.configuration(annotations: ["v1.multus-cni.io/default-network": .string(name)]))
        try node.settle()
        for address in [Outside.ipv4, Outside.ipv6] {
          let outcome = try node.contrailctl("trace", "lab/\(pod.name)", address)
          #expect(outcome.succeeded == isLedOut, "\(name): \(outcome)")
          #expect(outcome.standardOutput.contains(isLedOut ? "has a way" : "has no way"), "\(name): \(outcome)")
        }
      }
    }
  }

  @Test("Wrong usage: pods that are not there, one pod on both sides, an interface and a port that are none")
  func usage() throws {
    try withLab { lab in
      let pod = "lab/\(lab.left.name)"
      for (arguments, message) in [
        (["trace", "lab/nobody", pod], "pods \"nobody\" not found"), (["trace", pod, pod], "is on both sides"),
        (["trace", pod, "172.16.1.2"], "is on both sides"),
        (["trace", pod, "lab/\(lab.right.name)", "--interface", "eth9"], "has no interface eth9"),
        (["trace", pod, "10.0.0.1", "--port", "0"], "--port: 0"), (["trace", "a/b/c", pod], "is no pod"),
      ] {
        let outcome = try lab.node.contrailctl(arguments: arguments)
        #expect(!outcome.succeeded && outcome.standardError.contains(message), "\(outcome)")
      }
    }
  }
}
