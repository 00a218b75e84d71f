import JSON
import Testing
import VirtualNetworks

/// What a NetworkAttachmentDefinition makes.
struct DefinitionRuleTests {
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
}
