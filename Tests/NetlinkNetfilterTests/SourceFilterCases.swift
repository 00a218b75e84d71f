import NetlinkNetfilter
import NetworkAddresses

private let mac = MACAddress("02:00:00:00:00:01")!
private let ip = IPv4Address("10.32.0.2")!
private let global = IPv6Address("2001:db8::2")!
private let local = IPv6Address.linkLocal(from: mac)
/// The virtual router's address that the port may use with its own MAC and with another one.
private let virtualMAC = MACAddress("00:00:5e:00:01:07")!
private let virtual4 = IPv4Address("10.32.7.7")!
private let virtual6 = IPv6Address("2001:db8:7::7")!

private let otherMAC = MACAddress("02:00:00:00:00:02")!
private let otherIP = IPv4Address("10.32.0.3")!
private let other6 = IPv6Address("2001:db8::3")!
private let gateway = IPv4Address("10.32.0.1")!
private let broadcast = MACAddress(rawValue: .max)
private let none4 = IPv4Address(rawValue: 0)
private let none6 = IPv6Address(rawValue: 0)
private let allNodes = IPv6Address("ff02::1")!
private let allNodesMAC = MACAddress("33:33:00:00:00:01")!

private func ipv4(
  _ source: IPv4Address = ip, mac source6: MACAddress = mac, _ proto: UInt8 = 17,
  _ payload: [UInt8] = Frame.udp(1000, to: 2000), fragment: UInt16 = 0, options: [UInt8] = []
) -> [UInt8] {
  Frame.ethernet(
    source6, to: Wire.peer, 0x0800,
    Frame.ipv4(source, to: otherIP, proto, payload, fragment: fragment, options: options))
}

private func arp(
  _ operation: UInt16 = 1, mac source: MACAddress = mac, _ sender: MACAddress = mac, _ address: IPv4Address = ip,
  format: [UInt8] = [0, 1, 8, 0, 6, 4]
) -> [UInt8] {
  Frame.ethernet(source, to: broadcast, 0x0806, Frame.arp(operation, sender, address, gateway, format: format))
}

private func ipv6(
  _ source: IPv6Address = global, mac sourceMAC: MACAddress = mac, _ next: UInt8 = 17,
  _ payload: [UInt8] = Frame.udp(1000, to: 2000)
) -> [UInt8] {
  Frame.ethernet(sourceMAC, to: Wire.peer, 0x86dd, Frame.ipv6(source, to: other6, next, payload))
}

private func icmpv6(_ type: UInt8, _ source: IPv6Address = local, _ body: [UInt8] = [0, 0, 0, 0]) -> [UInt8] {
  Frame.ethernet(
    mac, to: allNodesMAC, 0x86dd,
    Frame.ipv6(source, to: allNodes, 58, Frame.icmpv6(type, source, to: allNodes, body)))
}

private func neighbor(
  _ type: UInt8, _ source: IPv6Address, mac sourceMAC: MACAddress = mac, target: IPv6Address, _ options: [UInt8] = []
) -> [UInt8] {
  Frame.ethernet(
    sourceMAC, to: allNodesMAC, 0x86dd,
    Frame.neighbor(type, source, to: allNodes, target: target, options: options))
}

private func sourceOption(_ mac: MACAddress) -> [UInt8] { [1, 1] + mac.bytes }
private func targetOption(_ mac: MACAddress) -> [UInt8] { [2, 1] + mac.bytes }
private let nonce: [UInt8] = [14, 1, 1, 2, 3, 4, 5, 6]

/// A listener report (143) or other ICMPv6 message behind a header.
private func behind(_ next: UInt8, _ header: [UInt8], _ type: UInt8, _ source: IPv6Address = local) -> [UInt8] {
  let body: [UInt8] =
    type == 143
    ? [0, 0, 0, 1, 4, 0, 0, 0] + IPv6Address("ff02::1:ff00:2")!.bytes : [0, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
  let message = Frame.icmpv6(type, source, to: allNodes, body)
  return Frame.ethernet(
    mac, to: allNodesMAC, 0x86dd, Frame.ipv6(source, to: allNodes, next, header + message, hopLimit: 1))
}

/// A fragment header: next header, offset and flag as on the wire.
private func fragment(_ next: UInt8, _ offsetAndFlag: UInt16) -> [UInt8] {
  [next, 0] + Frame.be(offsetAndFlag) + [0, 0, 0, 9]
}

private let tcp = Frame.udp(547, to: 546) + [0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0]

/// A legal frame.
let legalFrame = ipv4()

/// A frame's name, the frame, and whether it may pass.
typealias SourceFilterCase = (String, [UInt8], Bool)

private let ethernetCases: [SourceFilterCase] = [
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

private let ipv4Cases: [SourceFilterCase] = [
  ("own address", ipv4(), true),
  ("foreign address", ipv4(otherIP), false),
  ("no address", ipv4(none4), false),
  ("virtual address with own MAC", ipv4(virtual4), true),
  ("virtual address with virtual MAC", ipv4(virtual4, mac: virtualMAC), true),
  ("beside the virtual prefix", ipv4(IPv4Address(rawValue: virtual4.rawValue + 1)), false),
  ("DHCP server", ipv4(ip, 17, Frame.udp(67, to: 68)), false),
  ("DHCP server, options before", ipv4(ip, 17, Frame.udp(67, to: 68), options: [1, 1, 1, 1]), false),
  ("DHCP server, first fragment", ipv4(ip, 17, Frame.udp(67, to: 68), fragment: 0x2000), false),
  ("other server, options before", ipv4(ip, 17, Frame.udp(66, to: 68), options: [1, 1, 1, 1]), true),
  ("first fragment", ipv4(ip, 17, Frame.udp(66, to: 68), fragment: 0x2000), true),
  ("later fragment", ipv4(ip, 17, Frame.udp(67, to: 68), fragment: 0x0001), true),
  ("later fragment of a foreign address", ipv4(otherIP, 17, Frame.udp(1, to: 2), fragment: 0x0001), false),
  ("TCP from port 67", ipv4(ip, 6, Frame.udp(67, to: 68) + tcp[8...]), true),
]

private let arpCases: [SourceFilterCase] = [
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
  ("own address with virtual MAC", arp(2, virtualMAC, ip), false),
  ("inverse request", arp(8), false),
  ("of another format", arp(format: [0, 6, 8, 0, 6, 4]), false),
  ("with longer addresses", arp(format: [0, 1, 8, 0, 8, 4]), false),
  ("cut short", Array(arp()[..<30]), false),
]

private let ipv6Cases: [SourceFilterCase] = [
  ("own global address", ipv6(), true),
  ("own link-local address", ipv6(local), true),
  ("foreign global address", ipv6(other6), false),
  ("foreign link-local address", ipv6(.linkLocal(from: otherMAC)), false),
  ("foreign MAC", ipv6(mac: otherMAC), false),
  ("no address", ipv6(none6), false),
  ("virtual address", ipv6(virtual6), true),
  ("virtual address with virtual MAC", ipv6(virtual6, mac: virtualMAC), true),
  ("beside the virtual prefix", ipv6(IPv6Address(rawValue: virtual6.rawValue + 1)), false),
  ("DHCPv6 server", ipv6(local, 17, Frame.udp(547, to: 546)), false),
  ("DHCPv6 client", ipv6(local, 17, Frame.udp(546, to: 547)), true),
  ("echo request", icmpv6(128), true),
  ("echo request from a foreign address", icmpv6(128, other6), false),
  ("router advertisement", icmpv6(134, local, [UInt8](repeating: 0, count: 12)), false),
  ("redirect", icmpv6(137, local, [UInt8](repeating: 0, count: 36)), false),
  ("inverse neighbour advertisement", icmpv6(142, local), false),
]

private let extensionCases: [SourceFilterCase] = [
  ("TCP", ipv6(global, 6, tcp), true),
  ("TCP from a foreign address", ipv6(other6, 6, tcp), false),
  ("first fragment of TCP from a foreign address", ipv6(other6, 44, fragment(6, 1) + tcp), false),
  ("first fragment of TCP", ipv6(global, 44, fragment(6, 1) + tcp), true),
  ("listener query", behind(0, Frame.routerAlert, 130), true),
  ("older listener report", behind(0, Frame.routerAlert, 131), true),
  ("older listener done", behind(0, Frame.routerAlert, 132), true),
  ("listener report without router alert", behind(58, [], 143), false),
  (
    "UDP that looks like a listener report behind hop-by-hop",
    ipv6(global, 0, [17, 0, 1, 4, 0, 0, 0, 0] + Frame.udp(143 << 8, to: 2)), false
  ),
  ("later fragment of an echo", ipv6(local, 44, fragment(58, 8) + [134, 0, 0, 0, 0, 0, 0, 0]), true),
  ("listener report", behind(0, Frame.routerAlert, 143), true),
  ("listener report from none", behind(0, Frame.routerAlert, 143, none6), true),
  ("older listener report from none", behind(0, Frame.routerAlert, 131, none6), true),
  ("listener report from a foreign address", behind(0, Frame.routerAlert, 143, other6), false),
  ("listener query from none", behind(0, Frame.routerAlert, 130, none6), false),
  ("router advertisement behind hop-by-hop", behind(0, Frame.routerAlert, 134), false),
  (
    "router advertisement behind longer hop-by-hop", behind(0, [58, 1, 1, 12] + [UInt8](repeating: 0, count: 12), 134),
    false
  ),
  (
    "listener report behind longer hop-by-hop", behind(0, [58, 1, 1, 12] + [UInt8](repeating: 0, count: 12), 143), false
  ),
  ("UDP behind hop-by-hop", ipv6(global, 0, [17, 0, 1, 4, 0, 0, 0, 0] + Frame.udp(1, to: 2)), false),
  ("router advertisement behind destination options", behind(60, [58, 0, 1, 4, 0, 0, 0, 0], 134), false),
  ("echo behind destination options", behind(60, [58, 0, 1, 4, 0, 0, 0, 0], 128), false),
  ("router advertisement behind routing", behind(43, [58, 0, 0, 0, 0, 0, 0, 0], 134), false),
  ("first fragment of UDP", ipv6(global, 44, fragment(17, 1) + Frame.udp(1, to: 2)), true),
  ("later fragment of UDP", ipv6(global, 44, fragment(17, 8) + Frame.udp(1, to: 2)), true),
  ("fragment of a foreign address", ipv6(other6, 44, fragment(17, 1) + Frame.udp(1, to: 2)), false),
  ("later fragment of a foreign address", ipv6(other6, 44, fragment(17, 8) + Frame.udp(1, to: 2)), false),
  ("first fragment of DHCPv6", ipv6(local, 44, fragment(17, 1) + Frame.udp(547, to: 546)), false),
  ("atomic fragment of DHCPv6", ipv6(local, 44, fragment(17, 0) + Frame.udp(547, to: 546)), false),
  ("first fragment of a router advertisement", behind(44, fragment(58, 1), 134), false),
  ("atomic fragment of a router advertisement", behind(44, fragment(58, 0), 134), false),
  ("fragment of an advertisement", behind(44, fragment(58, 1), 136), false),
  ("first fragment of an echo", behind(44, fragment(58, 1), 128), true),
  ("first fragment with destination options", behind(44, fragment(60, 1) + [58, 0, 1, 4, 0, 0, 0, 0], 134), false),
  ("fragment in a fragment", behind(44, fragment(44, 1) + fragment(58, 1), 134), false),
  (
    "first fragment with only destination options", ipv6(local, 44, fragment(60, 1) + [58, 0, 1, 4, 0, 0, 0, 0]), false
  ),
]

private let headerCases: [SourceFilterCase] =
  SourceFilter.extensionHeaders.flatMap { header in
    [
      ("echo behind header \(header)", behind(header, [58, 0, 1, 4, 0, 0, 0, 0], 128), false),
      ("fragment with header \(header)", behind(44, fragment(header, 1) + [58, 0, 1, 4, 0, 0, 0, 0], 128), false),
    ]
  } + [
    ("fragment with hop-by-hop", behind(44, fragment(0, 1) + [58, 0, 1, 4, 0, 0, 0, 0], 128), false)
  ] + [1, 2, 3, 4, 129].map { ("ICMPv6 \($0)", icmpv6($0), true) }

private let neighborCases: [SourceFilterCase] = [
  ("solicitation", neighbor(135, local, target: other6, sourceOption(mac)), true),
  ("solicitation from the global address", neighbor(135, global, target: other6, sourceOption(mac)), true),
  ("solicitation without option", neighbor(135, global, target: other6), true),
  ("solicitation with a foreign MAC", neighbor(135, global, target: other6, sourceOption(otherMAC)), false),
  ("solicitation from a foreign address", neighbor(135, other6, target: global, sourceOption(mac)), false),
  (
    "solicitation with the foreign MAC second", neighbor(135, global, target: other6, nonce + sourceOption(otherMAC)),
    false
  ),
  ("solicitation with both", neighbor(135, global, target: other6, sourceOption(mac) + sourceOption(otherMAC)), false),
  ("solicitation with the wrong option", neighbor(135, global, target: other6, targetOption(mac)), false),
  (
    "solicitation with a longer option",
    neighbor(135, global, target: other6, [1, 2] + mac.bytes + [UInt8](repeating: 0, count: 8)), false
  ),
  (
    "solicitation with padding after the packet",
    neighbor(135, global, target: other6, sourceOption(mac)) + [0, 0, 0, 0], true
  ),
  ("virtual solicitation", neighbor(135, virtual6, mac: virtualMAC, target: other6, sourceOption(virtualMAC)), true),
  ("own address with the virtual MAC", neighbor(135, global, target: other6, sourceOption(virtualMAC)), false),
  ("duplicate address detection", neighbor(135, none6, target: global), true),
  ("duplicate address detection with nonce", neighbor(135, none6, target: local, nonce), true),
  ("duplicate address detection of the virtual address", neighbor(135, none6, target: virtual6), true),
  ("duplicate address detection of a foreign address", neighbor(135, none6, target: other6), false),
  ("duplicate address detection with a MAC", neighbor(135, none6, target: global, sourceOption(mac)), false),
  ("advertisement", neighbor(136, local, target: local, targetOption(mac)), true),
  ("advertisement of the global address", neighbor(136, local, target: global, targetOption(mac)), true),
  ("advertisement without option", neighbor(136, global, target: global), true),
  ("advertisement with the wrong option", neighbor(136, local, target: local, sourceOption(mac)), false),
  ("virtual advertisement without option", neighbor(136, local, target: virtual6), true),
  ("advertisement of a foreign target", neighbor(136, local, target: other6, targetOption(mac)), false),
  ("advertisement of a foreign target without option", neighbor(136, local, target: other6), false),
  ("advertisement with a foreign MAC", neighbor(136, local, target: local, targetOption(otherMAC)), false),
  ("advertisement from a foreign address", neighbor(136, other6, target: local, targetOption(mac)), false),
  (
    "advertisement with the foreign MAC second",
    neighbor(136, local, target: local, targetOption(mac) + targetOption(otherMAC)), false
  ),
  ("advertisement from none", neighbor(136, none6, target: local, targetOption(mac)), false),
  ("virtual advertisement", neighbor(136, local, target: virtual6, targetOption(mac)), true),
  (
    "virtual advertisement with virtual MAC",
    neighbor(136, virtual6, mac: virtualMAC, target: virtual6, targetOption(virtualMAC)), true
  ),
  ("own target with the virtual MAC", neighbor(136, local, target: global, targetOption(virtualMAC)), false),
]

let sourceFilterCases = [ethernetCases, ipv4Cases, arpCases, ipv6Cases, extensionCases, headerCases, neighborCases]

/// What the port may use in ``sourceFilterCases``.
func bindSourceFilterCases(_ transaction: inout Transaction) {
  let port = KeyField.interface("vmi1")
  let table = SourceFilter.table
  transaction.add([SetElement(port, .mac(mac)), SetElement(port, .mac(virtualMAC))], to: SourceFilter.l2, in: table)
  transaction.add([SetElement(port, .mac(mac), .ipv4(ip))], to: SourceFilter.bind4, in: table)
  transaction.add(
    [SetElement(port, .mac(mac), .ipv6(global)), SetElement(port, .mac(mac), .ipv6(local))], to: SourceFilter.bind6,
    in: table)
  for mac in [mac, virtualMAC] {
    transaction.add(
      [SetElement(port, .mac(mac), in: IPPrefix(containing: .v4(virtual4), length: 32))], to: SourceFilter.aap4,
      in: table)
    transaction.add(
      [SetElement(port, .mac(mac), in: IPPrefix(containing: .v6(virtual6), length: 128))], to: SourceFilter.aap6,
      in: table)
  }
}
