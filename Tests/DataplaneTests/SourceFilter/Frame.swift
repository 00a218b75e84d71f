import NetworkAddresses

/// Bytes of frames, written as the protocols lay them out.
enum Frame {
  static func ethernet(_ source: MACAddress, to destination: MACAddress, _ type: UInt16, _ payload: [UInt8]) -> [UInt8]
  {
    destination.bytes + source.bytes + be(type) + payload
  }

  /// The frame with a VLAN tag after the MAC addresses (IEEE 802.1Q, or 802.1ad with type `0x88a8`).
  static func tagged(_ frame: [UInt8], type: UInt16 = 0x8100, _ control: UInt16) -> [UInt8] {
    frame[..<12] + be(type) + be(control) + frame[12...]
  }

  static func arp(
    _ operation: UInt16, _ senderMAC: MACAddress, _ sender: IPv4Address, _ target: IPv4Address,
    format: [UInt8] = [0, 1, 8, 0, 6, 4]
  ) -> [UInt8] {
    format + be(operation) + senderMAC.bytes + sender.bytes + [0, 0, 0, 0, 0, 0] + target.bytes
  }

  /// - Parameter fragment: Flags and offset as in the header: `0x2000` for more fragments, the offset in units of 8.
  static func ipv4(
    _ source: IPv4Address, to destination: IPv4Address, _ proto: UInt8, _ payload: [UInt8], fragment: UInt16 = 0,
    options: [UInt8] = []
  ) -> [UInt8] {
    let length = UInt16(20 + options.count + payload.count)
    var header: [UInt8] =
      [0x45 + UInt8(options.count / 4), 0] + be(length) + [0, 7] + be(fragment) + [64, proto, 0, 0]
    header += source.bytes + destination.bytes + options
    header.replaceSubrange(10..<12, with: be(checksum(header)))
    return header + payload
  }

  static func ipv6(
    _ source: IPv6Address, to destination: IPv6Address, _ next: UInt8, _ payload: [UInt8], hopLimit: UInt8 = 255
  ) -> [UInt8] {
    [0x60, 0, 0, 0] + be(UInt16(payload.count)) + [next, hopLimit] + source.bytes + destination.bytes + payload
  }

  static func udp(_ source: UInt16, to destination: UInt16, _ payload: [UInt8] = []) -> [UInt8] {
    be(source) + be(destination) + be(UInt16(8 + payload.count)) + [0, 0] + payload
  }

  /// - Parameter body: What follows type, code and checksum.
  static func icmpv6(_ type: UInt8, _ source: IPv6Address, to destination: IPv6Address, _ body: [UInt8]) -> [UInt8] {
    var message: [UInt8] = [type, 0, 0, 0] + body
    let pseudoHeader = source.bytes + destination.bytes + [0, 0] + be(UInt16(message.count)) + [0, 0, 0, 58]
    message.replaceSubrange(2..<4, with: be(checksum(pseudoHeader + message)))
    return message
  }

  /// A neighbour solicitation (135) or advertisement (136) in its IPv6 packet.
  static func neighbor(
    _ type: UInt8, _ source: IPv6Address, to destination: IPv6Address, target: IPv6Address, options: [UInt8] = []
  ) -> [UInt8] {
    let flags: [UInt8] = [type == 136 ? 0x60 : 0, 0, 0, 0]
    return ipv6(source, to: destination, 58, icmpv6(type, source, to: destination, flags + target.bytes + options))
  }

  /// A hop-by-hop header with the router alert of multicast listener messages (RFC 2711), before ICMPv6.
  static let routerAlert: [UInt8] = [58, 0, 5, 2, 0, 0, 1, 0]

  static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
    }
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(sum)
  }

  static func be(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)] }
}
