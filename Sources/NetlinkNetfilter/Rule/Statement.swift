public import NetworkAddresses

/// A part of a rule that says one thing: a condition or an action.
///
/// A rule is an array of statements; its conditions are checked in order, and its actions follow.
///
/// ```swift
/// let filter = Table(.bridge, "contrail")
/// var transaction = Transaction()
/// transaction.add(filter)
/// transaction.add(NamedSet("bind4", key: [.interfaceName, .etherAddress, .ipv4Address]), to: filter)
/// transaction.add(Chain("port-ipv4"), to: filter)
/// transaction.add(rule: [.inputInterface(prefix: "vmi"), .jump("port")], to: "prerouting", in: filter)
/// transaction.add(
///   rule: [.lookup([.inputInterface, .sourceMAC, .ipv4Source], in: "bind4"), .accept], to: "port-ipv4", in: filter)
/// try transaction.commit(on: &connection)
/// ```
public struct Statement: Hashable, Sendable {
  /// What the kernel executes.
  public let expressions: [Expression]

  /// A statement of expressions that choose their registers themselves.
  public init(_ expressions: [Expression]) { self.expressions = expressions }
}

/// Conditions.
extension Statement {
  /// The field is the number.
  public static func match(_ field: Field, is number: UInt64) -> Statement { match(field, .equal, number) }

  /// The field is another number.
  public static func match(_ field: Field, isNot number: UInt64) -> Statement { match(field, .notEqual, number) }

  /// The field compares so with the number. Order is that of bytes: only for fields in network byte order.
  public static func match(_ field: Field, _ comparison: Comparison, _ number: UInt64) -> Statement {
    Statement([field.load(into: .first), .compare(.first, comparison, field.bytes(of: number))])
  }

  /// The field is the value.
  ///
  /// - Precondition: the value is as wide as the field.
  public static func match(_ field: Field, is value: KeyField) -> Statement { compared(field, .equal, value) }

  /// The field is another value.
  ///
  /// - Precondition: the value is as wide as the field.
  public static func match(_ field: Field, isNot value: KeyField) -> Statement { compared(field, .notEqual, value) }

  /// The field's bits under the mask are the number.
  public static func match(_ field: Field, mask: UInt64, is number: UInt64) -> Statement {
    masked(field, field.bytes(of: mask), .equal, field.bytes(of: number))
  }

  /// The field's bits under the mask are another number.
  public static func match(_ field: Field, mask: UInt64, isNot number: UInt64) -> Statement {
    masked(field, field.bytes(of: mask), .notEqual, field.bytes(of: number))
  }

  /// The field is within the bounds, both included, or outside of them.
  ///
  /// Only for fields in network byte order.
  public static func match(_ field: Field, in range: ClosedRange<UInt64>, inverted: Bool = false) -> Statement {
    precondition(!field.isHostOrder, "a range is compared byte by byte")
    let (from, to) = (field.bytes(of: range.lowerBound), field.bytes(of: range.upperBound))
    return Statement([field.load(into: .first), .range(.first, from: from, to: to, inverted: inverted)])
  }

  /// The address field is in the network, or outside of it.
  public static func match(_ field: Field, in network: IPPrefix, inverted: Bool = false) -> Statement {
    let bytes = network.address.bytes
    precondition(bytes.count == field.length, "network and field differ in family")
    let mask = bytes.indices.map { index in
      UInt8(truncatingIfNeeded: 0xff00 >> min(8, max(0, network.length - 8 * index)))
    }
    return masked(field, mask, inverted ? .notEqual : .equal, bytes)
  }

  /// The name of the input interface begins so; on a bridge: the port's.
  public static func inputInterface(prefix: String) -> Statement { prefixed(.inputInterface, prefix) }

  /// The name of the output interface begins so; on a bridge: the port's.
  public static func outputInterface(prefix: String) -> Statement { prefixed(.outputInterface, prefix) }

  /// The fields one after the other are an element of the set, or are none.
  public static func lookup(_ fields: [Field], in set: String, inverted: Bool = false) -> Statement {
    Statement(load(fields) + [.lookup(.first, set: set, inverted: inverted)])
  }

  /// The connection is in one of the states.
  public static func conntrackState(_ states: ConntrackState) -> Statement {
    match(.conntrackState, mask: UInt64(states.rawValue), isNot: 0)
  }

  /// The connection has one of the properties.
  public static func conntrackStatus(_ status: ConntrackStatus) -> Statement {
    match(.conntrackStatus, mask: UInt64(status.rawValue), isNot: 0)
  }

  /// Somebody there, where the packet leaves, could answer it by the way that it came: a route leads from the output
  /// interface back to the packet's source through the input interface, by the rules (`ip rule iif`) for what comes in
  /// there. For the forward hook.
  public static let reversePath = Statement([.reversePath(into: .first), .compare(.first, .equal, [1])])

  private static func prefixed(_ field: Field, _ prefix: String) -> Statement {
    precondition((1..<field.length).contains(prefix.utf8.count), "no prefix of an interface name")
    return Statement([field.load(into: .first), .compare(.first, .equal, Array(prefix.utf8))])
  }

  private static func compared(_ field: Field, _ comparison: Comparison, _ value: KeyField) -> Statement {
    precondition(value.bytes.count == field.length, "value and field differ in width")
    return Statement([field.load(into: .first), .compare(.first, comparison, value.bytes)])
  }

  private static func masked(
    _ field: Field, _ mask: [UInt8], _ comparison: Comparison, _ value: [UInt8]
  ) -> Statement {
    let zero = [UInt8](repeating: 0, count: mask.count)
    return Statement([
      field.load(into: .first), .bitwise(source: .first, into: .first, mask: mask, xor: zero),
      .compare(.first, comparison, value),
    ])
  }

  /// Loads the fields into adjacent registers, each from a word of its own.
  static func load(_ fields: [Field]) -> [Expression] {
    var word = 0
    return fields.map { field in
      defer { word += field.words }
      return field.load(into: Register(word: word))
    }
  }
}

/// Connection states. The corresponding C constants are `NF_CT_STATE_*_BIT` of the kernel.
public struct ConntrackState: OptionSet, Hashable, Sendable {
  /// The number that the kernel uses.
  public var rawValue: UInt32

  /// The value with this number, known here or not.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Belongs to no connection.
  public static let invalid = ConntrackState(rawValue: 1)
  /// Its connection has seen packets in both directions.
  public static let established = ConntrackState(rawValue: 2)
  /// Opens a connection that another one announced, or is an error about one.
  public static let related = ConntrackState(rawValue: 4)
  /// Opens a connection.
  public static let new = ConntrackState(rawValue: 8)
}

/// Properties of a connection. The corresponding C constants are those of `enum ip_conntrack_status`.
public struct ConntrackStatus: OptionSet, Hashable, Sendable {
  /// The number that the kernel uses.
  public var rawValue: UInt32

  /// The value with this number, known here or not.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// It was let through: it is in the table. `IPS_CONFIRMED`.
  public static let confirmed = ConntrackStatus(rawValue: 1 << 3)
  /// Its source address was translated: `IPS_SRC_NAT`.
  public static let sourceTranslated = ConntrackStatus(rawValue: 1 << 4)
  /// Its destination address was translated: `IPS_DST_NAT`.
  public static let destinationTranslated = ConntrackStatus(rawValue: 1 << 5)
}
