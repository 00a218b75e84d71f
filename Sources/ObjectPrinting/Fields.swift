internal import VirtualNetworks

/// The fields of a kind's objects.
func fields(of kind: ResourceKind) -> [Field] {
  var fields = [
    Field("apiVersion", .string, "The group and version of the kind: \(kind.apiVersion)."),
    Field("kind", .string, "The kind: \(kind.kind.rawValue)."),
    Field("metadata", .object, "Who the object is: name, namespace, labels and annotations.", metadata(of: kind)),
  ]
  if kind.kind == .pod { return fields }
  if kind.kind != .namespace {
    let text =
      kind.origin == .applied ? "What the object shall be." : "What the system made of the objects that people applied."
    fields.append(Field("spec", .object, text, spec(of: kind.kind)))
  }
  if kind.kind != .networkAttachmentDefinition {
    fields.append(Field("status", .object, "What became of it.", status(of: kind.kind)))
  }
  return fields
}

private func metadata(of kind: ResourceKind) -> [Field] {
  var fields = [Field("name", .string, "The object's name, unique among those of its kind and namespace.")]
  if kind.isNamespaced { fields.append(Field("namespace", .string, "The object's namespace; default if not given.")) }
  fields.append(Field("labels", .map, "By labels, selectors pick objects."))
  fields.append(Field("annotations", .map, "What other programs need to know.", annotations(of: kind.kind)))
  return fields
}

private func annotations(of kind: Kind) -> [Field] {
  switch kind {
  case .networkAttachmentDefinition:
    [
      Field(
        "juniper.net/networks", .string,
        "The network to make, a JSON object: ipamV4Subnet and ipamV6Subnet (either or both), ipamV4Gateway, "
          + "ipamV6Gateway, allocation (ascending or descending), routeTargetList, importRouteTargetList, "
          + "exportRouteTargetList, fabricSNAT, fabricForwarding, podNetwork, virtualNetworkProperties."),
      Field("opencontrail.org/cidr", .string, "The network's subnet, as Tungsten Fabric writes it."),
      Field("opencontrail.org/network", .string, "An existing network to attach to: {domain, project, name}."),
      Field("juniper.net/networks-status", .string, "Set by the system: what became of the network."),
    ]
  case .pod:
    [
      Field(
        "k8s.v1.cni.cncf.io/networks", .string,
        "The further networks of the pod: [NAMESPACE/]NAME[@INTERFACE], separated by commas, or a JSON array."),
      Field("net.juniper.contrail.podnetwork", .string, "The network of eth0: NAMESPACE/NAME."),
      Field("k8s.v1.cni.cncf.io/network-status", .string, "Set by the system: the interfaces that the pod has."),
    ]
  case .namespace:
    [
      Field("opencontrail.org/isolation", .string, "true: the namespace has a pod network of its own."),
      Field("net.juniper.contrail.podnetwork", .string, "The network of eth0 of its pods: NAMESPACE/NAME."),
    ]
  default: []
  }
}

private func spec(of kind: Kind) -> [Field] {
  switch kind {
  case .networkAttachmentDefinition:
    [Field("config", .string, "The CNI configuration, in JSON, with type contrail-k8s-cni.")]
  case .subnet:
    [
      Field("cidr", .string, "The range of addresses: 172.16.10.0/24."),
      Field("defaultGateway", .string, "The gateway's address; the first usable one if not given."),
      Field("allocation", .string, "ascending (default) or descending: in which order addresses are given out."),
    ]
  case .virtualNetwork:
    [
      Field("v4SubnetReference", .object, "The Subnet of IPv4 addresses.", reference),
      Field("v6SubnetReference", .object, "The Subnet of IPv6 addresses.", reference),
      Field("routeTargetList", .strings, "Route targets that the network imports and exports: target:ASN:NUMBER."),
      Field("importRouteTargetList", .strings, "Route targets that the network imports."),
      Field("exportRouteTargetList", .strings, "Route targets that the network exports."),
      Field("fabricSNAT", .boolean, "Whether pods reach the outside with the node's address."),
      Field("fabricForwarding", .boolean, "Whether pods' addresses are routed in the node's own network."),
      Field("podNetwork", .boolean, "Whether the network may be that of eth0."),
      Field(
        "virtualNetworkProperties", .object, "How the network forwards.",
        [
          Field("forwardingMode", .string, "l2_l3 (default), l3 or l2."),
          Field("rpf", .string, "enable (default) or disable: whether a pod may send from its own addresses only."),
        ]),
    ]
  default: []
  }
}

private let reference = [
  Field("apiVersion", .string, "The referred object's group and version."),
  Field("kind", .string, "The referred object's kind."),
  Field("name", .string, "The referred object's name."),
  Field("namespace", .string, "The referred object's namespace."),
]

private func status(of kind: Kind) -> [Field] {
  if kind == .namespace { return [Field("phase", .string, "Active.")] }
  var fields = [
    Field("state", .string, "Pending, Success or Failure."), Field("observation", .string, "The reason for a failure."),
  ]
  switch kind {
  case .virtualNetwork:
    fields.append(Field("virtualNetworkNetworkId", .string, "The network's number on the wire (VNI)."))
  case .subnet:
    fields.append(Field("allocationUsage", .string, "The share of addresses in use."))
    fields.append(Field("ipCount", .string, "The addresses in use, gateway and reserved ones counted."))
  case .routingInstance:
    fields.append(Field("defaultRouteTargetReference", .object, "The instance's automatic route target."))
  default: break
  }
  return fields
}
