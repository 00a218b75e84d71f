import JSON
import NetworkAddresses
import NetworkAttachments
import Testing

private func choose(
  _ pod: JSONObject, _ namespace: JSONObject = [:], labels: JSONObject = [:]
) throws(NetworkSelectionError) -> PodNetworkChoice {
  let facts = NamespaceFacts(name: "blue", annotations: namespace, labels: labels)
  return try PodNetworkChoice(podAnnotations: pod, namespace: facts, clusterName: "k8s")
}

private let cn2 = "net.juniper.contrail.podnetwork"
private let tungsten = "opencontrail.org/network"
private let multus = "v1.multus-cni.io/default-network"
private let isolation = "opencontrail.org/isolation"

/// The first that says something chooses the network of eth0: the pod, its namespace, the namespace's isolation, the
/// cluster.
@Suite struct PodNetworkChoiceTests {
  static let cases: [(JSONObject, JSONObject, PodNetworkChoice.Origin, String)] = [
    ([:], [:], .cluster, "k8s-contrail/default-podnetwork"),
    ([:], [isolation: "true"], .isolatedNamespace, "blue/default-podnetwork"),
    ([:], [cn2: "ns/vn", isolation: "true"], .namespace(annotation: cn2), "ns/vn"),
    ([:], [tungsten: "{'project': 'ns', 'name': 'vn'}"], .namespace(annotation: tungsten), "ns/vn"),
    ([:], [multus: "vn"], .cluster, "k8s-contrail/default-podnetwork"),
    ([cn2: " ns/vn\n"], [cn2: "x/y"], .pod(annotation: cn2), "ns/vn"),
    ([cn2: "vn"], [:], .pod(annotation: cn2), "blue/vn"),
    ([cn2: "ns/vn"], [cn2: "not a network!"], .pod(annotation: cn2), "ns/vn"),
    ([cn2: "", tungsten: " ", multus: "[]"], [:], .cluster, "k8s-contrail/default-podnetwork"),
    (
      [tungsten: "{'domain': 'default-domain', 'project': 'ns', 'name': 'vn'}", multus: "x"], [:],
      .pod(annotation: tungsten), "ns/vn"
    ),
    ([tungsten: #"{"project": "ns", "name": "vn"}"#], [cn2: "a/b"], .pod(annotation: tungsten), "ns/vn"),
    ([cn2: "a/b", tungsten: "{'project': 'ns', 'name': 'vn'}"], [:], .pod(annotation: cn2), "a/b"),
    ([multus: "ns/vn"], [cn2: "a/b"], .pod(annotation: multus), "ns/vn"),
    ([multus: #"[{"name":"vn"}]"#], [isolation: "true"], .pod(annotation: multus), "blue/vn"),
  ]

  @Test(arguments: cases)
  func choice(pod: JSONObject, namespace: JSONObject, origin: PodNetworkChoice.Origin, network: String) throws {
    let choice = try choose(pod, namespace)
    #expect(choice.origin == origin)
    #expect(choice.candidates.first?.description == network)
  }

  /// An annotation that another one overrules is not passed over in silence.
  @Test func overruled() throws {
    let choice = try choose([
      cn2: "a/b", tungsten: "{'project':'ns','name':'vn'}", multus: #"[{"name":"x","ips":["1.1.1.1"]}]"#,
    ])
    #expect(choice.warnings == [tungsten, multus].map { "annotation \($0) has no effect beside \(cn2)" })
    #expect(try choose([cn2: "a/b", multus: "a/b"]).warnings.isEmpty)
    let shared = try choose([:], [cn2: "a/b", cn2 + ".ip": "10.0.0.1"])
    #expect(
      shared.warnings == ["annotation \(cn2).ip has no effect on the namespace blue"] && shared.element.ips.isEmpty)
  }

  @Test(
    arguments: [([cn2: "a/b"], [:]), ([:], [cn2: "a/b"]), ([:], [isolation: "true"]), ([:], [:])]
      as [(JSONObject, JSONObject)])
  func requests(pod: JSONObject, namespace: JSONObject) throws {
    var pod = pod
    pod[cn2 + ".ip"] = " 10.0.0.9 , 2001:db8::9"
    pod[cn2 + ".cni-args"] = #"{"net.juniper.contrail.allowedAddressPairs":"[{\"ip\":\"10.0.0.8\"}]","z":1}"#
    let element = try choose(pod, namespace).element
    #expect(element.ips.map(\.address.description) == ["10.0.0.9", "2001:db8::9"])
    #expect(element.allowedAddressPairs.map(\.prefix.description) == ["10.0.0.8/32"])
    #expect(element.unhandledArguments == ["z"])
  }

  /// The namespace's arguments are for pods that have none, and only on the network that the namespace chose.
  @Test func namespaceArguments() throws {
    let namespace: JSONObject = [cn2: "a/b", cn2 + ".cni-args": #"{"of-namespace":1}"#]
    #expect(try choose([:], namespace).element.unhandledArguments == ["of-namespace"])
    #expect(try choose([cn2 + ".cni-args": #"{"of-pod":1}"#], namespace).element.unhandledArguments == ["of-pod"])
    #expect(try choose([cn2: "c/d"], namespace).element.unhandledArguments.isEmpty)
  }

  static let errors: [(JSONObject, JSONObject, String, String)] = [
    ([cn2: "a/b/c"], [:], "annotation \(cn2): \"a/b/c\" is not valid", "[namespace/]name"),
    ([:], [cn2: "A B"], "annotation \(cn2) of the namespace blue: \"A B\" is not valid", "[namespace/]name"),
    ([tungsten: "{'name': 'vn'}"], [:], "annotation \(tungsten): project: null is not valid", "namespace"),
    ([tungsten: "{'project': 'p'}"], [:], "annotation \(tungsten): name: null is not valid", "name"),
    (
      [tungsten: "{'project': 'p', 'name': 'n', 'x': 1}"], [:], "annotation \(tungsten): x: 1 is not valid",
      "no such key"
    ),
    ([tungsten: "{'project': 'p'"], [:], "annotation \(tungsten): \"{'project': 'p'\" is not valid", "byte 15"),
    ([:], [tungsten: "[]"], "annotation \(tungsten) of the namespace blue: \"[]\" is not valid", "'domain'"),
    ([multus: "a,b"], [:], "annotation \(multus)[1] (b): \"a,b\" is not valid", "one network"),
    ([multus: "a@eth0"], [:], "annotation \(multus)[0] (a): interface: \"eth0\" is not valid", "no interface"),
    ([multus: "[{"], [:], "annotation \(multus) is not valid JSON", "byte"),
    ([cn2 + ".ip": "x"], [:], "annotation \(cn2).ip: [0]: \"x\" is not valid", "an IP address"),
    (
      [cn2 + ".ip": "1.1.1.1,2.2.2.2"], [:], "annotation \(cn2).ip: [\"1.1.1.1\",\"2.2.2.2\"] is not valid",
      "at most one IPv4"
    ),
    (
      [multus: #"[{"name":"a","ips":["1.1.1.1"]}]"#, cn2 + ".ip": "1.1.1.1"], [:],
      "annotation \(cn2).ip: \"1.1.1.1\" is not valid", "ips"
    ),
    ([cn2 + ".cni-args": "{"], [:], "annotation \(cn2).cni-args: \"{\" is not valid", "a JSON object"),
    ([cn2 + ".cni-args": "[]"], [:], "annotation \(cn2).cni-args: \"[]\" is not valid", "a JSON object"),
    (
      [:], [cn2: "a", cn2 + ".cni-args": "1"], "annotation \(cn2).cni-args of the namespace blue: \"1\" is not valid",
      "object"
    ),
    (
      [multus: #"[{"name":"a","cni-args":{"x":1}}]"#, cn2 + ".cni-args": "{}"], [:],
      "annotation \(cn2).cni-args: {} is not valid", "cni-args"
    ),
  ]

  @Test(arguments: errors) func error(pod: JSONObject, namespace: JSONObject, message: String, hint: String) throws {
    let error = try #require(throws: NetworkSelectionError.self) { try choose(pod, namespace) }
    #expect(error.message == message)
    #expect(error.hint.contains(hint))
  }

  @Test(arguments: [
    ("true", true), ("True", true), ("TRUE", true), ("false", false), ("", false), ("yes", false), ("1", false),
  ])
  func isolated(value: String, isolated: Bool) {
    let annotated = NamespaceFacts(name: "n", annotations: ["opencontrail.org/isolation": .string(value)])
    let labelled = NamespaceFacts(name: "n", labels: ["core.juniper.net/isolated-namespace": .string(value)])
    let swapped = NamespaceFacts(
      name: "n", annotations: ["core.juniper.net/isolated-namespace": "true"],
      labels: ["opencontrail.org/isolation": "true"])
    #expect(annotated.isIsolated == isolated && labelled.isIsolated == isolated && !swapped.isIsolated)
  }
}

/// All networks of a pod together: names are unique, and one network at most has the default route.
@Suite struct PodNetworksTests {
  private func networks(_ pod: JSONObject) throws(NetworkSelectionError) -> PodNetworks {
    try PodNetworks(podAnnotations: pod, namespace: NamespaceFacts(name: "blue"), clusterName: "k8s")
  }

  @Test func together() throws {
    let read = try networks([cn2: "a/b", "k8s.v1.cni.cncf.io/networks": "a,b@x1,a", "other": "x"])
    #expect(read.first.candidates == [NetworkName(namespace: "a", name: "b")])
    #expect(read.interfaceNames == ["eth1", "x1", "eth2"])
    #expect(try networks([:]).interfaceNames.isEmpty)
  }

  @Test func unsupported() throws {
    let read = try networks([
      multus: #"[{"name":"a","mtu":1}]"#,
      "k8s.v1.cni.cncf.io/networks": #"[{"name":"b"},{"name":"c","bandwidth":{"egressRate":1}}]"#,
    ])
    #expect(read.unsupported.map(\.annotation) == [multus, "k8s.v1.cni.cncf.io/networks"])
    #expect(read.unsupported.map(\.request.key) == ["mtu", "bandwidth"])
    #expect(read.unsupported.map(\.element.index) == [0, 1])
  }

  @Test func defaultRoute() throws {
    let claim: JSONValue = #"[{"name":"a","default-route":[]}]"#
    #expect(try networks([multus: claim, "k8s.v1.cni.cncf.io/networks": "b"]).first.element.defaultRoute == [])
    let error = try #require(throws: NetworkSelectionError.self) {
      try networks([multus: claim, "k8s.v1.cni.cncf.io/networks": claim])
    }
    #expect(error.message == "annotation k8s.v1.cni.cncf.io/networks[0] (a): default-route: [] is not valid")
    #expect(error.hint.contains(multus))
  }
}
