package import NetworkAddresses

/// What a virtual network is on this node: a bridge with gateways, and rules about what passes.
package struct RoutingInstance: Equatable, Sendable {
  /// `namespace/network`.
  package let name: String
  package let placement: Placement
  /// In bytes.
  package let mtu: UInt32
  package let subnets: [Subnet]
  /// Whether pods reach the outside with the node's address.
  package let fabricSNAT: Bool
  /// The pod and service networks: what is not "outside".
  package let internalNetworks: [IPPrefix]
  /// The addresses in 169.254.0.0/16 that pods may reach.
  package let linkLocalServices: [IPv4Address]
  package let mode: ForwardingMode
  /// Whether pods send from their own addresses only. What leaves by the transit is checked in any case.
  package let checksSources: Bool
  /// Of a port's connections, where the instance's namespace keeps track of any.
  package let connectionLimit: ConnectionLimit

  /// What is forwarded between the pods.
  package enum ForwardingMode: String, Sendable {
    /// Frames among the pods of the network, packets by its gateway.
    case l2AndL3 = "l2_l3"
    /// Packets only, by the gateway.
    case l3
    /// Frames only: there is no gateway.
    case l2
  }

  /// Which namespace holds the instance.
  package enum Placement: Equatable, Sendable {
    /// The node's own: its pods and the node reach each other.
    case node
    /// One of its own, pinned in a directory: nothing reaches it but its pods.
    case pinned(directory: String, name: String)

    /// Pods of the node's own network share no segment; those of a user's network do.
    package var delivery: Delivery { self == .node ? .told : .flooded }
  }

  package struct Subnet: Equatable, Sendable {
    package let prefix: IPPrefix
    package let gateway: IPAddress

    package init(prefix: IPPrefix, gateway: IPAddress) {
      self.prefix = prefix
      self.gateway = gateway
    }
  }

  package init(
    name: String, placement: Placement = .node, mtu: UInt32, subnets: [Subnet], fabricSNAT: Bool,
    internalNetworks: [IPPrefix],
    linkLocalServices: [IPv4Address], mode: ForwardingMode = .l2AndL3, checksSources: Bool = true,
    connectionLimit: ConnectionLimit = .none
  ) {
    self.name = name
    self.placement = placement
    self.mtu = mtu
    self.subnets = subnets
    self.fabricSNAT = fabricSNAT
    self.internalNetworks = internalNetworks
    self.linkLocalServices = linkLocalServices
    self.mode = mode
    self.checksSources = checksSources
    self.connectionLimit = connectionLimit
  }

  /// How frames come to the pods. In the node's own namespace frames and packets are forwarded, whatever the mode.
  package var delivery: Delivery { Delivery(placement, mode) }

  /// Whether the instance forwards packets and has gateways.
  var isRouter: Bool { placement == .node || mode != .l2 }

  /// The bridge's addresses: the gateways, and the link-local one that IPv6 forwarding needs.
  package var gatewayAddresses: [InterfaceAddress] {
    guard isRouter else { return [] }
    let gateways = subnets.map { InterfaceAddress($0.gateway, prefixLength: $0.prefix.length) }
    guard KernelFeatures.addressGeneration(mtu: mtu) != nil else { return gateways }
    return gateways + [InterfaceAddress(.v6(NodeNames.gatewayLinkLocal), prefixLength: 64)]
  }

  /// Everything that the kernel's objects are made from, as text: an instance that was built from another text has to be
  /// looked at again.
  package var fingerprint: String {
    var text = "v4 mtu \(mtu) snat \(fabricSNAT) subnets"
    for subnet in subnets { text += " \(subnet.prefix) via \(subnet.gateway)" }
    text += " inside"
    for network in internalNetworks { text += " \(network)" }
    text += " link-local"
    for service in linkLocalServices { text += " \(service)" }
    text += " mode \(mode.rawValue) rpf \(checksSources) \(connectionLimit.fingerprint)"
    return text
  }
}
