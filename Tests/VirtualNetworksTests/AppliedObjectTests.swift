import JSON
import Testing
import VirtualNetworks

private func subnet(_ name: String, _ spec: JSONObject) -> APIObject {
  APIObject(.subnet, ObjectMetadata(name: name, namespace: "default"), spec: spec)
}

private func network(_ name: String, v4: String? = nil, v6: String? = nil, _ more: JSONObject = [:]) -> APIObject {
  var spec = more
  for (key, name) in [("v4SubnetReference", v4), ("v6SubnetReference", v6)] {
    guard let name else { continue }
    spec[key] = [
      "apiVersion": "core.contrail.juniper.net/v1alpha1", "kind": "Subnet", "namespace": "default",
      "name": .string(name),
    ]
  }
  return APIObject(.virtualNetwork, ObjectMetadata(name: name, namespace: "default"), spec: spec)
}

/// VirtualNetworks, Subnets, Namespaces and Pods that people apply themselves.
struct AppliedObjectTests {
  @Test func networkWithSubnet() throws {
    let cluster = try Cluster()
    try cluster.apply(subnet("s", ["cidr": "10.9.0.0/24", "defaultGateway": "10.9.0.254"]))
    try cluster.apply(network("n", v4: "s", ["fabricSNAT": true, "routeTargetList": ["target:7:7"]]))
    let stored = try cluster.object(.virtualNetwork, "n")
    #expect(stored.text("status", "state") == "Success")
    #expect(stored.text("spec", "v4SubnetReference", "uid") == (try cluster.object(.subnet, "s").metadata.uid))
    #expect(try cluster.vni("n") == "5")
    #expect(cluster.has(.routingInstance, "n") && cluster.has(.routeTarget, "target-7-7"))
    #expect(try cluster.delete(.virtualNetwork, "n").outcome == .deleted)
    #expect(!cluster.has(.virtualNetwork, "n") && !cluster.has(.routingInstance, "n") && cluster.has(.subnet, "s"))
  }

  /// The order of manifests does not matter: a network waits for its subnet.
  @Test func networkBeforeSubnet() throws {
    let cluster = try Cluster()
    try cluster.apply(network("n", v4: "s"))
    let pending = try cluster.object(.virtualNetwork, "n")
    #expect(pending.text("status", "state") == "Pending")
    #expect(pending.text("status", "observation") == "Subnet default/s does not exist")
    try cluster.apply(subnet("s", ["cidr": "10.9.0.0/24"]))
    let ready = try cluster.object(.virtualNetwork, "n")
    #expect(ready.text("status", "state") == "Success")
    #expect((ready.metadata.uid, try cluster.vni("n")) == (pending.metadata.uid, "5"))
  }

  @Test func subnetInUseStays() throws {
    let cluster = try Cluster()
    try cluster.apply(subnet("s", ["cidr": "10.9.0.0/24"]))
    try cluster.apply(network("n", v4: "s"))
    let error = #expect(throws: ObjectError.self) { try cluster.delete(.subnet, "s") }
    #expect(error?.description.contains("VirtualNetwork default/n") == true)
    try cluster.use.attach("default/p", to: "n", "10.9.0.2/24", gateway: "10.9.0.1")
    #expect(throws: ObjectError.self) { try cluster.apply(subnet("s", ["cidr": "10.8.0.0/24"])) }
    cluster.use.interfaces = [:]
    #expect(try cluster.apply(subnet("s", ["cidr": "10.8.0.0/24"])).outcome == .configured)
  }

  @Test(
    arguments: [
      (["cidr": "10.9.0.5/24"], "spec.cidr", "10.9.0.0/24"), (["cidr": 7], "spec.cidr", "a string"),
      ([:], "spec.cidr", "Required value"),
      (["cidr": "10.9.0.0/24", "defaultGateway": "10.8.0.1"], "spec.defaultGateway", "10.9.0.0/24"),
      (["cidr": "10.9.0.0/24", "allocation": "sideways"], "spec.allocation", "ascending"),
      (["cidr": "10.9.0.0/31"], "spec.cidr", "too small"),
    ] as [(JSONObject, String, String)])
  func badSubnet(spec: JSONObject, field: String, hint: String) throws {
    let error = #expect(throws: ObjectError.self) { try Cluster().apply(subnet("s", spec)) }
    #expect(error?.field == field)
    #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [
    (network("n"), "spec.v4SubnetReference or spec.v6SubnetReference"),
    (network("n", v6: "s"), "spec.v6SubnetReference.name"),
    (network("n", v4: "s", ["routeTargetList": ["x"]]), "spec.routeTargetList[0]"),
    (network("n", v4: "s", ["virtualNetworkProperties": ["rpf": "maybe"]]), "spec.virtualNetworkProperties.rpf"),
  ]) func badNetwork(manifest: APIObject, field: String) throws {
    let cluster = try Cluster()
    try cluster.apply(subnet("s", ["cidr": "10.9.0.0/24"]))
    let error = #expect(throws: ObjectError.self) { try cluster.apply(manifest) }
    #expect(error?.field == field)
  }

  @Test func unknownKeysAreKeptAndNamed() throws {
    let cluster = try Cluster()
    #expect(try cluster.apply(subnet("s", ["cidr": "10.9.0.0/24", "colour": "blue"])).warnings.count == 1)
    #expect(try cluster.object(.subnet, "s").spec["colour"] == "blue")
  }

  /// What is made from a definition is changed there; labels may be added.
  @Test func madeObjectsAreChangedAtTheirDefinition() throws {
    let cluster = try Cluster()
    try cluster.apply(definition("vn1", #"{"ipamV4Subnet": "172.16.10.0/24"}"#))
    #expect(throws: ObjectError.self) { try cluster.apply(subnet("vn1-v4", ["cidr": "10.9.0.0/24"])) }
    #expect(throws: ObjectError.self) { try cluster.apply(network("vn1", v4: "vn1-v4", ["fabricSNAT": true])) }
    #expect(throws: ObjectError.self) { try cluster.delete(.subnet, "vn1-v4") }
    var labelled = network("vn1", v4: "vn1-v4")
    labelled.metadata.labels = ["tier": "web"]
    #expect(try cluster.apply(labelled).outcome == .configured)
    try cluster.apply(definition("vn1", #"{"ipamV4Subnet": "172.16.10.0/24", "fabricSNAT": true}"#))
    let made = try cluster.object(.virtualNetwork, "vn1")
    #expect(made.metadata.labels["tier"] == "web" && made.metadata.labels.count == 2)
    #expect(made.metadata.annotations["juniper.net/nad-name"] == "vn1")
  }

  /// A definition does not take over a network of the same name that somebody applied.
  @Test func definitionBesideNetwork() throws {
    let cluster = try Cluster()
    try cluster.apply(subnet("s", ["cidr": "10.9.0.0/24"]))
    try cluster.apply(network("n", v4: "s"))
    #expect(try cluster.apply(definition("n", #"{"ipamV4Subnet": "172.16.10.0/24"}"#)).failure?.reason == .conflict)
    try cluster.delete(.networkAttachmentDefinition, "n")
    #expect(cluster.has(.virtualNetwork, "n"))
  }

  /// What the system makes is neither applied nor deleted.
  @Test func systemObjectsAreTheSystems() throws {
    let cluster = try Cluster()
    let own = "contrail-k8s-kubemanager-mk-contrail"
    #expect(throws: ObjectError.self) { try cluster.delete(.virtualNetwork, "default-podnetwork", namespace: own) }
    #expect(throws: ObjectError.self) { try cluster.delete(.routeTarget, "target-64512-8000000") }
    #expect(throws: ObjectError.self) { try cluster.delete(.namespace, "default") }
    #expect(throws: ObjectError.self) { try cluster.delete(.subnet, "default-podnetwork-v4", namespace: own) }
    let router = try cluster.object(.virtualNetworkRouter, "DefaultServiceNetwork", namespace: own)
    #expect(throws: ObjectError.self) { try cluster.apply(router) }
  }

  @Test func systemObjectsFollowTheConfiguration() throws {
    let cluster = try Cluster()
    let again = try cluster.perform { try $0.systemObjects() }
    #expect(again.writes.isEmpty, "\(again.writes.map { "\($0)" }.joined(separator: "; "))")
    cluster.settings.fabricSNAT = true
    let plan = try cluster.perform { try $0.systemObjects() }
    #expect(plan.writes.count == 1)
    cluster.settings.clusterName = "other"
    #expect(throws: ObjectError.self) { try cluster.perform { try $0.systemObjects() } }
  }

  /// A namespace takes everything in it along.
  @Test func deletedNamespace() throws {
    let cluster = try Cluster()
    let before = cluster.state
    try cluster.apply(APIObject(.namespace, ObjectMetadata(name: "blue")))
    try cluster.apply(definition("a", namespace: "blue", #"{"ipamV4Subnet": "172.16.10.0/24"}"#))
    try cluster.apply(APIObject(.subnet, ObjectMetadata(name: "s", namespace: "blue"), spec: ["cidr": "10.9.0.0/24"]))
    let reference: JSONObject = ["v4SubnetReference": ["name": "s", "kind": "Subnet", "namespace": "blue"]]
    try cluster.apply(APIObject(.virtualNetwork, ObjectMetadata(name: "n", namespace: "blue"), spec: reference))
    try cluster.apply(APIObject(.pod, ObjectMetadata(name: "p", namespace: "blue")))
    try cluster.delete(.namespace, "blue")
    #expect(cluster.state.objects == before.objects)
    #expect(cluster.state.taken == before.taken)
  }

  /// Of a pod only labels and annotations are kept.
  @Test func pod() throws {
    let cluster = try Cluster()
    var pod = APIObject(
      .pod, ObjectMetadata(name: "p", namespace: "default", annotations: ["k8s.v1.cni.cncf.io/networks": "vn1"]),
      spec: ["containers": []])
    try cluster.apply(pod)
    let stored = try cluster.object(.pod, "p")
    #expect(stored.spec.isEmpty && stored.metadata.annotations == pod.metadata.annotations)
    pod.metadata.annotations = [:]
    #expect(try cluster.apply(pod).outcome == .configured)
    #expect(try cluster.object(.pod, "p").metadata.annotations.isEmpty)
    #expect(try cluster.delete(.pod, "p").outcome == .deleted)
    #expect(throws: ObjectError.notFound(ObjectKey(.pod, namespace: "default", "p"))) {
      try cluster.delete(.pod, "p")
    }
  }
}
