internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

// What writes into a register, or from one into the packet.

extension RuleMachine {
  mutating func meta(_ key: UInt32, into register: UInt32?, from source: UInt32?) -> Step {
    if let source {
      if key == MetaKey.mark.rawValue {
        guard let mark = hostNumber(read(source, 4)) else { return maybe("meta mark") }
        packet.mark = mark
      }
      return .next
    }
    guard let register else { return .next }
    write(property(MetaKey(rawValue: key)), to: register)
    return .next
  }

  private mutating func property(_ key: MetaKey) -> [UInt8?] {
    func name(_ text: String?) -> [UInt8?] {
      let bytes: [UInt8?] = Array((text ?? "").utf8)
      return bytes + [UInt8?](repeating: 0, count: 16 - min(16, bytes.count))
    }
    switch key {
    case .etherType: return packet.family == .v4 ? [0x08, 0x00] : [0x86, 0xdd]
    case .mark: return hostBytes(packet.mark)
    case .inputIndex: return hostBytes(site.input?.index ?? 0)
    case .outputIndex: return hostBytes(site.output?.index ?? 0)
    case .inputName: return name(site.input?.name)
    case .outputName: return name(site.output?.name)
    case .family: return [packet.family == .v4 ? 2 : 10]
    case .transportProtocol:
      askedPorts.insert(current)
      return [packet.protocolNumber]
    case .packetType: return [0]
    // Groups of interfaces: NFT_META_IIFGROUP, NFT_META_OIFGROUP.
    case MetaKey(rawValue: 21): return hostBytes(site.input?.group ?? 0)
    case MetaKey(rawValue: 22): return hostBytes(site.output?.group ?? 0)
    default: return [UInt8?](repeating: nil, count: 16)
    }
  }

  mutating func payload(_ attributes: Attributes) -> Step {
    if let source = attributes[5]?.bigEndian32 { return overwrite(attributes, from: source) }
    guard let register = attributes[1]?.bigEndian32, let base = PayloadBase(rawValue: attributes[2]?.bigEndian32 ?? 0),
      let found = packet.bytes(
        base, offset: Int(attributes[3]?.bigEndian32 ?? 0), length: Int(attributes[4]?.bigEndian32 ?? 0))
    else { return .noMatch }
    if base == .transport { askedPorts.insert(current) }
    write(found, to: register)
    return .next
  }

  /// Only whom a frame is for is followed.
  private mutating func overwrite(_ attributes: Attributes, from source: UInt32) -> Step {
    guard attributes[2]?.bigEndian32 == PayloadBase.link.rawValue, attributes[3]?.bigEndian32 == 0,
      attributes[4]?.bigEndian32 == 6, let bytes = known(read(source, 6))
    else { return maybe("payload write") }
    packet.destinationMAC = MACAddress(bytes: bytes)
    return .next
  }

  /// The next hop of what is not routed to a router is the destination; whether there is one is not followed here.
  mutating func nextHop(_ key: UInt32, into register: UInt32?) -> Step {
    let family: IPFamily = key == 1 ? .v4 : .v6
    guard current.isOurs, (1...2).contains(key) else { return maybe("rt") }
    guard packet.family == family else { return .noMatch }
    if let register { write(packet.tuple.destination.bytes, to: register) }
    return .next
  }

  mutating func connection(_ key: UInt32, into register: UInt32?, from source: UInt32?) -> Step {
    if let source {
      if key == ConntrackKey.mark.rawValue { packet.connectionMark = hostNumber(read(source, 4)) ?? 0 }
      return .next
    }
    guard let register else { return .next }
    switch ConntrackKey(rawValue: key) {
    case .state: write(hostBytes(packet.state.rawValue), to: register)
    case .direction: write([packet.isAnswer ? 1 : 0], to: register)
    case .status: write(hostBytes(packet.status.rawValue), to: register)
    case .mark: write(hostBytes(packet.connectionMark), to: register)
    default: write([UInt8?](repeating: nil, count: 16), to: register)
    }
    return .next
  }

  /// A number that is another one for every connection.
  mutating func spread(_ expression: InstalledExpression) -> Step {
    let attributes = expression.attributes
    let (register, modulus, offset) =
      expression.name == "numgen"
      ? (attributes[1], attributes[2], attributes[4]) : (attributes[2], attributes[4], attributes[6])
    let count = Int(modulus?.bigEndian32 ?? 0)
    guard let register = register?.bigEndian32, (1...64).contains(count) else { return maybe(expression.name) }
    let choice = count == 1 ? 0 : doubt(expression.name, isChance: true, of: count)
    write(hostBytes(UInt32(choice) + (offset?.bigEndian32 ?? 0)), to: register)
    return .next
  }
}
