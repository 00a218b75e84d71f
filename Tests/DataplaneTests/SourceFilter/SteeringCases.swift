import NetworkAddresses

// Whatever MAC a frame is addressed to, it goes to the station of the address that it is for.

extension SourceFilterCases {
  /// An address that nobody has.
  private static let unheld6 = IPv6Address("2001:db8:7::77")!

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
