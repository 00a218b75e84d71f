internal import NetlinkNetfilter
internal import NetworkAddresses

/// A packet as rules see it: its addresses, ports and connection. What a rule may ask beyond that is not known.
struct TracedPacket: Hashable {
  /// Addresses and ports, of which translation changes some.
  struct Tuple: Hashable {
    var source: IPAddress
    var destination: IPAddress
    /// 0 where the protocol has none.
    var sourcePort: UInt16
    var destinationPort: UInt16

    var reversed: Tuple {
      Tuple(source: destination, destination: source, sourcePort: destinationPort, destinationPort: sourcePort)
    }
  }

  var tuple: Tuple
  let flow: TraceFlow
  /// Whether it answers one that went the other way.
  let isAnswer: Bool
  /// In the namespace that it is in.
  var mark: UInt32 = 0
  var connectionMark: UInt32 = 0
  /// Of its connection in that namespace.
  var state: ConntrackState = .new
  var status: ConntrackStatus = []
  /// Of the frame, as far as that is known.
  var sourceMAC: MACAddress?
  var destinationMAC: MACAddress?

  init(_ flow: TraceFlow, from source: IPAddress, to destination: IPAddress) {
    self.flow = flow
    isAnswer = false
    let port = flow.port
    tuple = Tuple(
      source: source, destination: destination, sourcePort: port == nil ? 0 : Self.clientPort,
      destinationPort: port ?? 0)
  }

  /// The answer to a packet that arrived.
  init(answering packet: TracedPacket) {
    flow = packet.flow
    isAnswer = true
    tuple = packet.tuple.reversed
    state = .established
  }

  var family: IPFamily { tuple.destination.family }

  /// One of those that kernels give clients.
  private static let clientPort: UInt16 = 40000

  /// The number of the protocol after the network header.
  var protocolNumber: UInt8 {
    switch flow {
    case .echo: family == .v4 ? 1 : 58
    case .tcp: 6
    case .udp: 17
    }
  }

  // MARK: Bytes

  /// Bytes of a header; `nil` for those that are not known. Beyond the headers there is nothing.
  func bytes(_ base: PayloadBase, offset: Int, length: Int) -> [UInt8?]? {
    let header: [UInt8?] =
      switch base {
      case .link: linkHeader + networkHeader + transportHeader
      case .network: networkHeader + transportHeader
      case .transport: transportHeader
      }
    guard offset >= 0, offset + length <= header.count else { return nil }
    return Array(header[offset..<offset + length])
  }

  private var linkHeader: [UInt8?] {
    func bytes(_ mac: MACAddress?) -> [UInt8?] { mac?.bytes ?? [UInt8?](repeating: nil, count: 6) }
    return bytes(destinationMAC) + bytes(sourceMAC) + (family == .v4 ? [0x08, 0x00] : [0x86, 0xdd])
  }

  private var networkHeader: [UInt8?] {
    let addresses: [UInt8?] = tuple.source.bytes + tuple.destination.bytes
    switch family {
    // Neither a fragment nor one to be fragmented later is what rules are mostly asked about.
    case .v4: return [0x45, 0, nil, nil, nil, nil, 0x40, 0, nil, protocolNumber, nil, nil] + addresses
    case .v6: return [0x60, 0, nil, nil, nil, nil, protocolNumber, nil] + addresses
    }
  }

  private var transportHeader: [UInt8?] {
    func bytes(_ port: UInt16) -> [UInt8?] { [UInt8(port >> 8), UInt8(truncatingIfNeeded: port)] }
    let unknown = [UInt8?](repeating: nil, count: 12)
    switch flow {
    case .echo:
      let type: UInt8 = family == .v4 ? (isAnswer ? 0 : 8) : (isAnswer ? 129 : 128)
      return [type, 0, nil, nil, nil, nil, nil, nil]
    case .udp: return bytes(tuple.sourcePort) + bytes(tuple.destinationPort) + unknown.prefix(4)
    case .tcp:
      return bytes(tuple.sourcePort) + bytes(tuple.destinationPort) + unknown.prefix(8) + [nil, isAnswer ? 0x12 : 0x02]
        + unknown.prefix(6)
    }
  }
}
