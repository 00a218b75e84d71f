internal import Netlink
internal import NetworkAddresses

extension Expression {
  /// The kernel's name for the expression.
  var name: String {
    switch self {
    case .meta, .metaWrite: "meta"
    case .payload, .payloadWrite: "payload"
    case .conntrack: "ct"
    case .nextHop: "rt"
    case .compare: "cmp"
    case .range: "range"
    case .bitwise: "bitwise"
    case .lookup, .mapLookup, .verdictLookup: "lookup"
    case .immediate, .verdict: "immediate"
    case .update, .remove, .limit: "dynset"
    case .random: "numgen"
    case .counter: "counter"
    case .reversePath: "fib"
    case .masquerade: "masq"
    case .nat: "nat"
    }
  }

  /// Writes one item of a rule's list of expressions.
  func write(to writer: inout MessageWriter) {
    writer.nested(listElement) { expression in
      expression.attribute(ExpressionAttribute.name, string: name)
      expression.nested(ExpressionAttribute.data) { writeData(to: &$0) }
    }
  }

  /// Attribute numbers are those of the `enum nft_*_attributes` of the expression.
  private func writeData(to data: inout MessageWriter) {
    switch self {
    case .meta(let key, let register):
      data.attribute(2, bigEndian: key.rawValue)
      data.attribute(1, bigEndian: register.number)
    case .metaWrite(let register, let key):
      data.attribute(2, bigEndian: key.rawValue)
      data.attribute(3, bigEndian: register.number)
    case .payload(let base, let offset, let length, let register):
      data.attribute(1, bigEndian: register.number)
      data.attribute(2, bigEndian: base.rawValue)
      data.attribute(3, bigEndian: UInt32(offset))
      data.attribute(4, bigEndian: UInt32(length))
    case .payloadWrite(let register, let base, let offset, let length):
      data.attribute(5, bigEndian: register.number)
      data.attribute(2, bigEndian: base.rawValue)
      data.attribute(3, bigEndian: UInt32(offset))
      data.attribute(4, bigEndian: UInt32(length))
    case .conntrack(let key, let register):
      data.attribute(2, bigEndian: key.rawValue)
      data.attribute(1, bigEndian: register.number)
    case .nextHop(let family, let register):
      data.attribute(1, bigEndian: register.number)
      data.attribute(2, bigEndian: family == .v4 ? Self.nextHop4 : Self.nextHop6)
    case .compare(let register, let comparison, let bytes):
      data.attribute(1, bigEndian: register.number)
      data.attribute(2, bigEndian: comparison.rawValue)
      data.value(3, bytes)
    case .range(let register, let from, let to, let inverted):
      data.attribute(1, bigEndian: register.number)
      data.attribute(2, bigEndian: UInt32(inverted ? 1 : 0))
      data.value(3, from)
      data.value(4, to)
    case .bitwise(let source, let register, let mask, let xor):
      data.attribute(1, bigEndian: source.number)
      data.attribute(2, bigEndian: register.number)
      data.attribute(3, bigEndian: UInt32(mask.count))
      data.value(4, mask)
      data.value(5, xor)
    case .immediate(let bytes, let register):
      data.attribute(1, bigEndian: register.number)
      data.value(2, bytes)
    case .verdict(let verdict):
      data.attribute(1, bigEndian: verdictRegister)
      data.verdict(2, verdict)
    case .lookup(let register, let set, let inverted):
      writeLookup(to: &data, set, register, destination: nil, inverted: inverted)
    case .mapLookup(let register, let map, let destination):
      writeLookup(to: &data, map, register, destination: destination.number, inverted: false)
    case .verdictLookup(let register, let map):
      writeLookup(to: &data, map, register, destination: verdictRegister, inverted: false)
    case .update(let set, let key, let value):
      data.attribute(1, string: set)
      data.attribute(3, bigEndian: Self.dynamicUpdate)
      data.attribute(4, bigEndian: key.number)
      if let value { data.attribute(5, bigEndian: value.number) }
    case .remove(let set, let key, let value):
      data.attribute(1, string: set)
      data.attribute(3, bigEndian: Self.dynamicDelete)
      data.attribute(4, bigEndian: key.number)
      if let value { data.attribute(5, bigEndian: value.number) }
    case .limit(let set, let key, let limit):
      data.attribute(1, string: set)
      data.attribute(3, bigEndian: Self.dynamicUpdate)
      data.attribute(4, bigEndian: key.number)
      data.nested(7) { limit.write(to: &$0) }
    case .random(let modulus, let register):
      data.attribute(1, bigEndian: register.number)
      data.attribute(2, bigEndian: modulus)
      data.attribute(3, bigEndian: Self.randomNumber)
    case .nat(let kind, let family, let address, let port):
      data.attribute(1, bigEndian: kind.rawValue)
      data.attribute(2, bigEndian: UInt32(family.rawValue))
      data.attribute(3, bigEndian: address.number)
      if let port { data.attribute(5, bigEndian: port.number) }
    case .reversePath(let register):
      data.attribute(1, bigEndian: register.number)
      data.attribute(2, bigEndian: Self.fibResultInterface)
      data.attribute(3, bigEndian: Self.fibSource | Self.fibInput | Self.fibPresent)
    case .counter, .masquerade:
      break
    }
  }

  /// The corresponding C constant is `NFT_RT_NEXTHOP4`.
  static let nextHop4: UInt32 = 1
  /// The corresponding C constant is `NFT_RT_NEXTHOP6`.
  static let nextHop6: UInt32 = 2
  /// The corresponding C constant is `NFT_DYNSET_OP_UPDATE`.
  private static let dynamicUpdate: UInt32 = 1
  /// The corresponding C constant is `NFT_DYNSET_OP_DELETE`.
  private static let dynamicDelete: UInt32 = 2
  /// The corresponding C constant is `NFT_NG_RANDOM`.
  private static let randomNumber: UInt32 = 1
  /// The corresponding C constant is `NFT_FIB_RESULT_OIF`.
  private static let fibResultInterface: UInt32 = 1
  /// The corresponding C constant is `NFTA_FIB_F_SADDR`.
  private static let fibSource: UInt32 = 1 << 0
  /// The corresponding C constant is `NFTA_FIB_F_IIF`.
  private static let fibInput: UInt32 = 1 << 3
  /// The corresponding C constant is `NFTA_FIB_F_PRESENT`.
  private static let fibPresent: UInt32 = 1 << 5

  private func writeLookup(
    to data: inout MessageWriter, _ set: String, _ source: Register, destination: UInt32?, inverted: Bool
  ) {
    data.attribute(2, bigEndian: source.number)
    if let destination { data.attribute(3, bigEndian: destination) }
    data.attribute(1, string: set)
    // The corresponding C constant is `NFT_LOOKUP_F_INV`.
    if inverted { data.attribute(5, bigEndian: UInt32(1)) }
  }
}

/// The corresponding C constants are those of `enum nft_expr_attributes`.
enum ExpressionAttribute {
  static let name: UInt16 = 1
  static let data: UInt16 = 2
}

/// The corresponding C constants are those of `enum nft_counter_attributes`.
enum CounterAttribute {
  static let bytes: UInt16 = 1
  static let packets: UInt16 = 2
}

/// The corresponding C constant is `NFTA_LIST_ELEM`.
let listElement: UInt16 = 1

/// The corresponding C constant is `NFT_REG_VERDICT`.
let verdictRegister: UInt32 = 0
