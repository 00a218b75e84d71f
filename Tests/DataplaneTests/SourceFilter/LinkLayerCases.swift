import NetworkAddresses

extension SourceFilterCases {
  /// Ethernet.
  static let ethernet: [Case] = [
    ("own MAC", ipv4(), true),
    ("foreign MAC", ipv4(mac: otherMAC), false),
    ("the other address's MAC with this address", ipv4(mac: virtualMAC), false),
    ("tagged", Frame.tagged(ipv4(), 5), false),
    ("priority-tagged", Frame.tagged(ipv4(), 0), false),
    ("priority-tagged with priority", Frame.tagged(ipv4(), 7 << 13), false),
    ("provider-tagged", Frame.tagged(ipv4(), type: 0x88a8, 5), false),
    ("tagged twice", Frame.tagged(Frame.tagged(ipv4(), 6), type: 0x88a8, 5), false),
    ("tagged twice alike", Frame.tagged(Frame.tagged(ipv4(), 6), 5), false),
    ("unknown ethertype", Frame.ethernet(mac, to: Wire.peer, 0x88b5, [UInt8](repeating: 1, count: 46)), false),
    ("reverse ARP", Frame.ethernet(mac, to: broadcast, 0x8035, Frame.arp(3, mac, ip, ip)), false),
    ("802.3 length", Frame.ethernet(mac, to: Wire.peer, 46, [UInt8](repeating: 0xaa, count: 46)), false),
    (
      "MPLS",
      Frame.ethernet(mac, to: Wire.peer, 0x8847, [0, 0, 1, 64] + Frame.ipv4(ip, to: otherIP, 17, Frame.udp(1, to: 2))),
      false
    ),
    (
      "PPPoE",
      Frame.ethernet(
        mac, to: Wire.peer, 0x8864,
        [0x11, 0, 0, 1, 0, 30, 0, 0x21] + Frame.ipv4(ip, to: otherIP, 17, Frame.udp(1, to: 2))),
      false
    ),
  ]

  /// ARP.
  static let arpMessages: [Case] = [
    ("request", arp(), true),
    ("reply", arp(2), true),
    ("foreign sender MAC", arp(1, otherMAC), false),
    ("foreign sender MAC in a reply", arp(2, otherMAC), false),
    ("foreign sender address", arp(1, mac, otherIP), false),
    ("the gateway's address in a reply", arp(2, mac, gateway), false),
    ("foreign frame MAC", arp(1, mac: otherMAC), false),
    ("probe", arp(1, mac, none4), true),
    ("probe with a foreign MAC", arp(1, otherMAC, none4), false),
    ("reply without an address", arp(2, mac, none4), false),
    ("virtual address with own MAC", arp(1, mac, virtual4), true),
    ("virtual address with virtual MAC", arp(2, mac: virtualMAC, virtualMAC, virtual4), true),
    ("single address of a pair", arp(1, mac, host4), true),
    ("address that several have", arp(2, mac, shared4), true),
    ("own address with virtual MAC", arp(2, virtualMAC, ip), false),
    ("inverse request", arp(8), false),
    ("of another format", arp(format: [0, 6, 8, 0, 6, 4]), false),
    ("with longer addresses", arp(format: [0, 1, 8, 0, 8, 4]), false),
    ("cut short", Array(arp()[..<30]), false),
  ]
}
