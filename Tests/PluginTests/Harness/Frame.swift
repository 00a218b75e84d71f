/// An Ethernet frame built byte by byte, right or deliberately wrong.
struct Frame: Sendable {
  var destination: [UInt8]
  var source: [UInt8]
  var etherType: UInt16
  var payload: [UInt8]

  var bytes: [UInt8] {
    let frame = destination + source + etherType.bigEndianBytes + payload
    return frame + [UInt8](repeating: 0, count: max(0, 60 - frame.count))
  }

  /// The same frame with an 802.1Q tag.
  func tagged(vlan: UInt16) -> Frame {
    var frame = self
    frame.payload = vlan.bigEndianBytes + etherType.bigEndianBytes + payload
    frame.etherType = 0x8100
    return frame
  }
}

extension UInt16 {
  var bigEndianBytes: [UInt8] { [UInt8(self >> 8), UInt8(self & 0xff)] }
}

/// The payloads of frames.
enum Packet {
  static let ipv4: UInt16 = 0x0800
  static let arp: UInt16 = 0x0806
  static let ipv6: UInt16 = 0x86dd

  static func ipv4(from source: [UInt8], to destination: [UInt8], protocol number: UInt8 = 17, _ payload: [UInt8])
    -> [UInt8]
  {
    var header: [UInt8] = [0x45, 0] + UInt16(20 + payload.count).bigEndianBytes
    header += [0, 0, 0x40, 0, 64, number, 0, 0] + source + destination
    header.replaceSubrange(10..<12, with: checksum(header).bigEndianBytes)
    return header + payload
  }

  static func ipv6(
    from source: [UInt8], to destination: [UInt8], next: UInt8 = 17, hops: UInt8 = 64, _ payload: [UInt8]
  ) -> [UInt8] {
    [0x60, 0, 0, 0] + UInt16(payload.count).bigEndianBytes + [next, hops] + source + destination + payload
  }

  /// A datagram over IPv4, without the optional checksum.
  static func udp(from source: UInt16 = 4000, to destination: UInt16 = 4000, _ data: [UInt8]) -> [UInt8] {
    source.bigEndianBytes + destination.bigEndianBytes + UInt16(8 + data.count).bigEndianBytes + [0, 0] + data
  }

  /// A datagram over IPv6, where the checksum is not optional.
  static func udp6(
    from source: [UInt8], sourcePort: UInt16 = 4000, to destination: [UInt8], port: UInt16 = 4000, _ data: [UInt8]
  ) -> [UInt8] {
    let datagram = udp(from: sourcePort, to: port, data)
    return ipv6(from: source, to: destination, withChecksum(datagram, at: 6, next: 17, source, destination))
  }

  static func icmp6(
    _ type: UInt8, from source: [UInt8], to destination: [UInt8], code: UInt8 = 0, body: [UInt8]
  ) -> [UInt8] {
    let message = withChecksum([type, code, 0, 0] + body, at: 2, next: 58, source, destination)
    return ipv6(from: source, to: destination, next: 58, hops: 255, message)
  }

  static func arp(
    operation: UInt16, sender: [UInt8], senderAddress: [UInt8], target: [UInt8], targetAddress: [UInt8],
    trailer: [UInt8]
  ) -> [UInt8] {
    [0, 1, 8, 0, 6, 4] + operation.bigEndianBytes + sender + senderAddress + target + targetAddress + trailer
  }

  private static func withChecksum(
    _ message: [UInt8], at offset: Int, next: UInt8, _ source: [UInt8], _ destination: [UInt8]
  ) -> [UInt8] {
    let pseudoHeader = source + destination + [0, 0] + UInt16(message.count).bigEndianBytes + [0, 0, 0, next]
    var message = message
    message.replaceSubrange(offset..<offset + 2, with: checksum(pseudoHeader + message).bigEndianBytes)
    return message
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for index in stride(from: 0, to: bytes.count, by: 2) {
      sum += UInt32(bytes[index]) << 8 + UInt32(index + 1 < bytes.count ? bytes[index + 1] : 0)
    }
    while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
    return ~UInt16(sum)
  }
}
