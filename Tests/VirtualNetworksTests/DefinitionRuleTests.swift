import JSON
import Testing
import VirtualNetworks

/// What a NetworkAttachmentDefinition makes, and what a change of it may do.
struct DefinitionRuleTests {
  private let plain = #"{"ipamV4Subnet": "172.16.10.0/24"}"#

  private func status(_ cluster: Cluster, _ name: String = "vn1") throws -> String? {
    try cluster.object(.networkAttachmentDefinition, name).metadata.annotations["juniper.net/networks-status"]
  }

  /// Everything that can be asked for stands in the network and its subnets.
  @Test func everyKey() throws {
    let cluster = try Cluster()
    try cluster.apply(
      definition(
        "vn1",
        #"""
        {"ipamV4Subnet": "172.16.10.0/24", "ipamV4Gateway": "172.16.10.254", "ipamV6Subnet": "2001:db8::/64",
         "allocation": "descending", "fabricSNAT": true, "podNetwork": true,
         "virtualNetworkProperties": {"forwardingMode": "l3", "rpf": "disable"}}
        """#))
    let network = try cluster.object(.virtualNetwork, "vn1")
    #expect(network.spec["fabricSNAT"] == true)
    #expect(network.spec["podNetwork"] == true)
    #expect(network.spec["virtualNetworkProperties"] == ["forwardingMode": "l3", "rpf": "disable"])
    #expect(network.text("spec", "v6SubnetReference", "name") == "vn1-v6")
    let (v4, v6) = (try cluster.object(.subnet, "vn1-v4"), try cluster.object(.subnet, "vn1-v6"))
    #expect(v4.text("spec", "defaultGateway") == "172.16.10.254")
    #expect(v4.text("spec", "allocation") == "descending")
    #expect(v6.text("spec", "cidr") == "2001:db8::/64")
    #expect(v6.text("spec", "defaultGateway") == "2001:db8::1")
    #expect(
      try status(cluster) == "success creating VirtualNetwork vn1 v4Subnet: 172.16.10.0/24 v6Subnet: 2001:db8::/64 ")
    guard
      case .text(let families)? = Kind.virtualNetwork.resource.columns.first(where: { $0.header == "IP FAMILIES" })?
        .cell
    else { return }
    #expect(families(network) == "v6,v4")
  }

  @Test func applyingAgainChangesNothing() throws {
    let cluster = try Cluster()
    try cluster.apply(definition("vn1", plain))
    let plan = try cluster.apply(definition("vn1", plain))
    #expect(plan.outcome == .unchanged)
    #expect(plan.writes.isEmpty)
    // What a client shows can be applied as it is.
    let shown = try cluster.object(.networkAttachmentDefinition, "vn1")
    #expect(try cluster.apply(shown).outcome == .unchanged)
    #expect(try cluster.apply(cluster.object(.virtualNetwork, "vn1")).outcome == .unchanged)
    #expect(try cluster.apply(cluster.object(.subnet, "vn1-v4")).outcome == .unchanged)
  }

  /// A definition that cannot be followed is kept with the reason, and there is no network.
  @Test(arguments: [
    (#"{"ipamV4Subnet": "172.16.10.5/24"}"#, "172.16.10.0/24"), (#"{"ipamV4Subnet": "#, "JSON"),
    (#"{"ipamV4Subnet": "172.16.10.0/24", "routeTargetList": ["target:0:1"]}"#, "routeTargetList[0]"), ("{}", "ipamV4"),
  ]) func failure(networks: String, hint: String) throws {
    let cluster = try Cluster()
    let plan = try cluster.apply(definition("vn1", networks))
    #expect(plan.outcome == .created)
    #expect(plan.failure?.description.contains(hint) == true, "\(plan.failure?.description ?? "no failure")")
    let status = try #require(try status(cluster))
    #expect(status.hasPrefix("failed creating VirtualNetwork vn1: ") && status.contains(hint), "\(status)")
    #expect(!cluster.has(.virtualNetwork, "vn1") && !cluster.has(.subnet, "vn1-v4"))
    #expect(cluster.state.taken[.vni] == [1, 2, 3, 4])
    let again = try cluster.apply(definition("vn1", networks))
    #expect(again.outcome == .unchanged && again.failure != nil)
    #expect(try cluster.apply(definition("vn1", plain)).outcome == .configured)
    #expect(cluster.has(.virtualNetwork, "vn1"))
  }

  /// A network that exists survives a change that cannot be followed.
  @Test func badChangeIsRefused() throws {
    let cluster = try Cluster()
    try cluster.apply(definition("vn1", plain))
    let before = cluster.state.objects
    let error = #expect(throws: ObjectError.self) {
      try cluster.apply(definition("vn1", #"{"ipamV4Subnet": "nonsense"}"#))
    }
    #expect(error?.kind == "NetworkAttachmentDefinition" && error?.name == "vn1")
    #expect(cluster.state.objects == before)
  }

  /// Targets and translation change under running pods; identity and numbers stay.
  @Test func safeChange() throws {
    let cluster = try Cluster()
    try cluster.apply(definition("vn1", #"{"ipamV4Subnet": "172.16.10.0/24", "routeTargetList": ["target:1:1"]}"#))
    try cluster.use.attach("default/a", to: "vn1", "172.16.10.2/24", gateway: "172.16.10.1")
    let before = try cluster.object(.virtualNetwork, "vn1")
    let plan = try cluster.apply(
      definition(
        "vn1",
        #"{"ipamV4Subnet": "172.16.10.0/24", "importRouteTargetList": ["target:2:2"], "fabricSNAT": true}"#))
    #expect(plan.outcome == .configured)
    let after = try cluster.object(.virtualNetwork, "vn1")
    #expect((after.metadata.uid, after.status) == (before.metadata.uid, before.status))
    #expect(after.metadata.generation == 2)
    #expect(after.spec["fabricSNAT"] == true)
    #expect(!cluster.has(.routeTarget, "target-1-1") && cluster.has(.routeTarget, "target-2-2"))
    #expect(try cluster.target("vn1") == "target-64512-8000009")
  }

  /// A subnet that no longer holds a pod's address or gateway is refused, naming pod and address; without pods it is not.
  @Test(arguments: [
    (#"{"ipamV4Subnet": "172.16.20.0/24"}"#, false), (#"{"ipamV4Subnet": "172.16.10.0/29"}"#, false),
    (#"{"ipamV4Subnet": "172.16.10.0/24", "ipamV4Gateway": "172.16.10.9"}"#, false),
    (#"{"ipamV6Subnet": "2001:db8::/64"}"#, false),
    (#"{"ipamV4Subnet": "172.16.10.0/24", "ipamV6Subnet": "2001:db8::/64"}"#, true),
    (#"{"ipamV4Subnet": "172.16.10.0/23"}"#, true), (#"{"ipamV4Subnet": "172.16.10.0/25"}"#, true),
  ]) func changeUnderPods(networks: String, isSafe: Bool) throws {
    let cluster = try Cluster()
    try cluster.apply(definition("vn1", plain))
    try cluster.use.attach("default/a", to: "vn1", "172.16.10.77/24", gateway: "172.16.10.1")
    let before = cluster.state.objects
    if isSafe {
      #expect(try cluster.apply(definition("vn1", networks)).outcome == .configured)
    } else {
      let error = #expect(throws: ObjectError.self) { try cluster.apply(definition("vn1", networks)) }
      let text = error?.description ?? ""
      #expect(text.contains("default/a") && text.contains("172.16.10.77") && text.contains("ipamV4Subnet"), "\(text)")
      #expect(cluster.state.objects == before)
    }
    cluster.use.interfaces = [:]
    #expect(try cluster.apply(definition("vn1", networks)).failure == nil)
  }

  /// A family that goes takes its subnet along.
  @Test func familyRemoved() throws {
    let cluster = try Cluster()
    try cluster.apply(definition("vn1", #"{"ipamV4Subnet": "172.16.10.0/24", "ipamV6Subnet": "2001:db8::/64"}"#))
    try cluster.apply(definition("vn1", plain))
    #expect(!cluster.has(.subnet, "vn1-v6") && cluster.has(.subnet, "vn1-v4"))
    #expect(try cluster.object(.virtualNetwork, "vn1").spec["v6SubnetReference"] == nil)
  }

  /// A definition made again takes the pods of its forerunner over if it has their very subnet; another one is refused
  /// while they live.
  @Test func madeAgainUnderPods() throws {
    let cluster = try Cluster()
    try cluster.apply(definition("vn1", plain))
    try cluster.use.attach("default/a", to: "vn1", "172.16.10.77/24", gateway: "172.16.10.1")
    #expect(try cluster.delete(.networkAttachmentDefinition, "vn1").warnings.count == 1)
    for other in ["172.16.20.0/24", "172.16.10.0/23"] {
      let plan = try cluster.apply(definition("vn1", #"{"ipamV4Subnet": "\#(other)"}"#))
      #expect(plan.failure?.description.contains("default/a") == true)
      #expect(!cluster.has(.virtualNetwork, "vn1"))
    }
    #expect(try cluster.apply(definition("vn1", plain)).failure == nil)
    #expect(cluster.has(.virtualNetwork, "vn1"))
  }

  /// Lowest free numbers, kept while the network lives.
  @Test func numbers() throws {
    let cluster = try Cluster()
    for name in ["a", "b", "c"] { try cluster.apply(definition(name, plain)) }
    #expect(try ["a", "b", "c"].map { try cluster.vni($0) } == ["5", "6", "7"])
    try cluster.delete(.networkAttachmentDefinition, "b")
    try cluster.apply(definition("d", plain))
    #expect(try cluster.vni("d") == "6")
    #expect(try cluster.target("d") == "target-64512-8000010")
    #expect(try (cluster.vni("a"), cluster.vni("c")) == ("5", "7"))
  }

  /// Who names another's own target connects to it without its asking: once, and only then, the owner is named.
  @Test func targetsOfOthersAreNoted() throws {
    let cluster = try Cluster()
    func importing(_ number: Int) -> APIObject {
      definition(
        "evil",
        #"{"ipamV4Subnet": "10.3.0.0/24", "importRouteTargetList": ["target:23:1", "target:64512:800000\#(number)"]}"#)
    }
    let warnings = try cluster.apply(importing(2)).warnings
    #expect(
      warnings == [
        "target:64512:8000002 is the own target of contrail-k8s-kubemanager-mk-contrail/default-podnetwork: "
          + "whoever names it shares routes with that network"
      ])
    #expect(try cluster.apply(importing(2)).warnings == [])
    // Its own it may name.
    #expect(try cluster.target("evil") == "target-64512-8000009")
    #expect(try cluster.apply(importing(9)).warnings == [])
    #expect(try cluster.apply(definition("b", plain)).warnings == [])
  }

  /// A target that somebody's definition names is not given to another network.
  @Test func automaticTargetsAreNobodysElse() throws {
    let cluster = try Cluster()
    try cluster.apply(
      definition("a", #"{"ipamV4Subnet": "10.1.0.0/24", "importRouteTargetList": ["target:64512:8000010"]}"#))
    try cluster.apply(definition("b", plain))
    #expect(try cluster.target("a") == "target-64512-8000009")
    #expect(try cluster.target("b") == "target-64512-8000011")
    // The target of a network that went stays, without the system's label, while another one imports it.
    try cluster.apply(
      definition("c", #"{"ipamV4Subnet": "10.2.0.0/24", "importRouteTargetList": ["target:64512:8000011"]}"#))
    try cluster.delete(.networkAttachmentDefinition, "b")
    #expect(try cluster.object(.routeTarget, "target-64512-8000011").metadata.labels.isEmpty)
    try cluster.apply(definition("d", plain))
    #expect(try cluster.target("d") != "target-64512-8000011")
    try cluster.delete(.networkAttachmentDefinition, "c")
    #expect(!cluster.has(.routeTarget, "target-64512-8000011"))
  }

  /// Two networks may have the same subnet.
  @Test func overlappingSubnets() throws {
    let cluster = try Cluster()
    try cluster.apply(definition("a", plain))
    #expect(try cluster.apply(definition("b", plain)).failure == nil)
  }

  /// A definition of another plugin is kept as it is; one that was ours until now loses its network.
  @Test func foreignDefinition() throws {
    let cluster = try Cluster()
    try cluster.apply(definition("vn1", plain))
    var foreign = definition("vn1", plain)
    foreign.spec = ["config": #"{"type": "macvlan"}"#]
    #expect(try cluster.apply(foreign).outcome == .configured)
    #expect(try status(cluster) == nil)
    #expect(!cluster.has(.virtualNetwork, "vn1") && !cluster.has(.subnet, "vn1-v4"))
  }

  /// A definition that stands for a network which exists makes none.
  @Test func existingNetwork() throws {
    let cluster = try Cluster()
    var alias = definition("alias", "")
    alias.metadata.annotations = [
      "opencontrail.org/network": #"{"domain": "default-domain", "project": "default", "name": "vn1"}"#
    ]
    #expect(try cluster.apply(alias).failure?.description.contains("no such VirtualNetwork") == true)
    try cluster.apply(definition("vn1", plain))
    #expect(try cluster.apply(alias).failure == nil)
    let stored = try cluster.object(.networkAttachmentDefinition, "alias")
    #expect(stored.existingNetwork == ObjectKey(.virtualNetwork, namespace: "default", "vn1"))
    #expect(!cluster.has(.virtualNetwork, "alias"))
  }

  /// Two objects that would share a name are refused.
  @Test func namesThatAreTaken() throws {
    let cluster = try Cluster()
    #expect(try cluster.apply(definition("default", plain)).failure?.reason == .conflict)
    #expect(!cluster.has(.virtualNetwork, "default"))
    try cluster.apply(
      APIObject(
        .namespace, ObjectMetadata(name: "blue", labels: ["core.juniper.net/isolated-namespace": "true"])))
    for name in ["blue", "default-podnetwork", "default-servicenetwork"] {
      #expect(try cluster.apply(definition(name, namespace: "blue", plain)).failure?.reason == .conflict)
    }
    #expect(try cluster.apply(definition("default", namespace: "blue", plain)).failure == nil)
    try cluster.apply(APIObject(.namespace, ObjectMetadata(name: "green")))
    try cluster.apply(definition("green", namespace: "green", plain))
    #expect(throws: ObjectError.self) {
      try cluster.apply(
        APIObject(.namespace, ObjectMetadata(name: "green", annotations: ["opencontrail.org/isolation": "True"])))
    }
    try cluster.apply(
      APIObject(.subnet, ObjectMetadata(name: "x-v4", namespace: "default"), spec: ["cidr": "10.0.0.0/8"]))
    #expect(try cluster.apply(definition("x", plain)).failure?.reason == .conflict)
  }

  /// A network may not be called what Contrail calls another one: each spelling has one meaning. The message names both.
  @Test(arguments: [
    ("vn1", "k8s-vn1-pod-network"), ("k8s-vn1-pod-network", "vn1"),
    ("k8s-k8s-a-pod-network-pod-network", "k8s-a-pod-network"),
  ])
  func contrailNames(_ first: String, _ second: String) throws {
    let cluster = try Cluster(name: "k8s")
    #expect(try cluster.apply(definition(first, plain)).failure == nil)
    let other = #"{"ipamV4Subnet": "172.16.11.0/24"}"#
    let failure = try cluster.apply(definition(second, other)).failure
    #expect(failure?.reason == .conflict)
    for name in [first, second] { #expect(failure?.detail.contains("default/\(name)") == true) }
    #expect(!cluster.has(.virtualNetwork, second))
    // In another namespace it is another network, and so it is when the first one is gone.
    try cluster.apply(APIObject(.namespace, ObjectMetadata(name: "blue")))
    #expect(try cluster.apply(definition(second, namespace: "blue", other)).failure == nil)
    try cluster.perform { try $0.delete(ObjectKey(.networkAttachmentDefinition, namespace: "default", first)) }
    #expect(try cluster.apply(definition(second, other)).failure == nil)
    // Applied again it is still itself.
    #expect(try cluster.apply(definition(second, other)).failure == nil)
  }

  /// The names of the networks that are always there, in every namespace, and of an isolated namespace's own.
  @Test func contrailNamesOfSystemNetworks() throws {
    let cluster = try Cluster(name: "k8s")
    try cluster.apply(APIObject(.namespace, ObjectMetadata(name: "blue")))
    for name in ["k8s-default-pod-network", "k8s-default-service-network"] {
      #expect(try cluster.apply(definition(name, namespace: "blue", plain)).failure?.reason == .conflict)
    }
    let isolated = APIObject(
      .namespace, ObjectMetadata(name: "blue", labels: ["core.juniper.net/isolated-namespace": "true"]))
    for name in ["k8s-blue-pod-network", "k8s-blue-service-network"] {
      #expect(try cluster.apply(definition(name, namespace: "blue", plain)).failure == nil)
      let error = #expect(throws: ObjectError.self) { try cluster.apply(isolated) }
      #expect(error?.detail.contains("blue/\(name)") == true)
      try cluster.perform { try $0.delete(ObjectKey(.networkAttachmentDefinition, namespace: "blue", name)) }
      try cluster.apply(isolated)
      #expect(try cluster.apply(definition(name, namespace: "blue", plain)).failure?.reason == .conflict)
      try cluster.perform { try $0.delete(ObjectKey(.networkAttachmentDefinition, namespace: "blue", name)) }
      try cluster.apply(APIObject(.namespace, ObjectMetadata(name: "blue")))
    }
  }

  @Test func unknownNamespace() throws {
    let error = #expect(throws: ObjectError.self) {
      try Cluster().apply(definition("vn1", namespace: "nowhere", plain))
    }
    #expect(error?.description == #"Error from server (NotFound): namespaces "nowhere" not found"#)
  }

  @Test(arguments: ["", "Vn1", "-a", "a_b", String(repeating: "a", count: 192)])
  func badNames(name: String) throws {
    let error = #expect(throws: ObjectError.self) { try Cluster().apply(definition(name, plain)) }
    #expect(error?.field == "metadata.name")
  }
}
