internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute
package import NetworkAddresses

/// The host end of a pod's interface, as the kernel has it.
package struct HostEnd: Equatable, Sendable {
  package let name: String
  package let index: UInt32
  package let mac: MACAddress
  /// In bytes.
  package let mtu: UInt32
  /// Of the pod's end in its namespace.
  package let peerIndex: UInt32
  package let containerID: String
  /// The name inside the pod.
  package let interface: String
  package let podUID: String
}

extension KernelNamespace {
  /// The host ends that are here, those that say whose they are and those that do not.
  package func hostEnds() throws(DataplaneError) -> (known: [HostEnd], nameless: [String]) {
    let route = try route()
    let links = try asking { () throws(NetlinkError) in try route.links() }
      .filter { $0.kind == Veth.name && isHostName($0.name) }
    var known: [HostEnd] = []
    var nameless: [String] = []
    for link in links {
      let parts = (link.alias ?? "").utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 3, let mac = link.address, let peer = link.peerIndex,
        link.name == NodeNames.hostName(containerID: parts[0], interfaceName: parts[1])
      else {
        nameless.append(link.name)
        continue
      }
      known.append(
        HostEnd(
          name: link.name, index: link.index, mac: mac, mtu: link.mtu, peerIndex: peer, containerID: parts[0],
          interface: parts[1], podUID: parts[2]))
    }
    return (known, nameless)
  }

  /// `vmi` and eleven digits of a hash.
  private func isHostName(_ name: String) -> Bool {
    name.hasPrefix(NodeNames.portPrefix) && name.utf8.count == 14
      && name.utf8.dropFirst(3).allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// The bridge of the instance that is here; `nil` without one.
  package func bridgeFound() throws(DataplaneError) -> (index: UInt32, addresses: [InterfaceAddress])? {
    let route = try route()
    return try asking { () throws(NetlinkError) in
      guard let bridge = try route.link(.name(NodeNames.bridge)), bridge.kind == Bridge.name else { return nil }
      return (bridge.index, try route.addresses(link: bridge.index).map(\.address))
    }
  }

  /// The numbers of the instance's links to the transit and to the node; 0 where it has none.
  package func linkNumbers() throws(DataplaneError) -> (vni: UInt32, uplink: UInt32) {
    let transit = try transitEnd()?.peerIndex ?? 0
    let uplink = try uplinkEnd()?.peerIndex ?? 0
    return (
      transit > TransitNames.linkIndex(0) ? transit - TransitNames.linkIndex(0) : 0,
      uplink > UplinkNames.nodeIndex(0) ? uplink - UplinkNames.nodeIndex(0) : 0
    )
  }
}
