package import VirtualNetworks

/// The networks and the rules between them as a picture (SVG): networks on the left, the rules that connect them on the
/// right, a line for every network that a rule concerns. Lines grow with the networks, not with their pairs.
package func topologyPicture(_ connectivity: Connectivity) -> String { TopologyPicture(connectivity).text }

private struct TopologyPicture {
  private let connectivity: Connectivity
  private let rules: [ConnectingRule]
  private let networkX = 20
  private let networkWidth: Int
  private let ruleX: Int
  private let ruleWidth: Int
  private let rowHeight = 34
  private let top = 50

  init(_ connectivity: Connectivity) {
    self.connectivity = connectivity
    rules = Self.inOrder(connectivity.rules)
    let names = connectivity.networks.map { max("\($0.name)".utf8.count * 8, Self.subtitle($0).utf8.count * 6) }
    networkWidth = (names.max() ?? 100) + 24
    ruleWidth = (rules.flatMap(\.sides).map(\.title.utf8.count).max() ?? 12) * 8 + 24
    ruleX = networkX + networkWidth + 260
  }

  /// The mean position of the networks that it connects.
  private static func middle(_ rule: ConnectingRule) -> Double {
    let members = rule.sides.flatMap(\.members).map(\.network)
    return members.isEmpty ? 0 : Double(members.reduce(0, +)) / Double(members.count)
  }

  /// A rule stands near the networks that it connects, so that lines cross seldom.
  private static func inOrder(_ rules: [ConnectingRule]) -> [ConnectingRule] {
    return rules.enumerated().sorted { (middle($0.element), $0.offset) < (middle($1.element), $1.offset) }
      .map(\.element)
  }

  var text: String {
    let refusals = connectivity.networks.indices.flatMap { position in
      connectivity.refusals[position].map { "\(connectivity.networks[position].name) \($0)" }
    }
    let places = self.places
    let bottom = 10 + max(top + connectivity.networks.count * rowHeight, places.last ?? 0)
    let height = bottom + (refusals.isEmpty ? 0 : 24 + refusals.prefix(shownRefusals).count * 18)
    let width = max(ruleX + ruleWidth + 20, refusals.isEmpty ? 0 : 900)
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
      font-family="sans-serif" font-size="13">
      <defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" \
      orient="auto-start-reverse"><path d="M0,0 L8,4 L0,8 z" fill="#444"/></marker></defs>
      <rect width="100%" height="100%" fill="white"/>
      <text x="\(networkX)" y="28" font-weight="bold">Networks</text>
      <text x="\(ruleX)" y="28" font-weight="bold">Rules that connect them</text>

      """
    var boxes = ""
    for (number, rule) in rules.enumerated() {
      var y = places[number]
      let colour = colours[number % colours.count]
      for (index, side) in rule.sides.enumerated() {
        text += lines(side, to: y + rowHeight / 2 - 4, colour)
        boxes += box(x: ruleX, y: y, ruleWidth, fill: colour, title: side.title, colour: "white")
        if index > 0 {
          boxes += "<path d=\"M\(ruleX + ruleWidth / 2),\(y - 8) v8\" stroke=\"\(colour)\" stroke-width=\"6\"/>\n"
        }
        y += rowHeight
      }
    }
    return text + boxes + networks + list(refusals, y: bottom) + "</svg>\n"
  }

  /// Where each rule begins, and in the end where the last one ends: beside the middle of its networks, or below the rule
  /// before.
  private var places: [Int] {
    var places: [Int] = []
    var free = top
    for rule in rules {
      let height = rule.sides.count * rowHeight
      let wanted = top + Int(Self.middle(rule) * Double(rowHeight)) - (height - rowHeight) / 2
      places.append(max(free, wanted))
      free = max(free, wanted) + height + 12
    }
    return places + [free]
  }

  private var networks: String {
    let connected = Set(rules.flatMap(\.sides).flatMap(\.members).map(\.network))
    var text = ""
    for (position, network) in connectivity.networks.enumerated() {
      let isRefusing = !connectivity.refusals[position].isEmpty
      text += box(
        x: networkX, y: top + position * rowHeight, networkWidth,
        fill: connected.contains(position) ? "#eef3fb" : "#f4f4f4",
        title: "\(network.name)", subtitle: Self.subtitle(network),
        colour: connected.contains(position) ? "black" : "#777",
        stroke: isRefusing ? "#c00" : "#999")
    }
    return text
  }

  private static func subtitle(_ network: NetworkNode) -> String {
    network.prefixes.map { "\($0)" }.joined(separator: "  ")
  }

  private func lines(_ side: ConnectingRule.Side, to y: Int, _ colour: String) -> String {
    let (start, end) = (networkX + networkWidth, ruleX)
    let bend = (end - start) / 2
    return side.members.map { member in
      let from = top + member.network * rowHeight + rowHeight / 2 - 4
      let arrow =
        switch member.direction {
        case .importsAndExports: ""
        case .exports: " marker-end=\"url(#arrow)\" stroke-dasharray=\"6 3\""
        case .imports: " marker-start=\"url(#arrow)\" stroke-dasharray=\"6 3\""
        }
      return "<path d=\"M\(start),\(from) C\(start + bend),\(from) \(end - bend),\(y) \(end),\(y)\" fill=\"none\" "
        + "stroke=\"\(colour)\" stroke-width=\"1.5\" opacity=\"0.8\"\(arrow)/>\n"
    }.joined()
  }

  private func box(
    x: Int, y: Int, _ width: Int, fill: String, title: String, subtitle: String = "", colour: String,
    stroke: String = "none"
  ) -> String {
    let middle = x + width / 2
    var text =
      "<rect x=\"\(x)\" y=\"\(y)\" width=\"\(width)\" height=\"\(rowHeight - 8)\" rx=\"4\" fill=\"\(fill)\" "
      + "stroke=\"\(stroke)\"/>\n"
    let baseline = subtitle.isEmpty ? y + 18 : y + 12
    text +=
      "<text x=\"\(middle)\" y=\"\(baseline)\" text-anchor=\"middle\" fill=\"\(colour)\">\(escaped(title))</text>\n"
    if !subtitle.isEmpty {
      text +=
        "<text x=\"\(middle)\" y=\"\(y + 23)\" text-anchor=\"middle\" font-size=\"10\" fill=\"#555\">"
        + "\(escaped(subtitle))</text>\n"
    }
    return text
  }

  private func list(_ refusals: [String], y: Int) -> String {
    if refusals.isEmpty { return "" }
    var text = "<text x=\"\(networkX)\" y=\"\(y + 14)\" font-weight=\"bold\" fill=\"#c00\">Refused imports</text>\n"
    var shown = Array(refusals.prefix(shownRefusals))
    if refusals.count > shown.count { shown[shown.count - 1] = "and \(refusals.count - shown.count + 1) more" }
    for (line, refusal) in shown.enumerated() {
      text += "<text x=\"\(networkX)\" y=\"\(y + 32 + line * 18)\" fill=\"#c00\">\(escaped(refusal))</text>\n"
    }
    return text
  }
}

private let shownRefusals = 20

/// Dark enough for white letters, and apart for most of those who see colours differently.
private let colours = ["#3567a8", "#b3541e", "#3d7d4d", "#7d3f98", "#9c2f45", "#34777d", "#7a6a1d", "#555555"]

private func escaped(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "&": result += "&amp;"
    case "\"": result += "&quot;"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}
