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
    case "rt": return nextHop(number(2) ?? 0, into: number(1))
    case "cmp": return compare(number(1), number(2) ?? 0, expression.value(3) ?? [])
    case "range": return range(number(1), number(2) ?? 0, expression.value(3) ?? [], expression.value(4) ?? [])
    case "bitwise": return bitwise(expression)
    case "byteorder": return swapBytes(attributes)
    case "immediate":
      if let verdict = expression.verdict(2) { return .verdict(verdict) }
      if let register = number(1) { write(expression.value(2) ?? [], to: register) }
      return .next
    case "lookup": return try lookUp(attributes)
    case "dynset": return dynamicSet(attributes)
    case "numgen", "hash": return isOurs ? unknownNumber(expression) : spread(expression)
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

  private var isOurs: Bool { current.isOurs }

  /// What is put into a set. Of our own limits none is taken for reached; their counters say which one was.
  private mutating func dynamicSet(_ attributes: Attributes) -> Step {
    if attributes[7] == nil && attributes[10] == nil { return .next }
    return isOurs ? .noMatch : maybe("dynset")
  }

  /// A step that cannot be followed: it may match or not, and what it writes is not known.
  mutating func maybe(_ question: String) -> Step {
    registers = registers.map { _ in nil }
    return Step(matches: doubt(question) == 0)
  }

  func known(_ bytes: [UInt8?]) -> [UInt8]? {
    let known = bytes.compactMap(\.self)
    return known.count == bytes.count ? known : nil
  }

  private mutating func unknownNumber(_ expression: InstalledExpression) -> Step {
    if let register = expression.attributes[1]?.bigEndian32 { write([nil, nil, nil, nil], to: register) }
    return .next
  }
}
