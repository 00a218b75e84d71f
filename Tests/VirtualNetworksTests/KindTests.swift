import Testing
import VirtualNetworks

/// The table of kinds: the names by which people call them, and the tables they see.
struct KindTests {
  /// Every kind has one row, whose names lead to no other.
  @Test func everyKindHasOneRow() {
    #expect(ResourceKind.all.map(\.kind.rawValue).sorted() == Kind.allCases.map(\.rawValue).sorted())
    let names = ResourceKind.all.flatMap { [$0.plural, $0.singular] + $0.shortNames }
    #expect(Set(names).count == names.count)
    for kind in Kind.allCases { #expect(kind.resource.kind == kind) }
  }

  @Test(arguments: [
    ("vn", Kind.virtualNetwork), ("VMI", .virtualMachineInterface), ("iip", .instanceIP), ("ri", .routingInstance),
    ("rt", .routeTarget), ("vm", .virtualMachine), ("vr", .virtualRouter), ("vnr", .virtualNetworkRouter),
    ("sn", .subnet), ("subnet", .subnet), ("net-attach-def", .networkAttachmentDefinition),
    ("network-attachment-definitions.k8s.cni.cncf.io", .networkAttachmentDefinition),
    ("virtualnetworks.v1alpha1.core.contrail.juniper.net", .virtualNetwork), ("VirtualNetwork", .virtualNetwork),
    ("pods", .pod), ("ns", .namespace),
  ]) func names(word: String, kind: Kind) { #expect(ResourceKind.named(word)?.kind == kind) }

  @Test(arguments: ["", "networkpolicies", "vn.k8s.cni.cncf.io", "virtualnetworkss"])
  func unknownNames(word: String) { #expect(ResourceKind.named(word) == nil) }

  /// Which kinds have namespaces, as the walk-through lists them.
  @Test func scopes() {
    let namespaced = ResourceKind.all.filter(\.isNamespaced).map(\.plural)
    #expect(
      namespaced == [
        "pods", "routinginstances", "subnets", "virtualmachineinterfaces", "virtualnetworkrouters", "virtualnetworks",
        "network-attachment-definitions",
      ])
  }

  @Test(arguments: [
    (Kind.virtualNetwork, "NAME VNI IP FAMILIES STATE AGE"), (.subnet, "NAME CIDR USAGE STATE AGE"),
    (.routingInstance, "NAME ROUTETARGET STATE AGE"), (.routeTarget, "NAME STATE AGE"),
    (.virtualMachine, "NAME TYPE WORKLOAD STATE AGE"),
    (.virtualMachineInterface, "CLUSTERNAME NAME NETWORK PODNAME IFCNAME STATE AGE"),
    (.instanceIP, "NAME IPADDRESS NETWORK STATE AGE"), (.virtualNetworkRouter, "NAME TYPE STATE AGE"),
    (.virtualRouter, "NAME IP STATE AGE"), (.networkAttachmentDefinition, "NAME AGE"),
  ]) func columns(kind: Kind, header: String) {
    #expect(kind.resource.columns.map(\.header).joined(separator: " ") == header)
  }

  @Test(arguments: [
    (Kind.networkAttachmentDefinition, "networkattachmentdefinition.k8s.cni.cncf.io"), (.pod, "pod"),
    (.virtualNetwork, "virtualnetwork.core.contrail.juniper.net"),
  ]) func qualifiedNames(kind: Kind, name: String) { #expect(kind.resource.qualifiedSingular == name) }
}
