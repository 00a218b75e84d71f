import Testing

/// A frame that a pod may not send to another, and its legal sibling.
///
/// The marker has four octets, the first three bits zero: in neighbour discovery it stands in the reserved field, because
/// a legal message has no room elsewhere.
struct ForbiddenFrame: Sendable, CustomTestStringConvertible {
  let testDescription: String
  static let markers: [[UInt8]] = [[0x1e, 0xfa, 0xde, 0x01], [0x1e, 0xfa, 0xde, 0x02]]

  /// From pod `a` to pod `b`, with the marker in its payload.
  let forbidden: @Sendable (_ a: Endpoint, _ b: Endpoint, _ marker: [UInt8]) -> Frame
  let control: @Sendable (_ a: Endpoint, _ b: Endpoint, _ marker: [UInt8]) -> Frame

  init(
    _ description: String, _ forbidden: @escaping @Sendable (Endpoint, Endpoint, [UInt8]) -> Frame,
    control: @escaping @Sendable (Endpoint, Endpoint, [UInt8]) -> Frame = datagram
  ) {
    testDescription = description
    self.forbidden = forbidden
    self.control = control
  }

  // MARK: The legal frames

  static func frame(_ a: Endpoint, _ b: Endpoint, _ type: UInt16, _ payload: [UInt8]) -> Frame {
    Frame(destination: b.mac, source: a.mac, etherType: type, payload: payload)
  }

  @Sendable static func datagram(_ a: Endpoint, _ b: Endpoint, _ marker: [UInt8]) -> Frame {
    frame(a, b, Packet.ipv4, Packet.ipv4(from: a.ipv4, to: b.ipv4, Packet.udp(marker)))
  }

  @Sendable static func datagram6(_ a: Endpoint, _ b: Endpoint, _ marker: [UInt8]) -> Frame {
    frame(a, b, Packet.ipv6, Packet.udp6(from: a.ipv6, to: b.ipv6, marker))
  }

  @Sendable static func arpReply(_ a: Endpoint, _ b: Endpoint, _ marker: [UInt8]) -> Frame {
    arp(2, a, b, sender: a.mac, a.ipv4, marker)
  }

  @Sendable static func advertisement(_ a: Endpoint, _ b: Endpoint, _ marker: [UInt8]) -> Frame {
    advertisement(a, b, target: a.ipv6, linkLayer: a.mac, marker)
  }

  @Sendable static func solicitation(_ a: Endpoint, _ b: Endpoint, _ marker: [UInt8]) -> Frame {
    solicitation(a, b, from: a.ipv6, linkLayer: a.mac, marker)
  }

  // MARK: Their variations

  static func arp(
    _ operation: UInt16, _ a: Endpoint, _ b: Endpoint, sender: [UInt8], _ address: [UInt8], _ marker: [UInt8]
  ) -> Frame {
    let payload = Packet.arp(
      operation: operation, sender: sender, senderAddress: address, target: b.mac, targetAddress: b.ipv4,
      trailer: marker)
    return frame(a, b, Packet.arp, payload)
  }

  static func advertisement(
    _ a: Endpoint, _ b: Endpoint, target: [UInt8], linkLayer: [UInt8], _ marker: [UInt8]
  ) -> Frame {
    let body = marker + target + [2, 1] + linkLayer
    return frame(a, b, Packet.ipv6, Packet.icmp6(136, from: a.ipv6, to: b.ipv6, body: body))
  }

  static func solicitation(
    _ a: Endpoint, _ b: Endpoint, from source: [UInt8], linkLayer: [UInt8], _ marker: [UInt8]
  ) -> Frame {
    let body = marker + b.ipv6 + [1, 1] + linkLayer
    return frame(a, b, Packet.ipv6, Packet.icmp6(135, from: source, to: b.ipv6, body: body))
  }

  static func routerAdvertisement(_ a: Endpoint, _ b: Endpoint, from source: [UInt8], _ marker: [UInt8]) -> [UInt8] {
    let body: [UInt8] = [64, 0, 0x07, 0x08] + [UInt8](repeating: 0, count: 8) + option(marker)
    return Packet.icmp6(134, from: source, to: b.ipv6, body: body)
  }

  /// A neighbour-discovery option of the experimental type 253 around the marker.
  static func option(_ marker: [UInt8]) -> [UInt8] {
    let padded = marker + [UInt8](repeating: 0, count: (14 - marker.count % 8) % 8)
    return [253, UInt8((padded.count + 2) / 8)] + padded
  }
}
