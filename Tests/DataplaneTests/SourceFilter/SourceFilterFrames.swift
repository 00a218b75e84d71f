import NetworkAddresses

// Frames of a pod, legal as they are: each case changes one thing.

enum SourceFilterCases {
  /// A frame's name, the frame, and whether it may pass.
  typealias Case = (String, [UInt8], Bool)

  static let all = [
    ethernet, arpMessages, ipv4Packets, ipv6Packets, extensions, headers, neighborDiscovery,
  ]

  static let mac = MACAddress("02:00:00:00:00:01")!
  static let ip = IPv4Address("10.32.0.2")!
  static let global = IPv6Address("2001:db8::2")!
  static let local = IPv6Address.linkLocal(from: mac)
  /// The virtual router's address that the port may use with its own MAC and with another one.
  static let virtualMAC = MACAddress("00:00:5e:00:01:07")!
  static let virtual4 = IPv4Address("10.32.7.7")!
  static let virtual6 = IPv6Address("2001:db8:7::7")!

  /// The same as a single address, as one that several ports have at once, and as one that is another port's own.
  static let host4 = IPv4Address("10.32.8.8")!
  static let host6 = IPv6Address("2001:db8:8::8")!
  static let shared4 = IPv4Address("10.32.9.9")!
  static let shared6 = IPv6Address("2001:db8:9::9")!
  static let claimed4 = IPv4Address("10.32.0.33")!
  static let claimed6 = IPv6Address("2001:db8::33")!

  static let otherMAC = MACAddress("02:00:00:00:00:02")!
  static let otherIP = IPv4Address("10.32.0.3")!
  static let other6 = IPv6Address("2001:db8::3")!
  static let gateway = IPv4Address("10.32.0.1")!
  static let broadcast = MACAddress(rawValue: .max)
  static let none4 = IPv4Address(rawValue: 0)
  static let none6 = IPv6Address(rawValue: 0)
  static let allNodes = IPv6Address("ff02::1")!
  static let allNodesMAC = MACAddress("33:33:00:00:00:01")!

  static func ipv4(
    _ source: IPv4Address = ip, mac sourceMAC: MACAddress = mac, _ proto: UInt8 = 17,
    _ payload: [UInt8] = Frame.udp(1000, to: 2000), fragment: UInt16 = 0, options: [UInt8] = [],
    to destination: IPv4Address = otherIP
  ) -> [UInt8] {
    Frame.ethernet(
      sourceMAC, to: Wire.peer, 0x0800,
      Frame.ipv4(source, to: destination, proto, payload, fragment: fragment, options: options))
  }

  static func arp(
    _ operation: UInt16 = 1, mac source: MACAddress = mac, _ sender: MACAddress = mac, _ address: IPv4Address = ip,
    format: [UInt8] = [0, 1, 8, 0, 6, 4], target: IPv4Address = gateway
  ) -> [UInt8] {
    Frame.ethernet(source, to: broadcast, 0x0806, Frame.arp(operation, sender, address, target, format: format))
  }

  static func ipv6(
    _ source: IPv6Address = global, mac sourceMAC: MACAddress = mac, _ next: UInt8 = 17,
    _ payload: [UInt8] = Frame.udp(1000, to: 2000), to destination: IPv6Address = other6
  ) -> [UInt8] {
    Frame.ethernet(sourceMAC, to: Wire.peer, 0x86dd, Frame.ipv6(source, to: destination, next, payload))
  }

  static func icmpv6(_ type: UInt8, _ source: IPv6Address = local, _ body: [UInt8] = [0, 0, 0, 0]) -> [UInt8] {
    Frame.ethernet(
      mac, to: allNodesMAC, 0x86dd,
      Frame.ipv6(source, to: allNodes, 58, Frame.icmpv6(type, source, to: allNodes, body)))
  }

  static func neighbor(
    _ type: UInt8, _ source: IPv6Address, mac sourceMAC: MACAddress = mac, target: IPv6Address, _ options: [UInt8] = [],
    to destination: IPv6Address = allNodes
  ) -> [UInt8] {
    Frame.ethernet(
      sourceMAC, to: allNodesMAC, 0x86dd,
      Frame.neighbor(type, source, to: destination, target: target, options: options))
  }

  static func sourceOption(_ mac: MACAddress) -> [UInt8] { [1, 1] + mac.bytes }
  static func targetOption(_ mac: MACAddress) -> [UInt8] { [2, 1] + mac.bytes }
  static let nonce: [UInt8] = [14, 1, 1, 2, 3, 4, 5, 6]

  /// A listener report (143) or other ICMPv6 message behind a header.
  static func behind(_ next: UInt8, _ header: [UInt8], _ type: UInt8, _ source: IPv6Address = local) -> [UInt8] {
    let body: [UInt8] =
      type == 143
      ? [0, 0, 0, 1, 4, 0, 0, 0] + IPv6Address("ff02::1:ff00:2")!.bytes
      : [0, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
    let message = Frame.icmpv6(type, source, to: allNodes, body)
    return Frame.ethernet(
      mac, to: allNodesMAC, 0x86dd, Frame.ipv6(source, to: allNodes, next, header + message, hopLimit: 1))
  }

  /// A fragment header: next header, offset and flag as on the wire.
  static func fragment(_ next: UInt8, _ offsetAndFlag: UInt16) -> [UInt8] {
    [next, 0] + Frame.be(offsetAndFlag) + [0, 0, 0, 9]
  }

  static let tcp = Frame.udp(547, to: 546) + [0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0]

}
