internal import Netlink
internal import NetlinkNetfilter

// What compares registers, and what it makes of them before.

extension RuleMachine {
  mutating func compare(_ register: UInt32?, _ kind: UInt32, _ bytes: [UInt8]) -> Step {
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

  mutating func range(_ register: UInt32?, _ kind: UInt32, _ from: [UInt8], _ to: [UInt8]) -> Step {
    guard let found = known(read(register ?? 1, from.count)) else { return maybe("range") }
    let isInside = !found.lexicographicallyPrecedes(from) && !to.lexicographicallyPrecedes(found)
    return Step(matches: isInside == (kind == 0))
  }

  mutating func bitwise(_ expression: InstalledExpression) -> Step {
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

  mutating func swapBytes(_ attributes: Attributes) -> Step {
    guard let source = attributes[1]?.bigEndian32, let target = attributes[2]?.bigEndian32,
      let length = attributes[4]?.bigEndian32.map(Int.init), let size = attributes[5]?.bigEndian32.map(Int.init),
      size > 0
    else { return maybe("byteorder") }
    let bytes = read(source, length)
    write(
      stride(from: 0, to: length, by: size).flatMap { bytes[$0..<min($0 + size, length)].reversed() }, to: target)
    return .next
  }
}
