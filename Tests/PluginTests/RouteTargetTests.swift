import JSON
import Testing

/// Networks exchange packets exactly while each imports a route target that the other exports, or a router connects them.
/// That holds for pods that run when the definitions change, at once, and nobody types a route inside a container.
@Suite struct RouteTargetTests {
  /// A pod with eth1 in a network of its own.
  private struct Member {
    let pod: Pod
    let ipv4: String
    let ipv6: String
  }

  private static func network(_ number: Int, _ settings: [String: JSONValue] = [:], label: String = "") -> JSONValue {
    var object: JSONObject = [
      "ipamV4Subnet": .string("172.16.\(number).0/24"), "ipamV6Subnet": .string("fd00:\(number)::/64"),
    ]
    for (key, value) in settings { object[key] = value }
    let manifest = definition("n\(number)", .object(object))
    return label.isEmpty ? manifest : manifest.setting("metadata.labels", ["side": .string(label)])
  }

  private func add(_ number: Int, on node: Node, _ more: String = "") throws -> Member {
    let pod = try node.makePod()
    try node.add(pod, node.configuration(networks: more.isEmpty ? "n\(number)" : more))
    let link = try #require(try pod.namespace.link("eth1"))
    let address = { (separator: Character) in
      link.addresses.first { $0.contains(separator) && !$0.hasPrefix("fe80") }?.split(separator: "/").first
        .map(String.init) ?? ""
    }
    return Member(pod: pod, ipv4: address("."), ipv6: address(":"))
  }

  /// Whether datagrams from one arrive at the other: `nil` where the families differ.
  private func arrives(_ node: Node, from one: Member, to other: Member, within seconds: Double) throws -> Bool? {
    try node.settle()
    let answers = try [other.ipv4, other.ipv6].map { address in
      // A child of another test, which has not begun yet, may still hold the socket of an earlier question.
      let port = UInt16.random(in: 20000...60000)
      let receiver = try DatagramSocket(in: other.pod.namespace, port: port)
      let sender = try DatagramSocket(in: one.pod.namespace, family: address.contains(":") ? .v6 : .v4)
      // Without a route the kernel says so at once.
      guard (try? sender.send("probe", to: address, port: port)) != nil else { return false }
      return receiver.receive(within: seconds) == "probe"
    }
    return answers[0] == answers[1] ? answers[0] : nil
  }

  private func expect(_ node: Node, _ one: Member, _ other: Member, _ wanted: Bool, _ comment: Comment) throws {
    let seconds = wanted ? 20 : 0.5
    #expect(try arrives(node, from: one, to: other, within: seconds) == wanted, comment)
    #expect(try arrives(node, from: other, to: one, within: seconds) == wanted, comment)
  }

  @Test("A target connects networks, running pods too; without it they are apart; with the last pod the transit goes")
  func targets() throws {
    try withNode { node in
      let shared: [String: JSONValue] = ["routeTargetList": ["target:23:1"]]
      try node.apply(labNamespace, Self.network(1, shared), Self.network(2, shared), Self.network(3))
      let members = try (1...3).map { try add($0, on: node) }
      try expect(node, members[0], members[1], true, "one target")
      try expect(node, members[0], members[2], false, "no target")
      #expect(try members[0].pod.namespace.routes("-4").contains("172.16.2.0/24 via 172.16.1.1 dev eth1"))
      #expect(try !members[0].pod.namespace.routes("-4").contains { $0.contains("172.16.3.0") })

      try node.apply(Self.network(3, shared))
      try expect(node, members[0], members[2], true, "joined while the pods run")
      try node.apply(Self.network(1, ["routeTargetList": ["target:23:2"]]))
      try expect(node, members[0], members[1], false, "left while the pods run")
      try expect(node, members[1], members[2], true, "the others stay")
      #expect(try members[0].pod.namespace.routes("-6").allSatisfy { !$0.hasPrefix("fd00:2::") })

      let later = try add(2, on: node)
      try expect(node, later, members[2], true, "a pod that comes later")
      for member in members + [later] { try node.delete(member.pod) }
      #expect(try Shell.run(["ls", "\(node.runDirectory)/netns"]).isEmpty)
    }
  }

  @Test("A one-way import carries nothing: an answer could not come back")
  func oneWay() throws {
    try withNode { node in
      try node.apply(
        labNamespace, Self.network(1, ["importRouteTargetList": ["target:23:1"]]),
        Self.network(2, ["exportRouteTargetList": ["target:23:1"]]))
      let (one, other) = (try add(1, on: node), try add(2, on: node))
      #expect(try one.pod.namespace.routes("-4").contains("172.16.2.0/24 via 172.16.1.1 dev eth1"))
      #expect(try !other.pod.namespace.routes("-4").contains { $0.contains("172.16.1.0") })
      try expect(node, one, other, false, "one imports only")
      try node.apply(
        Self.network(2, ["exportRouteTargetList": ["target:23:1"], "importRouteTargetList": ["target:23:2"]]),
        Self.network(1, ["exportRouteTargetList": ["target:23:2"], "importRouteTargetList": ["target:23:1"]]))
      try expect(node, one, other, true, "both import")
    }
  }

  private func router(_ name: String, _ type: String, _ label: String, imports: String? = nil) -> JSONValue {
    var spec = JSONObject()
    spec["type"] = .string(type)
    spec["virtualNetworkSelector"] = ["matchLabels": ["side": .string(label)]]
    if let imports {
      let selector: JSONValue = ["matchLabels": ["router": .string(imports)]]
      spec["import"] = ["virtualNetworkRouters": [["virtualNetworkRouterSelector": selector]]]
    }
    return [
      "apiVersion": "core.contrail.juniper.net/v1alpha1", "kind": "VirtualNetworkRouter",
      "metadata": ["name": .string(name), "namespace": "lab", "labels": ["router": .string(name)]],
      "spec": .object(spec),
    ]
  }

  @Test("A mesh connects its members; a hub and its spokes reach each other, two spokes do not; deletion parts them")
  func routers() throws {
    try withNode { node in
      try node.apply(
        labNamespace, Self.network(1, label: "hub"), Self.network(2, label: "spoke"), Self.network(3, label: "spoke"))
      let members = try (1...3).map { try add($0, on: node) }
      try expect(node, members[1], members[2], false, "no router")
      try node.apply(router("m", "mesh", "spoke"))
      try expect(node, members[1], members[2], true, "mesh")
      try expect(node, members[0], members[1], false, "not a member")
      #expect(try node.contrailctl("delete", "vnr", "m", "-n", "lab").succeeded)
      try expect(node, members[1], members[2], false, "mesh deleted")

      try node.apply(router("hub", "hub", "hub", imports: "spoke"), router("spoke", "spoke", "spoke", imports: "hub"))
      try expect(node, members[0], members[1], true, "hub and spoke")
      try expect(node, members[0], members[2], true, "hub and spoke")
      try expect(node, members[1], members[2], false, "spoke and spoke")
      // Not even where somebody with privileges in a pod adds the route by hand.
      try Shell.run(["ip", "route", "add", "172.16.3.0/24", "via", "172.16.2.1"], in: members[1].pod.namespace)
      try expect(node, members[1], members[2], false, "spoke and spoke with a route by hand")
    }
  }

  @Test("Two exporters of one prefix: neither is imported, and the status names both")
  func conflict() throws {
    try withNode { node in
      let shared: [String: JSONValue] = ["routeTargetList": ["target:23:1"]]
      let twin = definition("twin", ["ipamV4Subnet": "172.16.2.0/24", "routeTargetList": ["target:23:1"]])
      try node.apply(labNamespace, Self.network(1, shared), Self.network(2, shared))
      let (one, other) = (try add(1, on: node), try add(2, on: node))
      try expect(node, one, other, true, "before")
      try node.apply(twin)
      let described = try node.contrailctl("describe", "ri", "n1", "-n", "lab").standardOutput
      #expect(described.contains("Failure") && described.contains("lab/n2") && described.contains("lab/twin"))
      #expect(try !one.pod.namespace.routes("-4").contains { $0.contains("172.16.2.0") })
    }
  }

  /// The default pod network's instance is the node's own namespace: its pods are connected, the node is not.
  @Test("A network that imports the default pod network's target exchanges packets with its pods, not with the node")
  func defaultPodNetwork() throws {
    try withNode { node in
      try node.apply(labNamespace, Self.network(1, ["routeTargetList": ["target:64512:8000002"]]))
      let before = try node.namespace.linkNames()
      let first = try node.makePod()
      let other = try node.makePod()
      let result = try node.add(first)
      let configuration = node.configuration(annotations: ["v1.multus-cni.io/default-network": "n1"])
      let otherResult = try node.add(other, configuration)
      for (pod, address) in [
        (first, otherResult.ipv4), (first, otherResult.ipv6), (other, result.ipv4), (other, result.ipv6),
      ] {
        #expect(try node.ping(from: pod.namespace, address), "\(pod.name) to \(address)")
      }
      for address in [otherResult.ipv4, otherResult.ipv6] {
        #expect(try !node.ping(from: node.namespace, address, seconds: 2), "node to \(address)")
      }
      // The gateway answers echo requests; the node's ports are not for others' networks.
      #expect(try node.ping(from: other.namespace, "10.32.0.1"))
      let port = try DatagramSocket(in: node.namespace, port: 7777)
      try DatagramSocket(in: other.namespace, family: .v4).send("probe", to: "10.32.0.1", port: 7777)
      #expect(port.receive(within: 0.2) == nil)
      try DatagramSocket(in: first.namespace, family: .v4).send("control", to: "10.32.0.1", port: 7777)
      #expect(port.receive() == "control")

      try node.apply(Self.network(1))
      #expect(try !node.ping(from: other.namespace, result.ipv4, seconds: 2), "no target")
      for pod in [first, other] { try node.delete(pod) }
      #expect(try node.namespace.linkNames() == before)
    }
  }
}
