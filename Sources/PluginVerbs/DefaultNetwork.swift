internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import NetworkAddresses
internal import NetworkAttachments

extension NodeNetwork {
  /// The cluster's default pod network, `<cluster>-contrail/default-podnetwork`, as the configuration makes it.
  ///
  /// - Parameter mtu: in bytes, never 0.
  init(default configuration: ContrailConfiguration, mtu: UInt32) throws(CNIError) {
    let name = configuration.clusterName + "-contrail/default-podnetwork"
    let pods = configuration.podNetwork
    let services = configuration.serviceNetwork
    var pools: [Pool] = []
    if let prefix = pods.ipv4Subnet {
      pools.append(try pool(prefix, pods.ipv4Gateway.map { .v4($0) }, network: name))
    }
    if let prefix = pods.ipv6Subnet {
      pools.append(try pool(prefix, pods.ipv6Gateway.map { .v6($0) }, network: name))
    }
    let instance = RoutingInstance(
      name: name, mtu: mtu,
      subnets: pools.map { RoutingInstance.Subnet(prefix: $0.subnets[0].prefix, gateway: $0.subnets[0].gateway) },
      fabricSNAT: pods.fabricSNAT,
      internalNetworks: [pods.ipv4Subnet, pods.ipv6Subnet, services.ipv4Subnet, services.ipv6Subnet].compactMap { $0 },
      linkLocalServices: configuration.linkLocalServices)
    self.init(name: name, instance: instance, pools: pools)
  }
}

private func pool(_ prefix: IPPrefix, _ gateway: IPAddress?, network: String) throws(CNIError) -> Pool {
  do {
    return Pool("\(network) \(prefix.family)", try Subnet(prefix, gateway: gateway))
  } catch {
    throw CNIError(.invalidConfiguration, "contrail.pod-network: \(error)")
  }
}
