internal import NetworkAddresses
package import NetworkAttachments

extension Attachment {
  /// What each interface got, as the network-status annotation has it.
  package var networkStatus: [NetworkStatus] {
    interfaces.enumerated().map { position, interface in
      // The runtime itself asks for eth0, a meta-plugin for the others.
      NetworkStatus(
        name: interface.networkName, interface: interface.name, ips: interface.addresses.map(\.address.address),
        mac: interface.mac, isDefault: position == 0 && interfaceName == "eth0")
    }
  }
}

extension AttachedInterface {
  /// The virtual network.
  package var networkName: NetworkName { NetworkName(path: network) }
}

extension NetworkName {
  /// The parts of `namespace/network`, as the stores write it.
  package init(path: String) {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 1).map { String(Substring($0)) }
    self.init(namespace: parts.count == 2 ? parts[0] : "", name: parts.last ?? "")
  }
}
