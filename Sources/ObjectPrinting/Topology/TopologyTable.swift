package import VirtualNetworks

/// Which networks reach each other, and why, a line for each two.
package func topologyTable(_ connectivity: Connectivity) -> String {
  var rows = [["NETWORK", "NETWORK", "CONNECTED", "WHY"]]
  for pair in connectivity.pairs {
    rows.append(["\(pair.one)", "\(pair.other)", pair.isConnected ? "yes" : "no", reason(pair)])
  }
  var columns = Columns()
  return rows.count == 1 ? "" : columns.lines(rows)
}

private func reason(_ pair: NetworkPair) -> String {
  var reasons: [String] = []
  for entry in [pair.oneImports, pair.otherImports].compactMap(\.self) {
    for reason in entry.reasons where !reasons.contains(reason.undirected) { reasons.append(reason.undirected) }
  }
  var problems: [String] = []
  for (name, other, entry) in [(pair.one, pair.other, pair.oneImports), (pair.other, pair.one, pair.otherImports)] {
    if let entry {
      if let refusal = entry.refusal { problems.append("\(name) \(refusal)") }
    } else {
      problems.append("\(name) does not import \(other)")
    }
  }
  return (reasons.joined(separator: ", ")) + (problems.isEmpty ? "" : "; " + problems.joined(separator: "; "))
}
