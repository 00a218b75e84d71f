internal import Netlink
internal import NetlinkNetfilter

extension KernelNamespace {
  /// Chains of others that refuse what the node forwards unless a rule of theirs accepts it: `ip filter FORWARD`.
  ///
  /// Accepting in our table cannot overrule them. Chains of legacy iptables are not seen.
  ///
  /// - Parameter thorough: looks at every chain of the node; otherwise only at those of iptables and firewalld, which
  ///   takes microseconds however many chains there are.
  package func blockingForwardChains(thorough: Bool) throws(DataplaneError) -> [String] {
    let connection = try netfilter()
    var found: [String] = []
    for (table, chain) in try candidates(connection, thorough: thorough) {
      guard [.inet, .ipv4, .ipv6].contains(table.family), chain.base?.hook == .forward else { continue }
      let drops = chain.base?.policy == .drop
      let refuses = if drops { true } else { try endsInRefusal(chain.name, in: table, connection) }
      if refuses { found.append("\(table) \(chain.name)") }
    }
    return found
  }

  private static let wellKnown: [(Table, chain: String)] = [
    (Table(.ipv4, "filter"), "FORWARD"), (Table(.ipv6, "filter"), "FORWARD"),
    (Table(.inet, "firewalld"), "filter_FORWARD"),
  ]

  private func candidates(_ connection: Connection, thorough: Bool) throws(DataplaneError) -> [(Table, Chain)] {
    if thorough {
      let chains = try asking { () throws(NetlinkError) in try connection.chains() }
      return chains.filter { $0.table.name != NodeNames.table }.map { ($0.table, $0.chain) }
    }
    var found: [(Table, Chain)] = []
    for (table, name) in Self.wellKnown {
      let chain = try asking { () throws(NetlinkError) in try connection.chain(name, in: table) }
      if let chain { found.append((table, chain)) }
    }
    return found
  }

  /// firewalld's chains accept by policy, and end in a rule that refuses everything.
  private func endsInRefusal(
    _ chain: String, in table: Table, _ connection: Connection
  ) throws(DataplaneError) -> Bool {
    let rules = try asking { () throws(NetlinkError) in try connection.rules(of: table, chain: chain) }
    guard let last = rules.last else { return false }
    let expressions = last.expressionNames.filter { $0 != "counter" }
    return expressions == ["reject"] || (expressions == ["immediate"] && last.verdict == .drop)
  }
}
