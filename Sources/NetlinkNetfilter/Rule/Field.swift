public import NetworkAddresses

/// A value that a rule can match: bytes of a header, or a property of the packet or its connection.
public struct Field: Hashable, Sendable {
  enum Source: Hashable, Sendable {
    case meta(MetaKey)
    case payload(PayloadBase, offset: Int)
    case conntrack(ConntrackKey)
    case nextHop(IPFamily)
  }

  let source: Source
  /// The width in bytes.
  public let length: Int
  /// Whether numbers are in the machine's byte order instead of the network's.
  let isHostOrder: Bool

  private init(_ source: Source, _ length: Int, isHostOrder: Bool = false) {
    self.source = source
    self.length = length
    self.isHostOrder = isHostOrder
  }

  /// Any bytes of the frame, counted from one of its headers.
  public static func payload(_ base: PayloadBase, offset: Int, length: Int) -> Field {
    Field(.payload(base, offset: offset), length)
  }

  /// The words a value of this field takes in registers and in the key of a set.
  var words: Int { (length + 3) / 4 }

  func load(into register: Register) -> Expression {
    switch source {
    case .meta(let key): .meta(key, into: register)
    case .payload(let base, let offset): .payload(base, offset: offset, length: length, into: register)
    case .conntrack(let key): .conntrack(key, into: register)
    case .nextHop(let family): .nextHop(family, into: register)
    }
  }

  /// A number as this field holds it.
  func bytes(of number: UInt64) -> [UInt8] {
    let bigEndian = (0..<length).map { index in
      let shift = 8 * (length - 1 - index)
      return shift > 56 ? 0 : UInt8(truncatingIfNeeded: number >> UInt64(shift))
    }
    return isHostOrder && 1.littleEndian == 1 ? bigEndian.reversed() : bigEndian
  }
}

/// Properties of the packet.
extension Field {
  /// The interface that the packet came in through; on a bridge: the port.
  public static let inputInterface = Field(.meta(.inputName), 16)
  /// The interface that the packet leaves through; on a bridge: the port.
  public static let outputInterface = Field(.meta(.outputName), 16)
  /// The family of the packet in a table of family inet: `NFPROTO_IPV4` (2) or `NFPROTO_IPV6` (10).
  public static let family = Field(.meta(.family), 1)
  /// The frame's ethertype; of a VLAN-tagged frame: what the tag encloses.
  public static let frameProtocol = Field(.meta(.etherType), 2)
  /// The protocol after IPv6 extension headers, or IPv4's.
  public static let transportProtocol = Field(.meta(.transportProtocol), 1)
  /// The number that earlier rules or routing gave the packet.
  public static let mark = Field(.meta(.mark), 4, isHostOrder: true)
  /// Bits of ``ConntrackState``.
  public static let conntrackState = Field(.conntrack(.state), 4, isHostOrder: true)
  /// Bits of ``ConntrackStatus``.
  public static let conntrackStatus = Field(.conntrack(.status), 4, isHostOrder: true)
  /// 0 in the direction of the connection's first packet, 1 against it.
  public static let conntrackDirection = Field(.conntrack(.direction), 1)
}

/// Where the packet goes, once that is decided.
extension Field {
  /// The router, or the destination where it is on the link.
  public static func nextHop(_ family: IPFamily) -> Field { Field(.nextHop(family), family.bits / 8) }
}

/// Ethernet (IEEE 802.3) and ARP (RFC 826).
extension Field {
  /// The frame's destination.
  public static let destinationMAC = payload(.link, offset: 0, length: 6)
  /// The frame's source.
  public static let sourceMAC = payload(.link, offset: 6, length: 6)
  /// The two bytes after the MAC addresses, a VLAN tag's type included, also when the kernel keeps the tag elsewhere.
  public static let etherType = payload(.link, offset: 12, length: 2)
  /// Hardware type, protocol type and both lengths: `0x0001_0800_0604` for IPv4 on Ethernet.
  public static let arpFormat = payload(.network, offset: 0, length: 6)
  /// 1 request, 2 reply.
  public static let arpOperation = payload(.network, offset: 6, length: 2)
  /// The sender's hardware address; only in Ethernet's ``arpFormat``.
  public static let arpSenderMAC = payload(.network, offset: 8, length: 6)
  /// The sender's protocol address; only in IPv4's ``arpFormat``.
  public static let arpSenderIPv4 = payload(.network, offset: 14, length: 4)
  /// The address that is asked for; only in IPv4's ``arpFormat``.
  public static let arpTargetIPv4 = payload(.network, offset: 24, length: 4)
}

/// IPv4 (RFC 791), IPv6 (RFC 8200), UDP and TCP, ICMPv6 (RFC 4443) and neighbour discovery (RFC 4861).
extension Field {
  /// Three flag bits and the fragment's offset in units of eight bytes, 13 bits.
  public static let ipv4FragmentOffset = payload(.network, offset: 6, length: 2)
  /// The protocol after IPv4's header.
  public static let ipv4Protocol = payload(.network, offset: 9, length: 1)
  /// The packet's source.
  public static let ipv4Source = payload(.network, offset: 12, length: 4)
  /// The packet's destination.
  public static let ipv4Destination = payload(.network, offset: 16, length: 4)
  /// The length of everything after the 40-byte header, extension headers included.
  public static let ipv6PayloadLength = payload(.network, offset: 4, length: 2)
  /// The protocol of the first header after IPv6's own.
  public static let ipv6NextHeader = payload(.network, offset: 6, length: 1)
  /// The protocol of the first header after a fragment header that follows IPv6's own directly.
  public static let ipv6FragmentNextHeader = payload(.network, offset: 40, length: 1)
  /// The fragment's offset in units of eight bytes, 13 bits, two zeros and a bit for more fragments.
  public static let ipv6FragmentOffset = payload(.network, offset: 42, length: 2)
  /// 255 in a packet that no router forwarded.
  public static let ipv6HopLimit = payload(.network, offset: 7, length: 1)
  /// The packet's source.
  public static let ipv6Source = payload(.network, offset: 8, length: 16)
  /// The packet's destination.
  public static let ipv6Destination = payload(.network, offset: 24, length: 16)
  /// UDP's or TCP's source port.
  public static let sourcePort = payload(.transport, offset: 0, length: 2)
  /// UDP's or TCP's destination port.
  public static let destinationPort = payload(.transport, offset: 2, length: 2)
  /// The type of an ICMP or ICMPv6 message.
  public static let icmpType = payload(.transport, offset: 0, length: 1)
  /// The target address of a neighbour solicitation or advertisement.
  public static let neighborTarget = payload(.transport, offset: 8, length: 16)
  /// Type and length (in units of eight bytes) of a neighbour message's first option: `0x0101` a source link-layer
  /// address, `0x0201` a target one, `0x0e01` a nonce of six bytes (RFC 3971, 7527).
  public static let neighborOption = payload(.transport, offset: 24, length: 2)
  /// The link-layer address in a neighbour message's first option.
  public static let neighborOptionMAC = payload(.transport, offset: 26, length: 6)
}
