import Dataplane
import NetworkAddresses

extension SourceFilterCases {
  /// IPv4.
  static let ipv4Packets: [Case] = [
    ("own address", ipv4(), true),
    ("foreign address", ipv4(otherIP), false),
    ("no address", ipv4(none4), false),
    ("virtual address with own MAC", ipv4(virtual4), true),
    ("virtual address with virtual MAC", ipv4(virtual4, mac: virtualMAC), true),
    ("single address of a pair", ipv4(host4), true),
    ("single address of a pair with virtual MAC", ipv4(host4, mac: virtualMAC), true),
    ("beside the virtual prefix", ipv4(IPv4Address(rawValue: virtual4.rawValue + 1)), false),
    ("DHCP server", ipv4(ip, 17, Frame.udp(67, to: 68)), false),
    ("DHCP server, options before", ipv4(ip, 17, Frame.udp(67, to: 68), options: [1, 1, 1, 1]), false),
    ("DHCP server, first fragment", ipv4(ip, 17, Frame.udp(67, to: 68), fragment: 0x2000), false),
    ("other server, options before", ipv4(ip, 17, Frame.udp(66, to: 68), options: [1, 1, 1, 1]), true),
    ("first fragment", ipv4(ip, 17, Frame.udp(66, to: 68), fragment: 0x2000), true),
    ("later fragment", ipv4(ip, 17, Frame.udp(67, to: 68), fragment: 0x0001), true),
    ("later fragment of a foreign address", ipv4(otherIP, 17, Frame.udp(1, to: 2), fragment: 0x0001), false),
    ("echo", ipv4(ip, 1, [8, 0, 0xf7, 0xff, 0, 0, 0, 0]), true),
    ("redirect", ipv4(ip, 1, redirect), false),
    ("redirect, options before", ipv4(ip, 1, redirect, options: [1, 1, 1, 1]), false),
    ("redirect, first fragment", ipv4(ip, 1, redirect, fragment: 0x2000), false),
    ("later fragment like a redirect", ipv4(ip, 1, redirect, fragment: 0x0001), true),
    ("UDP like a redirect", ipv4(ip, 17, Frame.udp(0x0501, to: 2)), true),
    ("TCP from port 67", ipv4(ip, 6, Frame.udp(67, to: 68) + tcp[8...]), true),
  ]

  /// IPv6 and ICMPv6.
  static let ipv6Packets: [Case] = [
    ("own global address", ipv6(), true),
    ("own link-local address", ipv6(local), true),
    ("foreign global address", ipv6(other6), false),
    ("foreign link-local address", ipv6(.linkLocal(from: otherMAC)), false),
    ("foreign MAC", ipv6(mac: otherMAC), false),
    ("no address", ipv6(none6), false),
    ("virtual address", ipv6(virtual6), true),
    ("virtual address with virtual MAC", ipv6(virtual6, mac: virtualMAC), true),
    ("single address of a pair", ipv6(host6), true),
    ("beside the virtual prefix", ipv6(IPv6Address(rawValue: virtual6.rawValue + 1)), false),
    ("DHCPv6 server", ipv6(local, 17, Frame.udp(547, to: 546)), false),
    ("DHCPv6 client", ipv6(local, 17, Frame.udp(546, to: 547)), true),
    ("echo request", icmpv6(128), true),
    ("echo request from a foreign address", icmpv6(128, other6), false),
    ("router solicitation", icmpv6(133), false),
    ("router advertisement", icmpv6(134, local, [UInt8](repeating: 0, count: 12)), false),
    ("redirect", icmpv6(137, local, [UInt8](repeating: 0, count: 36)), false),
    ("inverse neighbour advertisement", icmpv6(142, local), false),
  ]

  /// IPv6 headers between the first and the payload.
  static let extensions: [Case] = [
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
      "router advertisement behind longer hop-by-hop",
      behind(0, [58, 1, 1, 12] + [UInt8](repeating: 0, count: 12), 134),
      false
    ),
    (
      "listener report behind longer hop-by-hop", behind(0, [58, 1, 1, 12] + [UInt8](repeating: 0, count: 12), 143),
      false
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
      "first fragment with only destination options", ipv6(local, 44, fragment(60, 1) + [58, 0, 1, 4, 0, 0, 0, 0]),
      false
    ),
  ]

  /// Every header behind which another could hide, and every ICMPv6 type that passes.
  static let headers: [Case] =
    SourceFilter.extensionHeaders.flatMap { header in
      [
        ("echo behind header \(header)", behind(header, [58, 0, 1, 4, 0, 0, 0, 0], 128), false),
        ("fragment with header \(header)", behind(44, fragment(header, 1) + [58, 0, 1, 4, 0, 0, 0, 0], 128), false),
      ]
    } + [
      ("fragment with hop-by-hop", behind(44, fragment(0, 1) + [58, 0, 1, 4, 0, 0, 0, 0], 128), false)
    ] + [1, 2, 3, 4, 129].map { ("ICMPv6 \($0)", icmpv6($0), true) }

  private static let redirect: [UInt8] = [5, 1, 0, 0] + gateway.bytes + [UInt8](repeating: 0, count: 28)
}
