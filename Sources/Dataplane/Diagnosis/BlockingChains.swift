internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter

extension KernelNamespace {
  /// Whether frames between ports of a bridge are shown to the node's IP filters, as kube-proxy needs it, and whether
  /// kube-proxy is here; `nil` where the kernel module for it is not loaded.
  package func bridgeFiltering() throws(DataplaneError) -> (isOn: Bool, hasServices: Bool)? {
    let path = "net/bridge/bridge-nf-call-iptables"
    let value = try inside("read \(path)") { () throws(Errno) -> [UInt8]? in
      do throws(Errno) { return try Sysctl(path).read() } catch {
        if error == .noSuchFile { return nil }
        throw error
      }
    }
    guard let value else { return nil }
    let connection = try netfilter()
    let chains = try asking { () throws(NetlinkError) in try connection.chains() }
    return (
      value == [UInt8(ascii: "1")],
      chains.contains { $0.chain.name == "KUBE-SERVICES" || $0.table.name == "kube-proxy" }
    )
  }

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
      let rules = try asking { () throws(NetlinkError) in try connection.rules(of: table, chain: chain.name) }
      guard chain.base?.policy == .drop || endsInRefusal(rules), !acceptsOurs(rules) else { continue }
      let dormant = try asking { () throws(NetlinkError) in try connection.dormantTables(table.family) }
      if dormant.contains(table) { continue }
      found.append("\(table) \(chain.name)")
    }
    return found
  }

  /// Whether a rule is about our bridge, or leads to the chain of the firewall plugin, which accepts what pods send.
  private func acceptsOurs(_ rules: [InstalledRule]) -> Bool {
    rules.contains { rule in
      [NodeNames.bridge, "CNI-FORWARD"].contains { name in
        let (bytes, name) = (rule.bytes, Array(name.utf8))
        return bytes.indices.contains { bytes[$0...].starts(with: name) }
      }
    }
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
  private func endsInRefusal(_ rules: [InstalledRule]) -> Bool {
    guard let last = rules.last else { return false }
    let expressions = last.expressionNames.filter { $0 != "counter" }
    return expressions == ["reject"] || (expressions == ["immediate"] && last.verdict == .drop)
  }
}
