internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

// The expressions of rules. Attribute numbers are those of the `enum nft_*_attributes` of the expression.

extension RuleMachine {
  mutating func carryOut(_ expression: InstalledExpression) throws(DataplaneError) -> Step {
    let attributes = expression.attributes
    func number(_ type: UInt16) -> UInt32? { attributes[type]?.bigEndian32 }
    switch expression.name {
    case "counter", "log", "last", "flow_offload", "dup": return .next
    case "meta": return meta(number(2) ?? 0, into: number(1), from: number(3))
    case "payload": return payload(attributes)
    case "ct": return connection(number(2) ?? 0, into: number(1), from: number(4))
    case "cmp": return compare(number(1), number(2) ?? 0, expression.value(3) ?? [])
    case "range": return range(number(1), number(2) ?? 0, expression.value(3) ?? [], expression.value(4) ?? [])
    case "bitwise": return bitwise(expression)
    case "byteorder": return swapBytes(attributes)
    case "immediate":
      if let verdict = expression.verdict(2) { return .verdict(verdict) }
      if let register = number(1) { write(expression.value(2) ?? [], to: register) }
      return .next
    case "lookup": return try lookUp(attributes)
    case "dynset": return attributes[7] == nil && attributes[10] == nil ? .next : maybe(expression.name)
    case "numgen", "hash": return spread(expression)
    case "fib": return try fib(attributes)
    case "reject": return .verdict(.drop)
    case "notrack":
      packet.state = ConntrackState(rawValue: 64)
      return .next
    case "nat": return translate(attributes)
    case "masq": return try masquerade()
    case "redir":
      let port = number(1).flatMap { known(read($0, 2)) }.map { UInt16($0[0]) << 8 | UInt16($0[1]) }
      return number(1) != nil && port == nil ? maybe("redir") : try redirect(port: port)
    case "match": return try match(attributes)
    case "target": return try target(attributes)
    default: return maybe(expression.name)
    }
  }

  /// A step that cannot be followed: it may match or not, and what it writes is not known.
  mutating func maybe(_ question: String) -> Step {
    registers = registers.map { _ in nil }
    return Step(matches: doubt(question) == 0)
  }

  // MARK: Loading

  private mutating func meta(_ key: UInt32, into register: UInt32?, from source: UInt32?) -> Step {
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

  private mutating func payload(_ attributes: Attributes) -> Step {
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

  private mutating func connection(_ key: UInt32, into register: UInt32?, from source: UInt32?) -> Step {
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

  // MARK: Comparing

  private mutating func compare(_ register: UInt32?, _ kind: UInt32, _ bytes: [UInt8]) -> Step {
    guard let found = known(read(register ?? 1, bytes.count)), let kind = Comparison(rawValue: kind) else {
      return maybe("cmp")
    }
    let isLess = found.lexicographicallyPrecedes(bytes)
    let fits =
      switch kind {
      case .equal: found == bytes
      case .notEqual: found != bytes
      case .less: isLess
      case .lessOrEqual: isLess || found == bytes
      case .greater: !isLess && found != bytes
      case .greaterOrEqual: !isLess
      }
    return Step(matches: fits)
  }

  private mutating func range(_ register: UInt32?, _ kind: UInt32, _ from: [UInt8], _ to: [UInt8]) -> Step {
    guard let found = known(read(register ?? 1, from.count)) else { return maybe("range") }
    let isInside = !found.lexicographicallyPrecedes(from) && !to.lexicographicallyPrecedes(found)
    return Step(matches: isInside == (kind == 0))
  }

  private mutating func bitwise(_ expression: InstalledExpression) -> Step {
    let attributes = expression.attributes
    guard let source = attributes[1]?.bigEndian32, let target = attributes[2]?.bigEndian32,
      let length = attributes[3]?.bigEndian32.map(Int.init)
    else { return maybe("bitwise") }
    // Shifts, and what two registers are needed for, are rare.
    guard attributes[6]?.bigEndian32 ?? 0 == 0, let mask = expression.value(4), let flip = expression.value(5),
      mask.count == length, flip.count == length
    else {
      write([UInt8?](repeating: nil, count: length), to: target)
      return .next
    }
    // A bit that the mask takes away does not have to be known.
    write(
      zip(read(source, length), zip(mask, flip)).map { byte, bits in
        bits.0 == 0 ? bits.1 : byte.map { $0 & bits.0 ^ bits.1 }
      }, to: target)
    return .next
  }

  private mutating func swapBytes(_ attributes: Attributes) -> Step {
    guard let source = attributes[1]?.bigEndian32, let target = attributes[2]?.bigEndian32,
      let length = attributes[4]?.bigEndian32.map(Int.init), let size = attributes[5]?.bigEndian32.map(Int.init),
      size > 0
    else { return maybe("byteorder") }
    let bytes = read(source, length)
    write(
      stride(from: 0, to: length, by: size).flatMap { bytes[$0..<min($0 + size, length)].reversed() }, to: target)
    return .next
  }

  func known(_ bytes: [UInt8?]) -> [UInt8]? {
    let known = bytes.compactMap(\.self)
    return known.count == bytes.count ? known : nil
  }

  /// A number that is another one for every connection.
  private mutating func spread(_ expression: InstalledExpression) -> Step {
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
