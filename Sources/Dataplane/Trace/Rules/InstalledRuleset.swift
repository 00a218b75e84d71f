internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter

/// A chain by its table and name.
struct ChainReference: Hashable, CustomStringConvertible {
  let table: Table
  let name: String

  /// `ip filter FORWARD`, as `nft list chain` takes it.
  var description: String { "\(table) \(name)" }

  /// Whether it is in one of our tables.
  var isOurs: Bool {
    table.name == NodeNames.table || [NeighborLimit.table, UplinkRules.nodeTable].contains(table)
      || PodNeighborLimit.isTable(table)
  }
}

/// All rules of a namespace, read once.
final class InstalledRuleset {
  private let connection: Connection
  private let chains: [InstalledChain]
  private var rules: [Table: [String: [InstalledRule]]] = [:]
  private var sets: [ChainReference: InstalledSet] = [:]
  /// Tables of the older iptables, whose rules nobody else can read.
  let legacyTables: [String]

  init(_ namespace: KernelNamespace) throws(DataplaneError) {
    let connection = try namespace.netfilter()
    self.connection = connection
    let dormant = Set(try asking { () throws(NetlinkError) in try connection.dormantTables() })
    chains = try asking { () throws(NetlinkError) in try connection.chains() }.filter { !dormant.contains($0.table) }
    legacyTables = try namespace.inside("list tables of iptables") { () throws(Errno) in
      var found: [String] = []
      for (command, file) in [("iptables-legacy", "ip_tables_names"), ("ip6tables-legacy", "ip6_tables_names")] {
        do throws(Errno) {
          let text = String(decoding: try readFile("/proc/thread-self/net/" + file), as: UTF8.self)
          found += text.utf8.split(separator: UInt8(ascii: "\n")).map { "\(command) \(String(Substring($0)))" }
        } catch {
          if error != .noSuchFile { throw error }
        }
      }
      return found
    }
  }

  /// The base chains that packets of the families meet at a hook, in their order; of netdev chains, those of a device.
  func chains(
    at hook: Hook, _ families: [TableFamily], device: String? = nil
  ) -> [(chain: ChainReference, base: BaseChain)] {
    let found = chains.compactMap { entry -> (chain: ChainReference, base: BaseChain)? in
      guard let base = entry.chain.base, base.hook == hook, families.contains(entry.table.family) else { return nil }
      if let device, base.device != device, !entry.devices.contains(device) { return nil }
      return (ChainReference(table: entry.table, name: entry.chain.name), base)
    }
    // Chains of one priority run in the order of their tables' making, which is that of the list.
    return found.enumerated().sorted { ($0.element.base.order, $0.offset) < ($1.element.base.order, $1.offset) }
      .map(\.element)
  }

  func rules(of chain: ChainReference) throws(DataplaneError) -> [InstalledRule] {
    if let known = rules[chain.table] { return known[chain.name] ?? [] }
    let all = try asking { () throws(NetlinkError) in try connection.rules(of: chain.table) }
    let byChain = Dictionary(grouping: all, by: \.chain)
    rules[chain.table] = byChain
    return byChain[chain.name] ?? []
  }

  func set(_ name: String, in table: Table) throws(DataplaneError) -> InstalledSet? {
    let key = ChainReference(table: table, name: name)
    if let known = sets[key] { return known }
    let found = try asking { () throws(NetlinkError) in try connection.installedSet(name, in: table) }
    if let found { sets[key] = found }
    return found
  }
}

extension BaseChain {
  /// Chains that translate are called from one place at each hook, whatever priority they say; among themselves they go
  /// by it.
  fileprivate var order: Int64 {
    guard type == .nat else { return Int64(priority) << 32 }
    let place: Int64 = hook == .prerouting || hook == .output ? -100 : 100
    return place << 32 + Int64(priority)
  }
}
