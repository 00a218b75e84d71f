internal import Netlink

extension Transaction {
  /// Adds a rule at the chain's end.
  ///
  /// - Parameter comment: Shown by `nft` and read back with the rule; at most 128 bytes.
  public mutating func add(rule: [Statement], comment: String? = nil, to chain: String, in table: Table) {
    write(rule, comment, [.create, .append], "add", chain, table)
  }

  /// Inserts a rule at the chain's beginning.
  public mutating func insert(rule: [Statement], comment: String? = nil, into chain: String, in table: Table) {
    write(rule, comment, .create, "insert", chain, table)
  }

  /// Deletes one rule.
  ///
  /// - Parameter handle: The number that the kernel gave it.
  public mutating func delete(rule handle: UInt64, from chain: String, in table: Table) {
    append("delete rule \(handle) from \(table) \(chain)", .deleteRule, [], in: table.family) { writer in
      writer.attribute(RuleAttribute.table, string: table.name)
      writer.attribute(RuleAttribute.chain, string: chain)
      writer.attribute(RuleAttribute.handle, bigEndian: handle)
    }
  }

  private mutating func write(
    _ rule: [Statement], _ comment: String?, _ flags: MessageFlags, _ verb: String, _ chain: String, _ table: Table
  ) {
    append("\(verb) rule \(table) \(chain)\(comment.map { " (\($0))" } ?? "")", .newRule, flags, in: table.family) {
      writer in
      writer.attribute(RuleAttribute.table, string: table.name)
      writer.attribute(RuleAttribute.chain, string: chain)
      writer.nested(RuleAttribute.expressions) { list in
        for statement in rule {
          for expression in statement.expressions { expression.write(to: &list) }
        }
      }
      if let comment { writer.attribute(RuleAttribute.userData, bytes: RuleComment.encode(comment)) }
    }
  }
}

/// The comment of a rule in the form that `nft` keeps in a rule's user data: type, length, text and NUL.
enum RuleComment {
  /// The corresponding C constant of libnftnl is `NFTNL_UDATA_RULE_COMMENT`.
  static let type: UInt8 = 0

  static func encode(_ comment: String) -> [UInt8] {
    let text = Array(comment.utf8.prefix(128)) + [0]
    return [type, UInt8(text.count)] + text
  }

  static func decode(_ data: ArraySlice<UInt8>) -> String? {
    var rest = data
    while rest.count >= 2 {
      let (type, length) = (rest[rest.startIndex], Int(rest[rest.startIndex + 1]))
      rest = rest.dropFirst(2)
      if type == Self.type { return String(decoding: rest.prefix(length).prefix { $0 != 0 }, as: UTF8.self) }
      rest = rest.dropFirst(length)
    }
    return nil
  }
}

/// The corresponding C constants are those of `enum nft_rule_attributes`.
enum RuleAttribute {
  static let table: UInt16 = 1
  static let chain: UInt16 = 2
  static let handle: UInt16 = 3
  static let expressions: UInt16 = 4
  static let userData: UInt16 = 7
}
