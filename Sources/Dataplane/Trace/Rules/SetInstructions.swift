internal import Netlink
internal import NetlinkNetfilter

// Looking into sets and maps.

extension RuleMachine {
  mutating func lookUp(_ attributes: Attributes) throws(DataplaneError) -> Step {
    guard let name = attributes[1]?.string, let source = attributes[2]?.bigEndian32,
      let set = try ruleset.set(name, in: current.table)
    else { return maybe("lookup") }
    guard let key = known(read(source, set.keyLength)) else { return chooseElement(of: set, attributes, name) }
    let found = set.elements.first { $0.contains(key, set.fields) }
    let isIn = found != nil || set.hasFallback
    // The corresponding C constant is `NFT_LOOKUP_F_INV`.
    if (attributes[5]?.bigEndian32 ?? 0) & 1 != 0 { return Step(matches: !isIn) }
    guard isIn else { return .noMatch }
    return take(found?.value ?? set.fallback, into: attributes[3]?.bigEndian32)
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

  /// What is not known may be any of a map's keys, or none.
  private mutating func chooseElement(of set: InstalledSet, _ attributes: Attributes, _ name: String) -> Step {
    guard attributes[3] != nil, (1...32).contains(set.elements.count) else { return maybe("set \(name)") }
    let choice = doubt("map \(name)", of: set.elements.count + 1)
    return choice == set.elements.count ? .noMatch : take(set.elements[choice].value, into: attributes[3]?.bigEndian32)
  }
}

extension SetElement {
  /// Whether a key is the element's, or within its bounds, field by field.
  fileprivate func contains(_ bytes: [UInt8], _ fields: [Int]) -> Bool {
    guard let end else { return key.bytes == bytes }
    var position = 0
    for length in fields {
      let range = position..<min(position + length, bytes.count)
      guard range.upperBound <= key.bytes.count, range.upperBound <= end.bytes.count else { return false }
      let field = bytes[range]
      if field.lexicographicallyPrecedes(key.bytes[range]) || end.bytes[range].lexicographicallyPrecedes(field) {
        return false
      }
      position += (length + 3) & ~3
    }
    return true
  }
}
