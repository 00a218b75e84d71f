internal import Netlink
internal import NetlinkNetfilter

extension NodeKernel {
  /// Chains of others that drop what the node forwards unless a rule of theirs accepts it: `ip filter FORWARD`.
  ///
  /// Accepting in our table cannot overrule them. Chains of legacy iptables are not seen.
  ///
  /// - Parameter thorough: looks at every chain of the node; otherwise only at those that iptables has, which takes
  ///   microseconds however many chains there are.
  package func blockingForwardChains(thorough: Bool) throws(DataplaneError) -> [String] {
    let connection = try netfilter()
    if thorough {
      let chains = try asking { () throws(NetlinkError) in try connection.chains() }
      return chains.filter { $0.table.name != NodeNames.table && blocks($0.chain, $0.table) }.map {
        "\($0.table) \($0.chain.name)"
      }
    }
    var found: [String] = []
    for family in [TableFamily.ipv4, .ipv6] {
      let table = Table(family, "filter")
      let chain = try asking { () throws(NetlinkError) in try connection.chain("FORWARD", in: table) }
      if let chain, blocks(chain, table) { found.append("\(table) FORWARD") }
    }
    return found
  }

  private func blocks(_ chain: Chain, _ table: Table) -> Bool {
    [.inet, .ipv4, .ipv6].contains(table.family) && chain.base?.hook == .forward && chain.base?.policy == .drop
  }
}
