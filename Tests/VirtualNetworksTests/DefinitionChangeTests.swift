import JSON
import Testing
import VirtualNetworks

/// What a change of a definition may do to its network and to pods that run.
struct DefinitionChangeTests {
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
}
