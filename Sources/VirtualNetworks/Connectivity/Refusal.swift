package import NetworkAddresses
package import NetworkAttachments

/// An import that would leave it open where a packet goes, and is not made.
///
/// Of two networks with one prefix neither is imported: which one it is must not depend on which was there first.
package struct Refusal: Hashable, Sendable {
  package var exporter: NetworkName
  /// The exporter's.
  package var prefix: IPPrefix
  /// The other network with that prefix; `nil` where the importer itself has addresses in it.
  package var other: NetworkName?
}

extension Refusal: CustomStringConvertible {
  /// `does not import a/x: …`
  package var description: String {
    if let other { return "does not import \(exporter): \(other) has \(prefix) too" }
    return "does not import \(exporter): its \(prefix) overlaps the network's own addresses"
  }
}

/// The refused imports of each network.
func refusedImports(_ networks: [NetworkNode], _ circles: [Circle], _ importCircles: [[Int]]) -> [[Refusal]] {
  let isOverlapping = overlapping(networks)
  let exporters = circles.map { $0.exporters.filter { isOverlapping[$0] } }
  return networks.indices.map { importer in
    guard networks[importer].role.hasPods else { return [] }
    var candidates: Set<Int> = []
    for circle in importCircles[importer] { candidates.formUnion(exporters[circle]) }
    candidates.remove(importer)
    return candidates.isEmpty ? [] : refusals(by: networks[importer], candidates.sorted(), networks)
  }
}

private func refusals(by importer: NetworkNode, _ candidates: [Int], _ networks: [NetworkNode]) -> [Refusal] {
  var refusals: [Refusal] = []
  var holders: [IPPrefix: [Int]] = [:]
  var others: [Int] = []
  for candidate in candidates {
    let exporter = networks[candidate]
    if let prefix = exporter.prefixes.first(where: { prefix in importer.prefixes.contains { $0.overlaps(prefix) } }) {
      refusals.append(Refusal(exporter: exporter.name, prefix: prefix, other: nil))
    } else {
      others.append(candidate)
      for prefix in exporter.prefixes { holders[prefix, default: []].append(candidate) }
    }
  }
  for candidate in others {
    for prefix in networks[candidate].prefixes {
      guard let other = holders[prefix]?.first(where: { $0 != candidate }) else { continue }
      refusals.append(Refusal(exporter: networks[candidate].name, prefix: prefix, other: networks[other].name))
      break
    }
  }
  return refusals.sorted { ordered($0.exporter, $1.exporter) }
}

/// Which networks share addresses with any other one that has pods. Prefixes are nested or apart, so that each needs to
/// be compared only with the ones around it.
private func overlapping(_ networks: [NetworkNode]) -> [Bool] {
  var all: [(prefix: IPPrefix, network: Int)] = []
  for (position, network) in networks.enumerated() where network.role.hasPods {
    for prefix in network.prefixes { all.append((prefix, position)) }
  }
  all.sort { one, other in
    (one.prefix.family == .v4 ? 0 : 1, one.prefix.first, one.prefix.length)
      < (other.prefix.family == .v4 ? 0 : 1, other.prefix.first, other.prefix.length)
  }
  var result = [Bool](repeating: false, count: networks.count)
  var around: [(prefix: IPPrefix, network: Int)] = []
  for entry in all {
    while let last = around.last, !last.prefix.overlaps(entry.prefix) { around.removeLast() }
    if let last = around.last {
      result[last.network] = true
      result[entry.network] = true
    }
    around.append(entry)
  }
  return result
}
