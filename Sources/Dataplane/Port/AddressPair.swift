package import NetworkAddresses

/// Addresses that a port may use beside its own: an allowed address pair.
package struct AddressPair: Hashable, Sendable {
  /// A host is a prefix of the whole width.
  package let prefix: IPPrefix
  /// The MAC that the addresses are used with; `nil` for the port's own.
  package let mac: MACAddress?
  /// Whether all ports with the prefix have it at once, rather than the one that announced itself last.
  package let isShared: Bool

  package init(prefix: IPPrefix, mac: MACAddress?, isShared: Bool) {
    self.prefix = prefix
    self.mac = mac
    self.isShared = isShared
  }

  /// Whether it is a single address.
  package var isHost: Bool { prefix.length == prefix.family.bits }
}

extension Port {
  /// The port with these pairs.
  package func keeping(_ pairs: [AddressPair]) -> Port {
    Port(
      name: name, hostName: hostName, mac: mac, hostMAC: hostMAC, mtu: mtu, group: group, alias: alias,
      addresses: addresses, gateways: gateways, routers: routers, imported: imported, isRouted: isRouted, pairs: pairs)
  }

  /// The MACs of its pairs that are not its own, each once.
  var pairMACs: [MACAddress] {
    var macs: [MACAddress] = []
    for case let other? in pairs.map(\.mac) where other != mac && !macs.contains(other) { macs.append(other) }
    return macs
  }

  /// The MACs that a pair's addresses may be used with: its own one, and the port's, with which a system that has the
  /// address on another interface answers.
  func macs(of pair: AddressPair) -> [MACAddress] {
    guard let other = pair.mac, other != mac else { return [mac] }
    return [mac, other]
  }

  /// The addresses that go with every MAC of the port. Who speaks VRRP with a virtual router's MAC sends from the
  /// interface's own address, or from the link-local address of that MAC.
  func ownAddresses(with other: MACAddress) -> [IPAddress] {
    let own = addresses.map(\.address) + [.v6(.linkLocal(from: mac))]
    return other == mac ? own : own + [.v6(.linkLocal(from: other))]
  }

  /// The single addresses of its pairs, each with its MAC, and the prefixes. A prefix in another one says nothing.
  var pairBindings: (hosts: [(MACAddress, IPAddress)], prefixes: [(MACAddress, IPPrefix)]) {
    var hosts: [(MACAddress, IPAddress)] = []
    var prefixes: [(MACAddress, IPPrefix)] = []
    // The widest first, so that what one of them holds comes after it.
    for pair in pairs.sorted(by: { $0.prefix.length < $1.prefix.length }) {
      for mac in macs(of: pair) {
        let isHeld = prefixes.contains { $0.0 == mac && $0.1.contains(pair.prefix.address) }
        if isHeld || hosts.contains(where: { $0 == (mac, pair.prefix.address) && pair.isHost }) { continue }
        if pair.isHost { hosts.append((mac, pair.prefix.address)) } else { prefixes.append((mac, pair.prefix)) }
      }
    }
    return (hosts, prefixes)
  }
}
