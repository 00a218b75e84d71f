public import NetworkAddresses

/// Actions.
extension Statement {
  /// Ends the packet's way through this hook's chains of this table; chains of a later priority may still drop it.
  public static let accept = Statement([.verdict(.accept)])
  /// Ends the packet.
  public static let drop = Statement([.verdict(.drop)])
  /// Goes back to the chain that jumped here; in a base chain: its policy.
  public static let `return` = Statement([.verdict(.return)])
  /// Counts packets and bytes, for `nft list ruleset`.
  public static let counter = Statement([.counter])
  /// Translates the source to the address of the interface the packet leaves through.
  public static let masquerade = Statement([.masquerade])

  /// Goes on in the chain, and comes back at its end.
  public static func jump(_ chain: String) -> Statement { Statement([.verdict(.jump(chain))]) }

  /// Goes on in the chain, and does not come back.
  public static func goto(_ chain: String) -> Statement { Statement([.verdict(.goto(chain))]) }

  /// Gives the verdict that the map has for the fields; goes on if it has none.
  public static func verdict(of fields: [Field], from map: String) -> Statement {
    Statement(load(fields) + [.verdictLookup(.first, map: map)])
  }

  /// Sends the frame to the Ethernet address that the map has for the fields; goes on if it has none.
  public static func redirect(of fields: [Field], from map: String) -> Statement {
    Statement(
      load(fields) + [
        .mapLookup(.first, map: map, into: .first), .payloadWrite(.first, .link, offset: 0, length: 6),
      ])
  }

  /// Has the bridge take the frame in, whose Ethernet address this is. For the prerouting hook of a bridge.
  public static func takeIn(by address: MACAddress) -> Statement {
    // What was addressed to another host is dropped further up unless the kernel is told that it is for this one.
    Statement([
      .immediate(address.bytes, into: .first), .payloadWrite(.first, .link, offset: 0, length: 6),
      .immediate([0], into: .first), .metaWrite(.first, .packetType),
    ])
  }

  /// Remembers the data for the fields in the map, which must be dynamic; goes on if it is not full.
  public static func update(_ map: String, _ fields: [Field], to data: Field) -> Statement {
    let words = fields.reduce(0) { $0 + $1.words }
    let value = Register(word: words)
    // The kernel leaves the data of what is there already as it is.
    return Statement(
      load(fields) + [
        data.load(into: value), .remove(set: map, key: .first, data: value),
        .update(set: map, key: .first, data: value),
      ])
  }

  /// Puts the fields into the set, which must be dynamic, or begins their timeout anew; a rule whose set is full goes no
  /// further.
  public static func insert(_ fields: [Field], into set: String) -> Statement {
    Statement(load(fields) + [.update(set: set, key: .first, data: nil)])
  }

  /// Goes on if the fields are in the set, which must be dynamic, and begins their timeout anew.
  public static func refresh(_ fields: [Field], in set: String) -> Statement {
    Statement(load(fields) + [.lookup(.first, set: set, inverted: false), .update(set: set, key: .first, data: nil)])
  }

  /// Goes on where the limit is exceeded that the set, which must be dynamic, keeps for each value of the fields.
  ///
  /// - Parameter buckets: the fields' limit is kept in so many parts, and each packet goes to one of them by chance; the key has
  ///   its number as another field (``DataType/mark``). What the kernel does to count connections grows with their number in a
  ///   part.
  public static func exceeds(
    _ limit: RuleLimit, of fields: [Field], buckets: UInt32? = nil, in set: String
  ) -> Statement {
    let bucket = Register(word: fields.reduce(0) { $0 + $1.words })
    let chance = buckets.map { [Expression.random(modulus: $0, into: bucket)] } ?? []
    return Statement(load(fields) + chance + [.limit(set: set, key: .first, limit)])
  }

  /// Translates the source or destination to a fixed address.
  public static func translate(_ kind: NATKind, to address: IPAddress) -> Statement {
    Statement([.immediate(address.bytes, into: .first), .nat(kind, address.tableFamily, address: .first, port: nil)])
  }

  /// Translates the source or destination to the address that the map has for the fields; does nothing if it has none.
  public static func translate(
    _ kind: NATKind, to family: IPFamily, of fields: [Field], from map: String
  ) -> Statement {
    Statement(
      load(fields) + [
        .mapLookup(.first, map: map, into: .first), .nat(kind, family.tableFamily, address: .first, port: nil),
      ])
  }
}

extension IPAddress {
  fileprivate var tableFamily: TableFamily { family.tableFamily }
}

extension IPFamily {
  fileprivate var tableFamily: TableFamily { self == .v4 ? .ipv4 : .ipv6 }
}
