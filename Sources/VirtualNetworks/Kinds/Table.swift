private let contrail = "core.contrail.juniper.net"

extension ResourceKind {
  /// Every kind, in the order in which `api-resources` lists them: by group, then by plural.
  package static let all: [ResourceKind] = [
    ResourceKind(
      kind: .namespace, plural: "namespaces", shortNames: ["ns"], group: "", version: "v1", isNamespaced: false,
      origin: .applied,
      columns: [.name, .text("STATUS") { $0.text("status", "phase") }, .age],
      explanation: """
        A Namespace holds the objects of one team or application. Its annotations and labels may isolate its pods, and \
        choose the network of their first interface.
        """),
    ResourceKind(
      kind: .pod, plural: "pods", shortNames: ["po"], group: "", version: "v1", isNamespaced: true,
      origin: .applied, columns: [.name, .age],
      explanation: """
        A Pod names the networks of a pod for runtimes that do not pass its annotations to the plugin. Only labels and \
        annotations are kept: nothing is started here.
        """),
    ResourceKind(
      kind: .globalSystemConfig, plural: "globalsystemconfigs", shortNames: ["gsc"], group: contrail,
      version: "v1alpha1", isNamespaced: false, origin: .reconciled, columns: [.name, .state, .age],
      explanation: """
        GlobalSystemConfig holds what the whole system shares, such as the autonomous system number in the route \
        targets that it gives out.
        """),
    ResourceKind(
      kind: .instanceIP, plural: "instanceips", shortNames: ["iip"], group: contrail, version: "v1alpha1",
      isNamespaced: false, origin: .observed,
      columns: [
        .name, .text("IPADDRESS") { $0.text("spec", "instanceIPAddress") }, .text("NETWORK", networkPath), .state, .age,
      ],
      explanation: """
        InstanceIP is one address that an interface has in a virtual network, from its allocation until the interface \
        goes.
        """),
    ResourceKind(
      kind: .routeTarget, plural: "routetargets", shortNames: ["rt"], group: contrail, version: "v1alpha1",
      isNamespaced: false, origin: .reconciled, columns: [.name, .state, .age],
      explanation: """
        RouteTarget is the mark by which routing instances exchange routes: one instance learns the routes of another \
        when it imports a target that the other exports.
        """),
    ResourceKind(
      kind: .routingInstance, plural: "routinginstances", shortNames: ["ri"], group: contrail, version: "v1alpha1",
      isNamespaced: true, origin: .reconciled,
      columns: [.name, .text("ROUTETARGET", defaultRouteTarget), .state, .age],
      explanation: """
        RoutingInstance is the forwarding table of one virtual network, with neighbours and connections of its own (a \
        VRF), and the route targets that it imports and exports.
        """),
    ResourceKind(
      kind: .subnet, plural: "subnets", shortNames: ["sn"], group: contrail, version: "v1alpha1", isNamespaced: true,
      origin: .applied,
      columns: [
        .name, .text("CIDR") { $0.text("spec", "cidr") },
        .text("USAGE") { $0.text("status", "allocationUsage") }, .state, .age,
      ],
      explanation: """
        Subnet is a range of addresses with its gateway. Interfaces of the virtual networks that refer to it get their \
        addresses from it.
        """),
    ResourceKind(
      kind: .virtualMachineInterface, plural: "virtualmachineinterfaces", shortNames: ["vmi"], group: contrail,
      version: "v1alpha1", isNamespaced: true, origin: .observed,
      columns: [
        .text("CLUSTERNAME") { $0.metadata.annotations[ViewAnnotation.cluster] ?? "" }, .name,
        .text("NETWORK") { $0.metadata.annotations[ViewAnnotation.network] ?? "" },
        .text("PODNAME") { $0.metadata.annotations[ViewAnnotation.podName] ?? "" },
        .text("IFCNAME") { $0.metadata.annotations[ViewAnnotation.interface] ?? "" }, .state, .age,
      ],
      explanation: """
        VirtualMachineInterface is a pod's port in a virtual network: one MAC address, and an address of each family \
        that the network has.
        """),
    ResourceKind(
      kind: .virtualMachine, plural: "virtualmachines", shortNames: ["vm"], group: contrail, version: "v1alpha1",
      isNamespaced: false, origin: .observed,
      columns: [
        .name, .text("TYPE") { $0.text("spec", "serverType") },
        .text("WORKLOAD") { "/\($0.text("spec", "serverNamespace"))/\($0.text("spec", "serverName"))" }, .state, .age,
      ],
      explanation: "VirtualMachine is a workload that has interfaces in virtual networks: here, a pod."),
    ResourceKind(
      kind: .virtualNetworkRouter, plural: "virtualnetworkrouters", shortNames: ["vnr"], group: contrail,
      version: "v1alpha1", isNamespaced: true, origin: .applied,
      columns: [.name, .text("TYPE") { $0.text("spec", "type") }, .state, .age],
      explanation: """
        VirtualNetworkRouter connects the virtual networks of its namespace that its selector picks: all with each other \
        (mesh), or hubs with spokes. Routers connect their networks with each other's where both import the other one.
        """),
    ResourceKind(
      kind: .virtualNetwork, plural: "virtualnetworks", shortNames: ["vn"], group: contrail, version: "v1alpha1",
      isNamespaced: true, origin: .applied,
      columns: [
        .name, .text("VNI") { $0.text("status", "virtualNetworkNetworkId") },
        .text("IP FAMILIES") { $0.ipFamilies }, .state, .age,
      ],
      explanation: """
        VirtualNetwork is a network of its own, isolated from every other one: the interfaces in it reach each other, \
        and their gateways, wherever they run.
        """),
    ResourceKind(
      kind: .virtualRouter, plural: "virtualrouters", shortNames: ["vr"], group: contrail, version: "v1alpha1",
      isNamespaced: false, origin: .observed,
      columns: [.name, .text("IP") { $0.text("spec", "virtualRouterIPAddress") }, .state, .age],
      explanation: "VirtualRouter is a node that forwards the packets of the pods on it."),
    ResourceKind(
      kind: .networkAttachmentDefinition, plural: "network-attachment-definitions", shortNames: ["net-attach-def"],
      group: "k8s.cni.cncf.io", version: "v1", isNamespaced: true, origin: .applied, columns: [.name, .age],
      explanation: """
        NetworkAttachmentDefinition describes a network that pods can name in their annotation \
        k8s.v1.cni.cncf.io/networks. The annotation juniper.net/networks gives its subnets and route targets; a \
        VirtualNetwork is made from it.
        """),
  ]
}

/// `64512:8000009` of the reference to `target-64512-8000009`.
@Sendable private func defaultRouteTarget(_ instance: APIObject) -> String {
  let name = instance.text("status", "defaultRouteTargetReference", "name")
  let parts = name.split(separator: "-")
  return parts.count == 3 ? "\(parts[1]):\(parts[2])" : name
}

/// `namespace/name` of the network of an address.
@Sendable private func networkPath(_ address: APIObject) -> String {
  let reference = "virtualNetworkReference"
  return "\(address.text("spec", reference, "namespace"))/\(address.text("spec", reference, "name"))"
}
