internal import ContrailIPAM
internal import JSON
internal import NetworkAddresses
package import NetworkAttachments
internal import SQLite
package import VirtualNetworks

// A network has a row of its own beside its object, so that the plugin reads one row and no JSON. The row also has what
// decides who reaches whom, and `imports`, `exports` and `refused`: what was decided, which these values leave alone.

let networkInsertion = """
  INSERT INTO network (
    namespace, name, actual_namespace, actual_name, uid, vni, forwarding_mode, rpf, fabric_snat, fabric_forwarding,
    pod_network, subnets, role, labels, import_targets, export_targets)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
  ON CONFLICT (namespace, name) DO UPDATE SET
    actual_namespace = ?3, actual_name = ?4, uid = ?5, vni = ?6, forwarding_mode = ?7, rpf = ?8, fabric_snat = ?9,
    fabric_forwarding = ?10, pod_network = ?11, subnets = ?12, role = ?13, labels = ?14, import_targets = ?15,
    export_targets = ?16
  """

func networkValues(_ key: ObjectKey, _ facts: NetworkFacts, _ node: NetworkNode) -> [SQLiteValue] {
  var subnets: [String] = []
  for subnet in facts.subnets {
    let order = subnet.isDescending ? "descending" : "ascending"
    subnets.append("\(subnet.path) \(subnet.subnet.prefix) \(subnet.subnet.gateway) \(order)")
  }
  return [
    .text(key.namespace), .text(key.name), .text(key.namespace), .text(key.name), .text(facts.uid),
    .integer(Int64(facts.vni)), .text(facts.forwardingMode.rawValue), .text(facts.reversePathForwarding.rawValue),
    .integer(facts.fabricSNAT ? 1 : 0), .integer(facts.fabricForwarding ? 1 : 0), .integer(facts.podNetwork ? 1 : 0),
    .text(subnets.joined(separator: "\n")), .text(facts.role.rawValue), .text(labelText(node.labels)),
    .text(node.importTargets.joined(separator: " ")), .text(node.exportTargets.joined(separator: " ")),
  ]
}

/// The row of a definition that stands for another network.
func aliasValues(_ key: ObjectKey, of other: ObjectKey) -> [SQLiteValue] {
  [
    .text(key.namespace), .text(key.name), .text(other.namespace), .text(other.name), .text(""), .integer(0), .text(""),
    .text(""), .integer(0), .integer(0), .integer(0), .text(""), .text(""), .text(""), .text(""), .text(""),
  ]
}

private func labelText(_ labels: [String: String]) -> String {
  if labels.isEmpty { return "" }
  let members = labels.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
  return JSONValue.object(JSONObject(members)).text()
}

extension ObjectReader {
  /// The virtual network of that name, or the one that the definition of that name attaches to instead.
  package func virtualNetwork(namespace: String, name: String) throws(StoreError) -> NetworkFacts? {
    guard let found = try networkRow(namespace, name) else { return nil }
    let actual = found.name
    if actual.namespace == namespace && actual.name == name { return found }
    let other = try networkRow(actual.namespace, actual.name)
    return other?.name == actual ? other : nil
  }

  /// The networks of that name in any namespace, definitions that attach to another one included.
  package func networks(named name: String, limit: Int) throws(StoreError) -> [NetworkName] {
    try rows(
      "SELECT namespace FROM network WHERE name = ?1 LIMIT ?2", [.text(name), .integer(Int64(limit))]
    ) { NetworkName(namespace: $0.text(0), name: name) }
  }

  private func networkRow(_ namespace: String, _ name: String) throws(StoreError) -> NetworkFacts? {
    try rows(
      """
      SELECT actual_namespace, actual_name, uid, vni, forwarding_mode, rpf, fabric_snat, fabric_forwarding, pod_network,
        subnets, role, imports <> '', exports <> ''
      FROM network WHERE namespace = ?1 AND name = ?2
      """, [.text(namespace), .text(name)]
    ) { row in
      var facts = NetworkFacts(
        name: NetworkName(namespace: row.text(0), name: row.text(1)), uid: row.text(2),
        vni: UInt32(clamping: row.integer(3)), subnets: subnets(row.text(9)),
        forwardingMode: .init(rawValue: row.text(4)) ?? .l2AndL3,
        reversePathForwarding: .init(rawValue: row.text(5)) ?? .enable, fabricSNAT: row.integer(6) != 0,
        fabricForwarding: row.integer(7) != 0, podNetwork: row.integer(8) != 0)
      facts.role = NetworkRole(rawValue: row.text(10)) ?? .user
      facts.importsRoutes = row.integer(11) != 0
      facts.exportsRoutes = row.integer(12) != 0
      return facts
    }.first
  }

  /// What decides who reaches whom, of every network.
  func networkNodes() throws(StoreError) -> [NetworkNode] {
    try rows(
      """
      SELECT namespace, name, role, labels, subnets, import_targets, export_targets, vni, forwarding_mode
      FROM network WHERE vni > 0
      """, []
    ) { row in
      var node = NetworkNode(
        NetworkName(namespace: row.text(0), name: row.text(1)), vni: UInt32(clamping: row.integer(7)),
        role: NetworkRole(rawValue: row.text(2)) ?? .user, labels: labels(row.text(3)),
        prefixes: prefixes(ofSubnets: row.text(4)),
        importTargets: words(row.text(5)), exportTargets: words(row.text(6)))
      node.hasGateway = row.text(8) != "l2"
      return node
    }
  }
}

func subnets(_ text: String) -> [NetworkFacts.SubnetFacts] {
  var subnets: [NetworkFacts.SubnetFacts] = []
  for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
    let words = words(line)
    guard words.count == 4, let subnet = try? Subnet(parsing: words[1], gateway: words[2]) else { continue }
    subnets.append(.init(path: words[0], subnet: subnet, isDescending: words[3] == "descending"))
  }
  return subnets
}

private func prefixes(ofSubnets text: String) -> [IPPrefix] {
  text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
    let words = words(line)
    return words.count == 4 ? try? IPPrefix(parsing: words[1]) : nil
  }
}

private func labels(_ text: String) -> [String: String] {
  guard !text.isEmpty, let members = (try? JSONValue(parsing: text))?.object?.members else { return [:] }
  return Dictionary(members.compactMap { member in member.value.string.map { (member.key, $0) } }) { $1 }
}

private func words(_ text: String) -> [String] { words(Substring(text).utf8) }

private func words(_ text: Substring.UTF8View) -> [String] {
  text.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
}
