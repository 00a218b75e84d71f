internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import NetworkAddresses
internal import NetworkAttachments
internal import VirtualNetworks

/// A virtual network as this node attaches pods to it.
struct NodeNetwork {
  /// `namespace/network`.
  let name: String
  let instance: RoutingInstance
  /// One a family, IPv4 first.
  let pools: [Pool]
  /// How it reaches others; `nil` where it reaches none.
  let connection: ConnectedInstance?
  /// How it and the node reach each other; `nil` where they do not, and where the network is in the node's own namespace.
  let uplink: UplinkPlan?

  /// Where an address of the pool is on a pod's interface.
  func interfaceAddress(_ address: IPAddress, in pool: Pool) -> InterfaceAddress {
    let prefix = pool.subnet(containing: address)?.prefix ?? pool.subnets[0].prefix
    return InterfaceAddress(address, prefixLength: prefix.length)
  }

  /// The subnet of a family.
  func subnet(_ family: IPFamily) -> Subnet? { pools.first { $0.family == family }?.subnets[0] }
}

extension NodeNetwork {
  /// The cluster's default pod network, `<cluster>-contrail/default-podnetwork`, as the configuration makes it. Its
  /// routing instance is the node's own namespace, so that the node reaches its pods.
  ///
  /// - Parameter mtu: in bytes, never 0.
  init(
    default configuration: ContrailConfiguration, connection: ConnectedInstance?, mtu: UInt32
  ) throws(CNIError) {
    let name = NetworkName.defaultPodNetwork(clusterName: configuration.clusterName).description
    let pods = configuration.podNetwork
    let services = configuration.serviceNetwork
    let cluster: ClusterSettings
    do { cluster = try ClusterSettings(configuration) } catch {
      throw CNIError(.invalidConfiguration, "contrail.pod-network: \(error)")
    }
    self.init(
      name: name,
      instance: RoutingInstance(
        name: name, mtu: mtu, subnets: cluster.podSubnets.map(RoutingInstance.Subnet.init),
        fabricSNAT: pods.fabricSNAT,
        internalNetworks: [pods.ipv4Subnet, pods.ipv6Subnet, services.ipv4Subnet, services.ipv6Subnet]
          .compactMap { $0 },
        linkLocalServices: configuration.linkLocalServices, connectionLimit: ConnectionLimit(configuration)),
      pools: cluster.podSubnets.map { Pool("\(name)-v\($0.prefix.family.rawValue)", $0) },
      connection: connection, uplink: nil)
  }

  /// A network that somebody defined. Its routing instance is a namespace of its own.
  ///
  /// - Parameters:
  ///   - limit: of a port's connections.
  ///   - pins: the directory of the files that keep such namespaces.
  ///   - mtu: in bytes, never 0.
  init(
    _ facts: NetworkFacts, connection: ConnectedInstance?, limit: ConnectionLimit, pins: String, mtu: UInt32
  ) {
    let name = facts.name.description
    self.init(
      name: name,
      instance: RoutingInstance(
        name: name, placement: .pinned(directory: pins, name: NodeNames.pin(ofNetwork: name)), mtu: mtu,
        subnets: facts.subnets.map { RoutingInstance.Subnet($0.subnet) }, fabricSNAT: false, internalNetworks: [],
        linkLocalServices: [], mode: .init(facts.forwardingMode),
        checksSources: facts.reversePathForwarding == .enable, connectionLimit: limit),
      pools: facts.subnets.map { Pool($0.path, $0.subnet, order: $0.isDescending ? .descending : .ascending) },
      connection: connection, uplink: UplinkPlan(facts))
  }
}

extension ConnectionLimit {
  init(_ configuration: ContrailConfiguration) {
    self.init(open: configuration.connectionLimit, perSecond: configuration.connectionRate)
  }
}

extension RoutingInstance.Subnet {
  fileprivate init(_ subnet: Subnet) { self.init(prefix: subnet.prefix, gateway: subnet.gateway) }
}

extension RoutingInstance.ForwardingMode {
  fileprivate init(_ mode: NetworkDefinition.ForwardingMode) {
    self =
      switch mode {
      case .l2AndL3: .l2AndL3
      case .l3: .l3
      case .l2: .l2
      }
  }
}
