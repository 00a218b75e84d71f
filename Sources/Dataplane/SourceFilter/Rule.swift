package import NetlinkNetfilter

// The pieces of the filter, as values.

extension SourceFilter {
  /// Statements; if they drop, with the reason, which `nft list ruleset` shows beside the count.
  package struct Rule: Sendable {
    package let statements: [Statement]
    package let reason: String?
    /// What the rule does where sources are not checked.
    let unchecked: Unchecked

    enum Unchecked: Sendable {
      case same
      /// Nothing.
      case absent
      /// This, whatever the packet says.
      case always(Statement)
    }

    init(_ statements: Statement...) {
      self.statements = statements
      reason = nil
      unchecked = .same
    }

    /// Gives the verdict if the fields, which say who sends, are an element of the set.
    init(ifBound fields: [Field], in set: NamedSet, _ verdict: Statement) {
      statements = [.lookup(fields, in: set.name), verdict]
      reason = nil
      unchecked = .always(verdict)
    }

    /// Drops what meets the conditions.
    init(drop reason: String, _ conditions: Statement...) { self.init(drop: reason, conditions) }

    init(drop reason: String, _ conditions: [Statement]) {
      statements = conditions + [.counter, .drop]
      self.reason = reason
      unchecked = .same
    }

    /// Drops what the fields, which say who sends, have no element in the set for.
    init(drop reason: String, unlessBound fields: [Field], in set: NamedSet) {
      statements = [.lookup(fields, in: set.name, inverted: true), .counter, .drop]
      self.reason = reason
      unchecked = .absent
    }

    /// Goes on if the fields, which say who sends, are an element of the set.
    init(_ fields: [Field], in set: NamedSet, goto chain: String) {
      self.init(ifBound: fields, in: set, .goto(chain))
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

    /// The chain that lets every source through. What comes after the first rule that asked is never reached.
    var withoutSourceChecks: RuleChain {
      var kept: [Rule] = []
      for rule in rules {
        switch rule.unchecked {
        case .same: kept.append(rule)
        case .absent: continue
        case .always(let verdict): return RuleChain(chain, kept + [Rule(verdict)])
        }
      }
      return RuleChain(chain, kept)
    }
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
