import Dataplane
import NetworkAddresses

// Whatever MAC a frame is addressed to, it goes to the station of the address that it is for.

extension SourceFilterCases {
  /// An address that nobody has.
  private static let unheld6 = IPv6Address("2001:db8:7::77")!

  /// What an announcement changes: its name, the announcements, a frame, and the MAC that it arrives with.
  static let announced: [(String, [[UInt8]], [UInt8], MACAddress)] = [
    ("IPv4 to a single address", [gratuitous(mac, host4)], ipv4(to: host4), mac),
    ("IPv4 to one of a prefix", [gratuitous(mac, virtual4)], ipv4(to: virtual4), mac),
    ("request for an address", [], arp(target: virtual4), mac),
    ("IPv4 to the last one", [gratuitous(virtualMAC, virtual4)], ipv4(to: virtual4), virtualMAC),
    ("IPv4 to one that several have", [gratuitous(mac, shared4)], ipv4(to: shared4), NodeNames.gatewayMAC),
    ("request for one that several have", [], arp(target: shared4), broadcast),
    ("IPv4 to another's own address", [gratuitous(mac, claimed4)], ipv4(to: claimed4), otherMAC),
    ("request for another's own address", [], arp(target: claimed4), otherMAC),

    ("IPv6 to a single address", [unsolicited(mac, host6)], ipv6(to: host6), mac),
    ("IPv6 to one of a prefix", [unsolicited(mac, virtual6)], ipv6(to: virtual6), mac),
    ("solicitation of an address", [], neighbor(135, global, target: virtual6, sourceOption(mac)), mac),
    ("IPv6 to the last one", [unsolicited(virtualMAC, virtual6)], ipv6(to: virtual6), virtualMAC),
    ("IPv6 to one that several have", [unsolicited(mac, shared6)], ipv6(to: shared6), NodeNames.gatewayMAC),
    ("solicitation of one that several have", [], neighbor(135, global, target: shared6), allNodesMAC),
    ("IPv6 to another's own address", [unsolicited(mac, claimed6)], ipv6(to: claimed6), otherMAC),
    ("solicitation of another's own address", [], neighbor(135, global, target: claimed6), otherMAC),
  ]

  /// An ARP request for the sender's own address.
  private static func gratuitous(_ sender: MACAddress, _ address: IPv4Address) -> [UInt8] {
    arp(1, sender, address, target: address)
  }

  private static func unsolicited(_ sender: MACAddress, _ address: IPv6Address) -> [UInt8] {
    neighbor(136, address, mac: sender, target: address, targetOption(sender))
  }

  /// A frame's name, the frame, and the MAC that it arrives with.
  static let steering: [(String, [UInt8], MACAddress)] = [
    ("request", arp(target: otherIP), otherMAC),
    ("request from the virtual address", arp(1, mac, virtual4, target: otherIP), otherMAC),
    ("request for an address without a station", arp(), broadcast),
    ("reply", arp(2, target: otherIP), broadcast),
    ("probe", arp(1, mac, none4, target: otherIP), broadcast),

    ("IPv4", ipv4(), otherMAC),
    ("IPv4 from the virtual address", ipv4(virtual4), otherMAC),
    ("later fragment of IPv4", ipv4(fragment: 1), otherMAC),
    ("IPv4 to an address without a station", ipv4(to: gateway), Wire.peer),

    ("IPv6", ipv6(), otherMAC),
    ("IPv6 from the virtual address", ipv6(virtual6), otherMAC),
    ("IPv6 to the link-local address", ipv6(to: .linkLocal(from: otherMAC)), otherMAC),
    ("TCP on IPv6", ipv6(global, 6, tcp), otherMAC),
    ("first fragment of IPv6", ipv6(global, 44, fragment(17, 1) + Frame.udp(1, to: 2)), otherMAC),
    ("later fragment of IPv6", ipv6(global, 44, fragment(17, 8) + Frame.udp(1, to: 2)), otherMAC),
    ("IPv6 to an address without a station", ipv6(to: unheld6), Wire.peer),
    ("echo to a group", icmpv6(128), allNodesMAC),
    ("listener report", behind(0, Frame.routerAlert, 143), allNodesMAC),

    ("solicitation", neighbor(135, global, target: other6, sourceOption(mac)), otherMAC),
    ("solicitation without option", neighbor(135, local, target: other6), otherMAC),
    ("solicitation of the link-local address", neighbor(135, local, target: .linkLocal(from: otherMAC)), otherMAC),
    ("solicitation from the virtual address", neighbor(135, virtual6, target: other6), otherMAC),
    ("solicitation of an address without a station", neighbor(135, global, target: unheld6), allNodesMAC),
    ("duplicate address detection", neighbor(135, none6, target: global), allNodesMAC),
    ("advertisement to a solicitor", neighbor(136, global, target: global, to: other6), otherMAC),
    ("advertisement to all", neighbor(136, global, target: global), allNodesMAC),
  ]
}
