internal import ContrailIPAM
internal import NetworkAddresses
package import NetworkAttachments
internal import SQLite
package import VirtualNetworks

// A network has a row of its own beside its object, so that the plugin reads one row and no JSON.

let networkInsertion = "INSERT INTO network VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"

func networkValues(_ key: ObjectKey, _ facts: NetworkFacts) -> [SQLiteValue] {
  var subnets: [String] = []
  for subnet in facts.subnets {
    let order = subnet.isDescending ? "descending" : "ascending"
    subnets.append("\(subnet.path) \(subnet.subnet.prefix) \(subnet.subnet.gateway) \(order)")
  }
  return [
    .text(key.namespace), .text(key.name), .text(key.namespace), .text(key.name), .text(facts.uid),
    .integer(Int64(facts.vni)), .text(facts.forwardingMode.rawValue), .text(facts.reversePathForwarding.rawValue),
    .integer(facts.fabricSNAT ? 1 : 0), .integer(facts.fabricForwarding ? 1 : 0), .integer(facts.podNetwork ? 1 : 0),
    .text(subnets.joined(separator: "\n")),
  ]
}

/// The row of a definition that stands for another network.
func aliasValues(_ key: ObjectKey, of other: ObjectKey) -> [SQLiteValue] {
  [
    .text(key.namespace), .text(key.name), .text(other.namespace), .text(other.name), .text(""), .integer(0), .text(""),
    .text(""), .integer(0), .integer(0), .integer(0), .text(""),
  ]
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
        subnets
      FROM network WHERE namespace = ?1 AND name = ?2
      """, [.text(namespace), .text(name)]
    ) { row in
      NetworkFacts(
        name: NetworkName(namespace: row.text(0), name: row.text(1)), uid: row.text(2),
        vni: UInt32(clamping: row.integer(3)), subnets: subnets(row.text(9)),
        forwardingMode: .init(rawValue: row.text(4)) ?? .l2AndL3,
        reversePathForwarding: .init(rawValue: row.text(5)) ?? .enable, fabricSNAT: row.integer(6) != 0,
        fabricForwarding: row.integer(7) != 0, podNetwork: row.integer(8) != 0)
    }.first
  }
}

private func subnets(_ text: String) -> [NetworkFacts.SubnetFacts] {
  var subnets: [NetworkFacts.SubnetFacts] = []
  for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
    let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 4, let subnet = try? Subnet(parsing: words[1], gateway: words[2]) else { continue }
    subnets.append(.init(path: words[0], subnet: subnet, isDescending: words[3] == "descending"))
  }
  return subnets
}
