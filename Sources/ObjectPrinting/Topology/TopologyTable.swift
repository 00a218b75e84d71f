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
    for reason in entry.reasons where !reasons.contains(text(reason)) { reasons.append(text(reason)) }
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

/// The same for both directions.
private func text(_ reason: ConnectionReason) -> String {
  guard case .routers(let exporter, let exporterType, let importer, let importerType) = reason else {
    return reason.description
  }
  let (one, other) = ("\(exporterType.rawValue) \(exporter)", "\(importerType.rawValue) \(importer)")
  return one < other ? "\(one) with \(other)" : "\(other) with \(one)"
}
