/// The annotation and label keys that select networks or change what a pod gets.
package enum AnnotationKey {
  /// NPWG multi-network specification: the pod's additional networks.
  package static let networks = "k8s.v1.cni.cncf.io/networks"
  /// NPWG: what each interface got.
  package static let networkStatus = "k8s.v1.cni.cncf.io/network-status"
  /// Multus: another network in place of the default one.
  package static let defaultNetwork = "v1.multus-cni.io/default-network"
  /// CN2: the network of eth0, `namespace/network`.
  package static let podNetwork = "net.juniper.contrail.podnetwork"
  /// CN2: the address of eth0 in that network.
  package static let podNetworkIP = "net.juniper.contrail.podnetwork.ip"
  /// CN2: the arguments of eth0 in that network.
  package static let podNetworkArguments = "net.juniper.contrail.podnetwork.cni-args"
  /// Tungsten Fabric: the network of eth0, `{domain, project, name}`.
  package static let tungstenNetwork = "opencontrail.org/network"
  /// Tungsten Fabric, on a namespace: its own pod and service networks.
  package static let isolation = "opencontrail.org/isolation"
  /// CN2, a label of a namespace: the same.
  package static let isolatedNamespaceLabel = "core.juniper.net/isolated-namespace"
  /// CN2: the network that a NetworkAttachmentDefinition asks for.
  package static let juniperNetworks = "juniper.net/networks"
  /// CN2: what became of it.
  package static let juniperNetworksStatus = "juniper.net/networks-status"
  /// Tungsten Fabric: the subnet of the network that a NetworkAttachmentDefinition asks for.
  package static let tungstenCIDR = "opencontrail.org/cidr"
  /// Tungsten Fabric: pods reach the outside with the node's address.
  package static let tungstenFabricSNAT = "opencontrail.org/ip_fabric_snat"
  /// Tungsten Fabric: the node's network routes to the pods.
  package static let tungstenFabricForwarding = "opencontrail.org/ip_fabric_forwarding"
  /// CN2, on a namespace: `fabric-snat` or `ip-fabric`.
  package static let forwardingMode = "core.juniper.net/forwarding-mode"
  /// CN2: for people.
  package static let displayName = "core.juniper.net/display-name"
  /// CN2: for people.
  package static let description = "core.juniper.net/description"

  /// The keys of a pod with which it asks for other networks than the default one.
  package static let networkSelections = [networks, defaultNetwork, podNetwork, tungstenNetwork]
}
