internal import ContrailIPAM
internal import Dataplane
internal import NetworkAddresses

/// A virtual network as this node attaches pods to it.
struct NodeNetwork {
  /// `namespace/network`.
  let name: String
  let instance: RoutingInstance
  /// One a family, IPv4 first.
  let pools: [Pool]

  /// Where an address of the pool is on a pod's interface.
  func interfaceAddress(_ address: IPAddress, in pool: Pool) -> InterfaceAddress {
    let prefix = pool.subnet(containing: address)?.prefix ?? pool.subnets[0].prefix
    return InterfaceAddress(address, prefixLength: prefix.length)
  }
}

/// One interface that an ADD is to make.
struct InterfacePlan {
  /// The name inside the pod.
  let name: String
  let network: NodeNetwork
  /// The addresses that were asked for, by family; the other families' are chosen.
  let addresses: [IPFamily: IPAddress]
  let mac: MACAddress?
  /// The families whose default route leaves through this interface.
  let defaultRoutes: Set<IPFamily>
}
