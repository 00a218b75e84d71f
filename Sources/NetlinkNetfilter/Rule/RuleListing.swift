public import Netlink

/// A rule as the kernel has it.
public struct InstalledRule: Hashable, Sendable {
  /// The table that holds the rule's chain.
  public let table: Table
  /// The name of the chain that holds the rule.
  public let chain: String
  /// The kernel's number for the rule, unique in its table.
  public let handle: UInt64
  /// What ``Transaction/add(rule:comment:to:in:)``, or `nft`, was given.
  public let comment: String?
  /// What the rule does, step by step.
  public let expressions: [InstalledExpression]
  /// What the kernel calls the rule's expressions: `meta`, `cmp`, `immediate`.
  public var expressionNames: [String] { expressions.map(\.name) }
  /// The rule's verdict, if it ends in one.
  public let verdict: Verdict?
  /// What the rule's counter has counted, if it has one.
  public let counter: Counter?
  /// The rule's expressions as the kernel has them, but for what counters counted: two rules with the same bytes do the
  /// same.
  public var bytes: [UInt8] {
    expressions.flatMap { Array($0.name.utf8) + [0] + ($0.name == "counter" ? [] : Array($0.attributes.bytes)) }
  }

  /// Packets and bytes.
  public struct Counter: Hashable, Sendable {
    /// How many packets came to the counter.
    public let packets: UInt64
    /// Their length together, from the network header on.
    public let bytes: UInt64
  }
}

extension Connection {
  /// The rules of a table, or of one of its chains, in their order.
  ///
  /// - Returns: Nothing where there is no such table or chain.
  public func rules(of table: Table, chain: String? = nil) throws(NetlinkError) -> [InstalledRule] {
    try dump("list rules of \(table)", type: MessageType.getRule.wire) { writer in
      NetfilterHeader.write(table.family, to: &writer)
      writer.attribute(RuleAttribute.table, string: table.name)
      if let chain { writer.attribute(RuleAttribute.chain, string: chain) }
    }
    .compactMap(InstalledRule.init)
  }
}

extension InstalledRule {
  fileprivate init?(_ message: Message) {
    let attributes = message.attributes
    guard let family = message.family, let table = attributes[RuleAttribute.table]?.string,
      let chain = attributes[RuleAttribute.chain]?.string, let handle = attributes[RuleAttribute.handle]?.bigEndian64
    else { return nil }
    self.table = Table(family, table)
    self.chain = chain
    self.handle = handle
    comment = attributes[RuleAttribute.userData].flatMap { RuleComment.decode($0.payload) }
    let expressions = attributes[RuleAttribute.expressions]?.nested.map(\.nested) ?? []
    self.expressions = expressions.map(InstalledExpression.init)
    verdict = expressions.last.flatMap(Verdict.init(expression:))
    counter = self.expressions.first { $0.name == "counter" }.flatMap { Counter($0.attributes) }
  }
}

extension InstalledRule.Counter {
  fileprivate init?(_ data: Attributes) {
    guard let bytes = data[CounterAttribute.bytes]?.bigEndian64,
      let packets = data[CounterAttribute.packets]?.bigEndian64
    else { return nil }
    self.init(packets: packets, bytes: bytes)
  }
}
