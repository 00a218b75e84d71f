internal import Dataplane
internal import JSON
internal import ObjectPrinting
internal import PluginVerbs

/// The answer to a trace.
struct TraceReport {
  let from: String
  let to: String
  let flow: TraceFlow
  let verdicts: [TraceVerdict]

  init(from: String, to: String, _ flow: TraceFlow = .echo, verdicts: [TraceVerdict]) {
    self.from = from
    self.to = to
    self.flow = flow
    self.verdicts = verdicts
  }

  /// Whether there is any way to talk.
  var canTalk: Bool { verdicts.contains(where: \.canTalk) }
  /// Whether there may be one, or not: nobody can say.
  var isUnknown: Bool { !canTalk && verdicts.contains { $0.answer == .unknown } }

  /// Chains of others that asked for protocols or ports.
  private var chainsAskingPorts: [String] { unique(verdicts.flatMap(\.pair.result.askedPorts)) }

  private func unique(_ texts: [String]) -> [String] {
    var found: [String] = []
    for text in texts where !found.contains(text) { found.append(text) }
    return found
  }

  // MARK: Text

  var text: String {
    var text = ""
    for verdict in verdicts { text += (text.isEmpty ? "" : "\n") + block(verdict) }
    if verdicts.isEmpty { text += "\(from) and \(to) have no addresses of one family.\n" }
    let chains = chainsAskingPorts
    if let port = flow.port {
      text +=
        chains.isEmpty
        ? "\nPort \(port): no rule on the way looks at ports.\n"
        : "\nPort \(port): looked at by chain \(chains.joined(separator: ", chain ")). Whether anybody listens is not.\n"
    } else if !chains.isEmpty {
      text +=
        "\nThis is about pings. Protocols and ports are looked at by chain \(chains.joined(separator: ", chain ")): "
      text += "ask with --port NUMBER or --port NUMBER/udp.\n"
    }
    return text
  }

  private func block(_ verdict: TraceVerdict) -> String {
    let pair = verdict.pair
    var text = "\(from) \(end(pair.from)) to \(target(pair)): \(answer(verdict))\n"
    text += "  why: \(verdict.reason)\n"
    if let how = pair.to?.point.pair, !how.isEmpty { text += "  pair: \(pair.to?.pod ?? "") has it: \(how)\n" }
    if !pair.result.deciders.isEmpty {
      text += "  decided by a foreign rule: chain \(pair.result.deciders.joined(separator: ", chain "))\n"
    }
    if !pair.result.unreadTables.isEmpty {
      text += "  not readable: rules of \(pair.result.unreadTables.joined(separator: ", "))\n"
    }
    if let fault = verdict.fault {
      text += "  fault: \(fault.place): \(fault.object) \(fault.state.rawValue)"
      text += (fault.detail.isEmpty ? "" : ": \(fault.detail)") + "\n"
    }
    if !verdict.remedy.isEmpty { text += "  to mend it: \(verdict.remedy)\n" }
    return text + steps(pair.result)
  }

  private func steps(_ result: TraceResult) -> String {
    var columns = Columns()
    let rows = [("there", result.there), ("back", result.back)].filter { !$0.1.isEmpty }.map { name, steps in
      (name, steps.map { ["    \($0.state.rawValue)", "\($0.place)", $0.object, $0.detail] })
    }
    let lines = columns.lines(rows.flatMap(\.1)).split(separator: "\n")
    var text = ""
    var position = 0
    for (name, steps) in rows {
      text += "  \(name):\n"
      for line in lines[position..<position + steps.count] { text += line + "\n" }
      position += steps.count
    }
    return text
  }

  private func target(_ pair: TracedPair) -> String {
    guard let (pod, point) = pair.to else { return "\(pair.address)" }
    return "\(pod) \(end(point))"
  }

  private func answer(_ verdict: TraceVerdict) -> String {
    let result = verdict.pair.result
    switch verdict.answer {
    case .unknown: return "cannot be told"
    case .no:
      if result.isChance { return "can talk by chance only" }
      return verdict.pair.to == nil && verdict.pair.gatewayOf.isEmpty ? "has no way" : "cannot talk"
    // Beyond the node nobody can say more than that there is a way.
    case .yes:
      if case .beyond? = result.arrival { return "has a way" }
      return "can talk"
    }
  }

  private func end(_ point: TracePoint) -> String { "\(point.interface) \(point.address) (\(point.network))" }

  // MARK: JSON

  var json: JSONValue {
    var object: JSONObject = [
      "from": .string(from), "to": .string(to), "canTalk": isUnknown ? .null : .bool(canTalk),
    ]
    if let port = flow.port { object["port"] = .integer(Int64(port)) }
    object["pairs"] = .array(verdicts.map(Self.json))
    object["chainsAskingPorts"] = .array(chainsAskingPorts.map { .string($0) })
    return .object(object)
  }

  private static func json(_ verdict: TraceVerdict) -> JSONValue {
    let pair = verdict.pair
    var object: JSONObject = [
      "from": json(pair.from), "canTalk": verdict.answer == .unknown ? .null : .bool(verdict.canTalk),
      "reason": .string(verdict.reason),
    ]
    if let (pod, point) = pair.to {
      var end = json(point).object ?? [:]
      end["pod"] = .string(pod)
      if !point.pair.isEmpty { end["pair"] = .string(point.pair) }
      object["to"] = .object(end)
    } else {
      object["to"] = ["address": .string("\(pair.address)")]
    }
    if let fault = verdict.fault { object["fault"] = json(fault) }
    if !verdict.remedy.isEmpty { object["remedy"] = .string(verdict.remedy) }
    if !pair.result.deciders.isEmpty { object["decidedBy"] = .array(pair.result.deciders.map { .string($0) }) }
    if !pair.result.unreadTables.isEmpty {
      object["notReadable"] = .array(pair.result.unreadTables.map { .string($0) })
    }
    object["there"] = .array(pair.result.there.map(json))
    object["back"] = .array(pair.result.back.map(json))
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
