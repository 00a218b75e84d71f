internal import Dataplane
internal import JSON
internal import ObjectPrinting
internal import PluginVerbs

/// The answer to a trace.
struct TraceReport {
  let from: String
  let to: String
  let verdicts: [TraceVerdict]
  /// Chains of others, in the node's namespace, that packets of these verdicts meet.
  let foreignChains: [String]

  init(
    from: String, to: String, foreignChains: [String], _ definitions: TraceDefinitions, verdicts: [TraceVerdict]
  ) {
    self.from = from
    self.to = to
    self.verdicts = verdicts
    let meetsNode = verdicts.contains {
      definitions.isOnNode($0.pair.from.network) || definitions.isOnNode($0.pair.to.network)
    }
    self.foreignChains = meetsNode ? foreignChains : []
  }

  /// Whether there is any way to talk.
  var canTalk: Bool { verdicts.contains(where: \.canTalk) }

  // MARK: Text

  /// - Parameter port: of TCP or UDP, if that was asked about.
  func text(port: Int?) -> String {
    var text = ""
    for verdict in verdicts { text += (text.isEmpty ? "" : "\n") + block(verdict) }
    if verdicts.isEmpty { text += "\(from) and \(to) have no addresses of one family.\n" }
    if let port { text += "\nPort \(port): no rule of these networks looks at ports.\n" }
    if !foreignChains.isEmpty {
      text +=
        "\nNote: what no rule of theirs accepts is dropped by chain \(foreignChains.joined(separator: ", chain ")).\n"
    }
    return text
  }

  private func block(_ verdict: TraceVerdict) -> String {
    let pair = verdict.pair
    var text =
      "\(from) \(end(pair.from)) to \(to == "\(pair.to.address)" ? to : "\(to) \(end(pair.to))"): "
      + answer(verdict) + "\n"
    text += "  why: \(verdict.reason)\n"
    if let fault = verdict.fault {
      text += "  fault: \(fault.place): \(fault.object) \(fault.state.rawValue)"
      text += (fault.detail.isEmpty ? "" : ": \(fault.detail)") + "\n"
    }
    if !verdict.remedy.isEmpty { text += "  to mend it: \(verdict.remedy)\n" }
    var columns = Columns()
    let rows = [("there", pair.there), ("back", pair.back)].filter { !$0.1.isEmpty }.map { name, steps in
      (name, steps.map { ["    \($0.state.rawValue)", "\($0.place)", $0.object, $0.detail] })
    }
    let lines = columns.lines(rows.flatMap(\.1)).split(separator: "\n")
    var position = 0
    for (name, steps) in rows {
      text += "  \(name):\n"
      for line in lines[position..<position + steps.count] { text += line + "\n" }
      position += steps.count
    }
    return text
  }

  /// Beyond the node nobody can say more than that there is a way.
  private func answer(_ verdict: TraceVerdict) -> String {
    if verdict.pair.to.interface.isEmpty { return verdict.canTalk ? "has a way" : "has no way" }
    return verdict.canTalk ? "can talk" : "cannot talk"
  }

  private func end(_ point: TracePoint) -> String { "\(point.interface) \(point.address) (\(point.network))" }

  // MARK: JSON

  func json(port: Int?) -> JSONValue {
    var object: JSONObject = ["from": .string(from), "to": .string(to), "canTalk": .bool(canTalk)]
    if let port { object["port"] = .integer(Int64(port)) }
    object["pairs"] = .array(verdicts.map(Self.json))
    object["foreignChains"] = .array(foreignChains.map { .string($0) })
    return .object(object)
  }

  private static func json(_ verdict: TraceVerdict) -> JSONValue {
    var object: JSONObject = [
      "from": json(verdict.pair.from), "to": json(verdict.pair.to), "canTalk": .bool(verdict.canTalk),
      "reason": .string(verdict.reason),
    ]
    if let fault = verdict.fault { object["fault"] = json(fault) }
    if !verdict.remedy.isEmpty { object["remedy"] = .string(verdict.remedy) }
    object["there"] = .array(verdict.pair.there.map(json))
    object["back"] = .array(verdict.pair.back.map(json))
    return .object(object)
  }

  private static func json(_ point: TracePoint) -> JSONValue {
    ["interface": .string(point.interface), "network": .string(point.network), "address": .string("\(point.address)")]
  }

  private static func json(_ step: TraceStep) -> JSONValue {
    [
      "state": .string(step.state.rawValue), "place": .string("\(step.place)"), "part": .string(step.part.rawValue),
      "object": .string(step.object), "detail": .string(step.detail),
    ]
  }
}
