package import NetlinkNetfilter

// The pieces of the filter, as values.

extension SourceFilter {
  /// Statements; if they drop, with the reason, which `nft list ruleset` shows beside the count.
  package struct Rule: Sendable {
    package let statements: [Statement]
    package let reason: String?

    init(_ statements: Statement...) {
      self.statements = statements
      reason = nil
    }

    /// Drops what meets the conditions.
    init(drop reason: String, _ conditions: Statement...) {
      statements = conditions + [.counter, .drop]
      self.reason = reason
    }

    /// Goes on if the fields are an element of the set.
    init(_ fields: [Field], in set: NamedSet, goto chain: String) {
      self.init(.lookup(fields, in: set.name), .goto(chain))
    }

    /// Goes on where the branch leads from the field's value, if it leads anywhere.
    init(_ field: Field, in branch: Branch) { self.init(.verdict(of: [field], from: branch.map.name)) }
  }

  /// A chain with its rules.
  package struct RuleChain: Sendable {
    package let chain: Chain
    package var rules: [Rule]

    init(_ chain: Chain, _ rules: [Rule]) {
      self.chain = chain
      self.rules = rules
    }

    init(_ name: String, _ rules: [Rule]) { self.init(Chain(name), rules) }
  }

  /// A verdict map: where to go on with each value of a field.
  package struct Branch: Sendable {
    package let map: NamedSet
    package var elements: [SetElement]

    init(_ name: String, _ type: DataType, _ chains: [(value: KeyField, chain: String)]) {
      map = NamedSet(name, key: [type], content: .verdict)
      elements = chains.map { SetElement(SetKey($0.value), .verdict(.goto($0.chain))) }
    }

  }
}
