internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter

// What is in our tables, compared with what the same code makes in a namespace that nobody uses: the kernel's own notation
// on both sides.

/// A table's chains and rules as the kernel has them.
struct Ruleset {
  private let isDormant: Bool
  private var chains: [String: Chain] = [:]
  private var rules: [String: [InstalledRule]] = [:]
  private var sets: Set<String> = []
  /// Those of the maps that say where to go on, and of sets that nobody adds to.
  private var elements: [String: Set<SetElement>] = [:]

  /// `nil` where there is no such table.
  init?(_ table: Table, in kernel: KernelNamespace) throws(DataplaneError) {
    let connection = try kernel.netfilter()
    guard try asking({ () throws(NetlinkError) in try connection.tables(table.family) }).contains(table) else {
      return nil
    }
    let (found, installed, names) = try asking { () throws(NetlinkError) in
      (try connection.chains(table.family), try connection.rules(of: table), try connection.sets(of: table))
    }
    isDormant = try asking { () throws(NetlinkError) in try connection.dormantTables(table.family) }.contains(table)
    for chain in found where chain.table == table { chains[chain.chain.name] = chain.chain }
    for rule in installed { rules[rule.chain, default: []].append(rule) }
    sets = Set(names)
    let compared =
      (table == SourceFilter.table ? SourceFilter.branches.map(\.map) : [])
      + (PodNeighborLimit.isTable(table) ? PodNeighborLimit.fixedSets : [])
    for set in compared where sets.contains(set.name) {
      elements[set.name] = Set(try asking { () throws(NetlinkError) in try connection.elements(of: set, in: table) })
    }
  }

  /// What differs from a table as it should be, in words.
  func differences(from wanted: Ruleset) -> [String] {
    var found = isDormant ? ["it is dormant: its chains see nothing"] : []
    for (name, chain) in wanted.chains.sorted(by: { $0.key < $1.key }) {
      guard let present = chains[name] else {
        found.append("chain \(name) is missing")
        continue
      }
      if present != chain { found.append("chain \(name) is another one: its hook, priority or policy differs") }
      found += differences(in: name, from: wanted.rules[name] ?? [])
    }
    for name in chains.keys.sorted() where wanted.chains[name] == nil { found.append("chain \(name) is none of ours") }
    for name in wanted.sets.subtracting(sets).sorted() { found.append("set \(name) is missing") }
    for name in sets.subtracting(wanted.sets).sorted() { found.append("set \(name) is none of ours") }
    for (name, elements) in elements.sorted(by: { $0.key < $1.key }) where elements != wanted.elements[name] {
      found.append("\(name) has other elements")
    }
    return found
  }

  private func differences(in chain: String, from wanted: [InstalledRule]) -> [String] {
    let present = rules[chain] ?? []
    if present.map(\.bytes) == wanted.map(\.bytes) { return [] }
    let known = Set(wanted.map(\.bytes))
    let foreign = present.filter { !known.contains($0.bytes) }.map { "rule of handle \($0.handle)" }
    if !foreign.isEmpty { return foreign.map { "chain \(chain): \($0) is none of ours" } }
    return ["chain \(chain) has \(present.count) rules in another order or number, instead of \(wanted.count)"]
  }
}

/// A namespace to try things in, which ends with this value.
package final class Rehearsal {
  let kernel: KernelNamespace
  private let home: NodeKernel

  package init(_ home: NodeKernel) throws(DataplaneError) {
    do throws(Errno) {
      kernel = try KernelNamespace(
        adopting: NetworkNamespace.unnamed(from: home.node.namespace), path: "", home: home.node)
    } catch {
      throw .system(operation: "make a network namespace", error)
    }
    self.home = home
  }

  /// Makes an instance and a transit as the node would, to see what the kernel refuses.
  ///
  /// - Parameter limit: of connections: what it does without is not looked for.
  /// - Returns: what it refused.
  package func missingFeatures(_ limit: ConnectionLimit) -> [String] {
    var found: [String] = []
    let placement = RoutingInstance.Placement.pinned(directory: "", name: "")
    let instance = RoutingInstance(
      name: "rehearsal", placement: placement, mtu: 1500, subnets: [], fabricSNAT: false, internalNetworks: [],
      linkLocalServices: [])
    do throws(DataplaneError) {
      let placed = try home.ensure(instance, in: kernel, ports: [])
      try placed.kernel.route().deleteIfPresent([NodeNames.bridge])
    } catch {
      found.append("a routing instance: \(error)")
    }
    do throws(DataplaneError) {
      try kernel.replaceTables([UplinkRules.instanceTable]) { transaction in
        transaction.add(UplinkRules.instanceTable)
        limit.add(to: &transaction, in: UplinkRules.instanceTable)
      }
      try kernel.deleteTable(UplinkRules.instanceTable)
    } catch {
      found.append("limits of connections: \(error)")
    }
    do throws(DataplaneError) { try Transit(kernel, home: home).ensure() } catch {
      found.append("the transit: \(error)")
    }
    return found
  }

  /// What is not as it should be in the tables of an instance.
  package func ruleProblems(of instance: RoutingInstance, in place: KernelNamespace) throws(DataplaneError) -> [String]
  {
    try kernel.replaceRules(of: instance, ports: [])
    var found: [String] = []
    for table in instance.tables { found += try problems(table, in: place) }
    return found
  }

  /// What is not as it should be in the transit's table.
  package func ruleProblems(of transit: Transit) throws(DataplaneError) -> [String] {
    try Transit(kernel, home: home).ensureRules()
    defer { try? kernel.deleteTable(TransitRules.table) }
    return try problems(TransitRules.table, in: transit.kernel)
  }

  /// What is not as it should be in the tables of an uplink, on the node and in its instance.
  package func ruleProblems(
    of uplink: Uplink, in instance: KernelNamespace, _ settings: UplinkSettings
  ) throws(DataplaneError) -> [String] {
    try kernel.replaceTables([UplinkRules.nodeTable]) {
      UplinkRules.addNodeTable(to: &$0, settings, links: [uplink.nodeLink])
    }
    var found = try problems(UplinkRules.nodeTable, in: home.node)
    try kernel.replaceTables([UplinkRules.instanceTable]) { UplinkRules.addInstanceTable(to: &$0, for: uplink) }
    defer { try? kernel.deleteTable(UplinkRules.instanceTable) }
    found += try problems(UplinkRules.instanceTable, in: instance)
    return found
  }

  /// What is not as it should be in the table of an attachment, inside its pod.
  package func ruleProblems(of ports: [Port], in pod: KernelNamespace) throws(DataplaneError) -> [String] {
    guard let group = ports.first?.group else { return [] }
    try kernel.limitNeighbors(of: ports)
    defer { try? kernel.releaseNeighbors(group: group) }
    return try problems(PodNeighborLimit.table(group: group), in: pod)
  }

  private func problems(_ table: Table, in place: KernelNamespace) throws(DataplaneError) -> [String] {
    guard let wanted = try Ruleset(table, in: kernel) else { return [] }
    guard let present = try Ruleset(table, in: place) else { return ["table \(table) is missing"] }
    return present.differences(from: wanted).map { "table \(table): \($0)" }
  }
}

extension KernelNamespace {
  /// The tables of a namespace of our own that are none of ours.
  package func foreignTables() throws(DataplaneError) -> [String] {
    let connection = try netfilter()
    return try asking { () throws(NetlinkError) in try connection.tables() }
      .filter { ![SourceFilter.table, NeighborLimit.table, UplinkRules.instanceTable].contains($0) }.map(\.description)
  }
}
