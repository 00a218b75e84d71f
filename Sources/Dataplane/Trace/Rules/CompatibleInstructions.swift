internal import Netlink
internal import NetlinkNetfilter
internal import NetworkAddresses

// Matches and targets of iptables inside of nf_tables rules, as iptables-nft writes them. Layouts are those of the
// `struct xt_*` in <linux/netfilter/xt_*.h>; numbers are the machine's unless they are addresses or translated ports.

extension RuleMachine {
  /// Attributes: name, revision, and the structure.
  mutating func match(_ attributes: Attributes) throws(DataplaneError) -> Step {
    let name = attributes[1]?.string ?? ""
    let revision = attributes[2]?.bigEndian32 ?? 0
    let info = attributes[3]?.payload ?? []
    switch (name, revision) {
    case ("comment", _): return .next
    case ("tcp", 0), ("udp", 0):
      askedPorts.insert(current)
      return matchPorts(info, isTCP: name == "tcp")
    case ("multiport", 1): return matchSeveralPorts(info)
    case ("mark", 1):
      guard let mark: UInt32 = info.number(at: 0), let mask: UInt32 = info.number(at: 4),
        let isInverted: UInt8 = info.number(at: 8)
      else { break }
      return Step(matches: (packet.mark & mask == mark) != (isInverted != 0))
    case ("state", 0):
      guard let mask: UInt32 = info.number(at: 0) else { break }
      return Step(matches: packet.state.rawValue & mask != 0)
    case ("conntrack", 3): return matchConnection(info)
    case ("addrtype", 1): return try matchAddressTypes(info)
    case ("statistic", 0):
      return Step(matches: doubt("statistic", isChance: true) == 0)
    default: break
    }
    return maybe("match \(name)")
  }

  /// First and last source port, the same for the destination; TCP's option and flags; what is inverted.
  private mutating func matchPorts(_ info: ArraySlice<UInt8>, isTCP: Bool) -> Step {
    guard let sourceFrom: UInt16 = info.number(at: 0), let sourceTo: UInt16 = info.number(at: 2),
      let from: UInt16 = info.number(at: 4), let to: UInt16 = info.number(at: 6),
      let inverted: UInt8 = info.number(at: isTCP ? 11 : 8)
    else { return maybe("match ports") }
    switch packet.flow {
    case .tcp where isTCP, .udp where !isTCP: break
    default: return .noMatch
    }
    if isTCP, let mask: UInt8 = info.number(at: 9), let wanted: UInt8 = info.number(at: 10), mask != 0 {
      let flags: UInt8 = packet.isAnswer ? 0x12 : 0x02
      if (flags & mask == wanted) == (inverted & 4 != 0) { return .noMatch }
    }
    let (isSource, isDestination) = (sourceFrom <= sourceTo, from <= to)
    guard isSource, isDestination else { return .noMatch }
    return Step(
      matches: (sourceFrom...sourceTo).contains(packet.tuple.sourcePort) != (inverted & 1 != 0)
        && (from...to).contains(packet.tuple.destinationPort) != (inverted & 2 != 0))
  }

  /// Which ports, how many, the ports, which of them begin a range, whether inverted.
  private mutating func matchSeveralPorts(_ info: ArraySlice<UInt8>) -> Step {
    askedPorts.insert(current)
    guard let which: UInt8 = info.number(at: 0), let count: UInt8 = info.number(at: 1), count <= 15,
      let isInverted: UInt8 = info.number(at: 47)
    else { return maybe("match multiport") }
    if packet.flow == .echo { return .noMatch }
    let ports: [UInt16] = (0..<Int(count)).compactMap { info.number(at: 2 + 2 * $0) }
    let asked: [UInt16] =
      switch which {
      case 0: [packet.tuple.sourcePort]
      case 1: [packet.tuple.destinationPort]
      default: [packet.tuple.sourcePort, packet.tuple.destinationPort]
      }
    var isIn = false
    var index = 0
    while index < ports.count {
      let begins: UInt8 = info.number(at: 32 + index) ?? 0
      let last = begins != 0 && index + 1 < ports.count ? ports[index + 1] : ports[index]
      if asked.contains(where: { $0 >= ports[index] && $0 <= last }) { isIn = true }
      index += begins != 0 ? 2 : 1
    }
    return Step(matches: isIn != (isInverted != 0))
  }

  /// Only the state is asked for; everything else that it could ask is rare.
  private mutating func matchConnection(_ info: ArraySlice<UInt8>) -> Step {
    guard let asked: UInt16 = info.number(at: 146), let inverted: UInt16 = info.number(at: 148),
      let states: UInt16 = info.number(at: 150), asked & ~0x2001 == 0
    else { return maybe("match conntrack") }
    var state = UInt16(truncatingIfNeeded: packet.state.rawValue)
    if state == 64 { state = 256 }
    if packet.status.contains(.sourceTranslated) { state |= 64 }
    if packet.status.contains(.destinationTranslated) { state |= 128 }
    return Step(matches: (state & states != 0) != (inverted & 1 != 0))
  }

  /// Masks of types for source and destination, and flags.
  private mutating func matchAddressTypes(_ info: ArraySlice<UInt8>) throws(DataplaneError) -> Step {
    guard let source: UInt16 = info.number(at: 0), let destination: UInt16 = info.number(at: 2),
      let flags: UInt32 = info.number(at: 4), flags & ~3 == 0
    else { return maybe("match addrtype") }
    func fits(_ mask: UInt16, _ address: IPAddress, _ isInverted: Bool) throws(DataplaneError) -> Bool {
      if mask == 0 { return true }
      let type = try addressType(address)
      return (mask & 1 << UInt16(type) != 0) != isInverted
    }
    guard try fits(source, packet.tuple.source, flags & 1 != 0) else { return .noMatch }
    return Step(matches: try fits(destination, packet.tuple.destination, flags & 2 != 0))
  }

  // MARK: Targets

  mutating func target(_ attributes: Attributes) throws(DataplaneError) -> Step {
    let name = attributes[1]?.string ?? ""
    let revision = attributes[2]?.bigEndian32 ?? 0
    let info = attributes[3]?.payload ?? []
    switch name {
    case "LOG", "NFLOG", "TRACE", "TCPMSS", "CHECKSUM", "CLASSIFY", "DSCP", "TTL", "HL", "CONNMARK": return .next
    case "REJECT": return .verdict(.drop)
    case "MASQUERADE": return try masquerade()
    case "REDIRECT": return try redirect(port: range(info, revision)?.1)
    case "MARK":
      guard revision == 2, let mark: UInt32 = info.number(at: 0), let mask: UInt32 = info.number(at: 4) else { break }
      packet.mark = packet.mark & ~mask ^ mark
      return .next
    case "DNAT", "SNAT":
      guard let (address, port) = range(info, revision) else { break }
      return translate(name == "SNAT" ? .source : .destination, address, port)
    default: break
    }
    return maybe("target \(name)")
  }

  /// What the addresses and ports are translated to, the first of each: flags, addresses from and to, ports from and to.
  private func range(_ info: ArraySlice<UInt8>, _ revision: UInt32) -> (IPAddress?, UInt16?)? {
    // The oldest layout has a count in front, and addresses of IPv4's width.
    let isOld = revision == 0
    let start = isOld ? 4 : 0
    let width = isOld ? 4 : 16
    guard let flags: UInt32 = info.number(at: start), let port: UInt16 = info.number(at: start + 4 + 2 * width) else {
      return nil
    }
    let bytes = Array(info.dropFirst(start + 4).prefix(packet.family.bits / 8))
    return (flags & 1 != 0 ? IPAddress(bytes: bytes) : nil, flags & 2 != 0 ? UInt16(bigEndian: port) : nil)
  }
}
