import JSON
import Testing

/// Which network `eth0` is on: the pod's annotations, its namespace's, the cluster's default; and where the pod's
/// annotations come from.
@Suite struct PodNetworkTests {
  struct Choice: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let annotations: JSONValue
    var networks = ["lab/dual"]
    var addresses = ["172.16.20.2", "fd00:20::2"]
  }

  static let key = "net.juniper.contrail.podnetwork"

  static let choices: [Choice] = [
    .init(testDescription: "CN2", annotations: ["net.juniper.contrail.podnetwork": "lab/dual"]),
    .init(
      testDescription: "CN2 with an address",
      annotations: [
        "net.juniper.contrail.podnetwork": "lab/dual",
        "net.juniper.contrail.podnetwork.ip": "172.16.20.44, fd00:20::44",
      ], addresses: ["172.16.20.44", "fd00:20::44"]),
    .init(
      testDescription: "CN2 with arguments",
      annotations: [
        "net.juniper.contrail.podnetwork": "lab/dual",
        "net.juniper.contrail.podnetwork.cni-args": #"{"core.juniper.net/health-check": "h"}"#,
      ]),
    .init(
      testDescription: "Tungsten Fabric, Python quoting",
      annotations: [
        "opencontrail.org/network": "{'domain': 'default-domain', 'project': 'k8s-lab', 'name': 'k8s-dual-pod-network'}"
      ]),
    .init(
      testDescription: "Tungsten Fabric, JSON",
      annotations: ["opencontrail.org/network": #"{"domain": "default-domain", "project": "lab", "name": "dual"}"#]),
    .init(testDescription: "Multus", annotations: ["v1.multus-cni.io/default-network": "dual"]),
    .init(
      testDescription: "Multus with addresses",
      annotations: ["v1.multus-cni.io/default-network": #"[{"name": "dual", "ips": ["172.16.20.9"]}]"#],
      addresses: ["172.16.20.9", "fd00:20::2"]),
    .init(
      testDescription: "beside a selection",
      annotations: ["net.juniper.contrail.podnetwork": "lab/dual", "k8s.v1.cni.cncf.io/networks": "dual,a"],
      networks: ["lab/dual", "lab/dual", "lab/a"]),
  ]

  @Test("eth0 is on the network that the pod chose, with its default routes", arguments: choices)
  func chosen(_ choice: Choice) throws {
    try withLab(isWarm: false) { node in
      let pod = try node.makePod()
      try expectChosen(choice, node, pod, node.configuration(annotations: choice.annotations))
    }
  }

  /// podman passes no annotations and only a name: the namespace is `default`.
  @Test("Annotations of the stored pod count where the runtime passes none", arguments: choices, [true, false])
  func stored(_ choice: Choice, hasNamespace: Bool) throws {
    try withLab(isWarm: false) { node in
      let pod = try node.makePod()
      var environment = node.environment("ADD", pod)
      if !hasNamespace { environment["CNI_ARGS"] = "IgnoreUnknown=1;K8S_POD_NAME=\(pod.name)" }
      // Names without a namespace are of the pod's.
      if !hasNamespace && choice.testDescription != "CN2" { return }
      try node.apply(["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "default"]])
      try node.apply(storedPod(pod, in: hasNamespace ? "lab" : "default", choice.annotations))
      let outcome = try node.run(environment, .text(node.configuration().text()))
      try expectChosen(choice, try #require(parse(outcome.standardOutput)), pod)
      // What the runtime passes overrules the store, even if it is nothing.
      try node.delete(pod)
      #expect(try node.add(pod, node.configuration(annotations: [:])).ipv4.hasPrefix("10.32."))
    }
  }

  @Test("The namespace chooses for its pods, and a pod overrules it")
  func namespace() throws {
    try withLab(isWarm: false) { node in
      try node.apply([
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": ["name": "lab", "annotations": [.init(Self.key): "lab/dual"]],
      ])
      let pods = [try node.makePod(), try node.makePod()]
      #expect(try node.add(pods[0]).ipv4 == "172.16.20.2")
      let annotations: JSONValue = ["v1.multus-cni.io/default-network": "k8s-contrail/default-podnetwork"]
      #expect(try node.add(pods[1], node.configuration(annotations: annotations)).ipv4.hasPrefix("10.32."))
    }
  }

  @Test(
    "A network that is no pod network, or is not there, is an error and leaves nothing",
    arguments: [
      (7, ["net.juniper.contrail.podnetwork": "lab/a"], "lab/a"),
      (11, ["net.juniper.contrail.podnetwork": "lab/nowhere"], "lab/nowhere"),
      (7, ["net.juniper.contrail.podnetwork": "a b"], "a b"),
      (11, ["v1.multus-cni.io/default-network": "nowhere"], "nowhere"),
      (7, ["v1.multus-cni.io/default-network": "a,b"], "default-network"),
      (7, ["opencontrail.org/network": "{'domain': "], "opencontrail.org/network"),
      (
        7, ["net.juniper.contrail.podnetwork": "lab/dual", "net.juniper.contrail.podnetwork.ip": "172.16.99.1"],
        "annotation net.juniper.contrail.podnetwork.ip: 172.16.99.1"
      ),
    ] as [(Int64, JSONValue, String)])
  func refused(_ code: Int64, _ annotations: JSONValue, _ word: String) throws {
    try withLab { node in
      let pod = try node.makePod()
      try expectUnchanged(node) {
        expectError(code, naming: [word], try node.run("ADD", pod, node.configuration(annotations: annotations)))
      }
    }
  }

  private func expectChosen(_ choice: Choice, _ node: Node, _ pod: Pod, _ configuration: JSONValue) throws {
    let result = try node.add(pod, configuration)
    try expectChosen(choice, result, pod)
    expectSilentSuccess(try node.check(pod, result, configuration))
    try node.delete(pod, configuration)
    #expect(try node.pins().isEmpty && pod.namespace.linkNames() == ["lo"])
  }

  private func expectChosen(_ choice: Choice, _ result: JSONValue, _ pod: Pod) throws {
    #expect(result.addresses.compactMap { $0.split(separator: "/").first.map(String.init) } == choice.addresses)
    for (index, network) in choice.networks.enumerated() {
      #expect(result.status("eth\(index)")?["name"]?.string == network)
    }
    #expect(try pod.namespace.routes("-4").contains("default via 172.16.20.1 dev eth0"))
    #expect(try pod.namespace.routes("-6").contains("default via fd00:20::1 dev eth0"))
  }

  /// The layout of CN2's documentation, byte for byte.
  @Test("network-status in the result, and what contrailctl prints")
  func status() throws {
    try withNode { node in
      try node.apply(
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "lab"]],
        definition("vn1", ["ipamV4Subnet": "172.16.10.0/24"]))
      let pod = try node.makePod()
      try node.apply(storedPod(pod, [:]))
      let configuration = node.configuration(networks: "vn1").setting(
        "contrail.pod-network",
        [
          "ipamV4Subnet": "10.244.0.0/16"
        ])
      let result = try node.add(pod, configuration)
      let macs = try ["eth0", "eth1"].map { try #require(try pod.namespace.link($0)).mac }
      let expected = """
        [{
            "name": "k8s-contrail/default-podnetwork",
            "interface": "eth0",
            "ips": [
                "10.244.0.2"
            ],
            "mac": "\(macs[0])",
            "default": true,
            "dns": {}
        },{
            "name": "lab/vn1",
            "interface": "eth1",
            "ips": [
                "172.16.10.2"
            ],
            "mac": "\(macs[1])",
            "dns": {}
        }]
        """
      #expect(result["k8s.v1.cni.cncf.io/network-status"]?.string == expected)
      let printed = try node.contrailctl("get", "network-status", pod.name, "-n", "lab")
      #expect(printed.standardOutput == expected + "\n", "\(printed)")
    }
  }
}
