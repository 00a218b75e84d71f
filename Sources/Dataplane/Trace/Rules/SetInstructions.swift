internal import Netlink
internal import NetlinkNetfilter

// Looking into sets and maps.

extension RuleMachine {
  mutating func lookUp(_ attributes: Attributes) throws(DataplaneError) -> Step {
    guard let name = attributes[1]?.string, let source = attributes[2]?.bigEndian32,
      let set = try ruleset.set(name, in: current.table)
    else { return maybe("lookup") }
    let key = read(source, set.keyLength)
    let isKnown = !key.contains(nil)
    var found = set.elements.filter { $0.mayContain(key, set.fields) }
    if isKnown { found = Array(found.prefix(1)) }
    // The corresponding C constant is `NFT_LOOKUP_F_INV`.
    let isInverted = (attributes[5]?.bigEndian32 ?? 0) & 1 != 0
    // What is not known may be any of them, or none.
    var choice = 0
    if !isKnown && !found.isEmpty {
      guard found.count <= 32 else { return maybe("set \(name)") }
      choice = doubt("set \(name)", of: found.count + 1)
    }
    guard choice < found.count else {
      if set.hasFallback && !isInverted { return take(set.fallback, into: attributes[3]?.bigEndian32) }
      return Step(matches: isInverted != set.hasFallback)
    }
    return isInverted ? .noMatch : take(found[choice].value, into: attributes[3]?.bigEndian32)
  }

  private mutating func take(_ value: SetElement.Value?, into register: UInt32?) -> Step {
    switch value {
    case .verdict(let verdict)?: return .verdict(verdict)
    case .data(let field)?:
      if let register { write(field.bytes, to: register) }
      return .next
    case nil: return .next
    }
  }
}

extension SetElement {
  /// Whether a key is the element's, or within its bounds, field by field, as far as the key is known.
  fileprivate func mayContain(_ bytes: [UInt8?], _ fields: [Int]) -> Bool {
    guard let end else {
      return key.bytes.count == bytes.count && zip(bytes, key.bytes).allSatisfy { $0 == nil || $0 == $1 }
    }
    var position = 0
    for length in fields {
      let range = position..<min(position + length, bytes.count)
      guard range.upperBound <= key.bytes.count, range.upperBound <= end.bytes.count else { return false }
      let field = bytes[range].compactMap(\.self)
      let isOutside =
        field.lexicographicallyPrecedes(key.bytes[range]) || end.bytes[range].lexicographicallyPrecedes(field)
      if field.count == range.count && isOutside { return false }
      position += (length + 3) & ~3
    }
    return true
  }
}
