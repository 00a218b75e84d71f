package import VirtualNetworks

/// The networks and the rules between them in the language of Graphviz.
package func topologyGraph(_ connectivity: Connectivity) -> String {
  var text = "graph topology {\n  rankdir=LR\n  node [fontname=\"sans-serif\"]\n"
  for (position, network) in connectivity.networks.enumerated() {
    let label = (["\(network.name)"] + network.prefixes.map { "\($0)" }).map(quoted).joined(separator: "\\n")
    text += "  n\(position) [shape=ellipse, label=\"\(label)\"]\n"
  }
  for (number, rule) in connectivity.rules.enumerated() {
    for (index, side) in rule.sides.enumerated() {
      text +=
        "  r\(number)_\(index) [shape=box, style=filled, fillcolor=\"#eeeeee\", label=\"\(quoted(side.title))\"]\n"
      for member in side.members {
        text += "  n\(member.network) -- r\(number)_\(index)\(attributes(member.direction))\n"
      }
    }
    if rule.sides.count == 2 { text += "  r\(number)_0 -- r\(number)_1 [style=bold]\n" }
  }
  for pair in connectivity.pairs {
    for entry in [pair.oneImports, pair.otherImports].compactMap(\.self) {
      if let refusal = entry.refusal, let importer = importer(of: entry, in: pair, connectivity),
        let exporter = connectivity.position(refusal.exporter)
      {
        text +=
          "  n\(importer) -- n\(exporter) [color=red, style=dashed, constraint=false, tooltip=\"\(quoted("\(refusal)"))\"]\n"
      }
    }
  }
  return text + "}\n"
}

private func importer(of entry: NetworkImport, in pair: NetworkPair, _ connectivity: Connectivity) -> Int? {
  connectivity.position(entry.exporter.name == pair.one ? pair.other : pair.one)
}

/// An edge goes from a network to a rule.
private func attributes(_ direction: ConnectingRule.Direction) -> String {
  switch direction {
  case .importsAndExports: ""
  case .exports: " [dir=forward, label=\"export\"]"
  case .imports: " [dir=back, label=\"import\"]"
  }
}

private func quoted(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    if scalar == "\"" || scalar == "\\" { result += "\\" }
    result.unicodeScalars.append(scalar)
  }
  return result
}
