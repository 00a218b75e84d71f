package import NetworkAddresses

/// One interface of a pod and its host end, a port of a routing instance's bridge.
package struct Port: Equatable, Sendable {
  /// The name inside the pod.
  package let name: String
  package let hostName: String
  package let mac: MACAddress
  package let hostMAC: MACAddress
  /// In bytes.
  package let mtu: UInt32
  /// The group of the pod's end: one deletion removes all interfaces of an attachment.
  package let group: UInt32
  /// What the host end says of itself, at most 255 bytes: `container/interface/pod UID`.
  package let alias: String
  package let addresses: [InterfaceAddress]
  /// The routers of the pod's default routes, at most one a family.
  package let gateways: [IPAddress]
  /// The gateways of its subnets, default route or not.
  package let routers: [IPAddress]
  /// The networks that its instance imports. Its routers lead there, where the family's default route does not anyway.
  package let imported: [IPPrefix]
  /// The sources that it may use beside its own.
  package let pairs: [AddressPair]
  /// Whether the gateway routes between it and the others of its network.
  package let isRouted: Bool
  /// Whether it is the interface by which everybody knows the pod.
  package let isMain: Bool

  package init(
    name: String, hostName: String, mac: MACAddress, hostMAC: MACAddress, mtu: UInt32, group: UInt32, alias: String,
    addresses: [InterfaceAddress], gateways: [IPAddress], routers: [IPAddress],
    imported: [IPPrefix] = [], isRouted: Bool = false, isMain: Bool = false, pairs: [AddressPair] = []
  ) {
    self.name = name
    self.hostName = hostName
    self.mac = mac
    self.hostMAC = hostMAC
    self.mtu = mtu
    self.group = group
    self.alias = alias
    self.addresses = addresses
    self.gateways = gateways
    self.routers = routers
    self.imported = imported
    self.isRouted = isRouted
    self.isMain = isMain
    self.pairs = pairs
  }

  /// The routers that imported networks are reached by: where the default route is, it leads there as well.
  package var importRouters: [IPAddress] {
    routers.filter { router in !gateways.contains { $0.family == router.family } }
  }

  /// Every address of the pod's end, its link-local one included where it speaks IPv6.
  package var allAddresses: [InterfaceAddress] {
    guard addresses.contains(where: { $0.address.family == .v6 }) else { return addresses }
    return addresses + [InterfaceAddress(.v6(.linkLocal(from: mac)), prefixLength: 64)]
  }
}
