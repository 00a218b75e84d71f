package import ContrailIPAM
internal import NetworkAddresses
package import NetworkAttachments

/// What the configuration says about the cluster's own networks.
package struct ClusterSettings: Hashable, Sendable {
  package var clusterName: String
  /// One a family.
  package var podSubnets: [Subnet]
  package var serviceSubnets: [Subnet]
  package var fabricSNAT: Bool

  package init(clusterName: String, podSubnets: [Subnet], serviceSubnets: [Subnet], fabricSNAT: Bool = false) {
    self.clusterName = clusterName
    self.podSubnets = podSubnets
    self.serviceSubnets = serviceSubnets
    self.fabricSNAT = fabricSNAT
  }

  package init(_ configuration: ContrailConfiguration) throws(SubnetError) {
    let pods = configuration.podNetwork
    let services = configuration.serviceNetwork
    self.init(clusterName: configuration.clusterName, podSubnets: [], serviceSubnets: [], fabricSNAT: pods.fabricSNAT)
    if let prefix = pods.ipv4Subnet {
      podSubnets.append(try Subnet(prefix, gateway: pods.ipv4Gateway.map { .v4($0) }))
    }
    if let prefix = pods.ipv6Subnet {
      podSubnets.append(try Subnet(prefix, gateway: pods.ipv6Gateway.map { .v6($0) }))
    }
    for case let prefix? in [services.ipv4Subnet, services.ipv6Subnet] { serviceSubnets.append(try Subnet(prefix)) }
  }

  /// The namespace of the cluster's own networks.
  package var namespace: String { clusterName + "-contrail" }
}

/// The namespace of what all clusters share.
package let contrailNamespace = "contrail"
