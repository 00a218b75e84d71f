import Glibc
import JSON
import NodeHarness

/// One kill after the other.
struct Killing {
  let site: Site
  /// The pods that come and go.
  var crew: [Pod]
  /// What this round did, for the report of a violation.
  private(set) var story = ""
  var tally = Tally()
  /// How long calls take, by what is called: the latest of those that nobody killed.
  var durations: [String: Double] = [:]
  /// What is there between rounds.
  var baseline: State?

  init(site: Site, crew: [Pod]) {
    self.site = site
    self.crew = crew
  }

  /// Every pool is known to the store, every setting of the node made.
  mutating func warmUp(_ dice: inout Dice) throws {
    for project in ["lab", "tenant"] {
      var pod = crew[0]
      pod.renew(&dice)
      pod.project = project
      pod.networks = Definitions.Network.allCases.map { Definitions.selection($0) }
      pod.networks[0] = Definitions.selection(.red, pairs: Definitions.pairs)
      try site.succeed("ADD", pod)
      try site.succeed("DEL", pod)
    }
    for change in Definitions.Change.allCases {
      try site.apply(change.manifests.isEmpty ? Definitions.all : change.manifests)
      if change == .add {
        var pod = crew[0]
        pod.renew(&dice)
        pod.networks = [["name": "extra", "namespace": "lab"]]
        try site.succeed("ADD", pod)
        try site.succeed("DEL", pod)
      }
      try restore()
    }
    try site.succeed("GC")
  }

  /// - Returns: what was done.
  mutating func round(_ dice: inout Dice) throws -> String {
    story = ""
    for index in crew.indices {
      crew[index].renew(&dice)
      crew[index].project = dice.chance(0.2) ? "tenant" : "lab"
      crew[index].networks = Self.networks(&dice)
    }
    switch Int.random(in: 0..<10, using: &dice) {
    case 0..<4: try killAdd(&dice)
    case 4..<7: try killDelete(&dice)
    case 7: try killCollection(&dice)
    default: try killApply(&dice)
    }
    return story
  }

  static func networks(_ dice: inout Dice) -> [JSONValue] {
    var rest = Definitions.Network.allCases.shuffled(using: &dice)
    rest.removeFirst(rest.count - Int.random(in: 0...4, using: &dice))
    return rest.map { network in
      guard network == .red, dice.chance(0.5) else { return Definitions.selection(network) }
      return Definitions.selection(network, pairs: Definitions.pairs.filter { _ in dice.chance(0.5) })
    }
  }

  // MARK: Rounds

  private mutating func killAdd(_ dice: inout Dice) throws {
    // Another one beside it, sometimes in the same instances.
    let neighbor = dice.chance(0.4) ? crew[1] : nil
    if let neighbor { try add(neighbor) }
    let isRacing = dice.chance(0.5)
    let isOver = try kill("ADD", crew[0], racing: isRacing ? "DEL" : nil, &dice)
    if neighbor == nil && !isRacing && dice.chance(0.3) { try expectFound(crew[0], whole: nil) }
    if !isOver { try recover(crew[0], &dice) }
    if let neighbor { try delete(neighbor) }
  }

  private mutating func killDelete(_ dice: inout Dice) throws {
    let neighbor = dice.chance(0.4) ? crew[1] : nil
    if let neighbor { try add(neighbor) }
    try add(crew[0])
    let isRacing = dice.chance(0.5)
    let whole = neighbor == nil && !isRacing && dice.chance(0.3) ? try State(of: site) : nil
    try kill("DEL", crew[0], racing: isRacing ? "DEL" : nil, &dice)
    if let whole { try expectFound(crew[0], whole: whole) }
    // Whoever has gone in full comes back from nowhere: a DEL, or the next GC, is enough.
    if dice.chance(0.5) { try delete(crew[0]) } else { try collect(besides: neighbor.map { [$0] } ?? []) }
    if let neighbor { try delete(neighbor) }
  }

  private mutating func killCollection(_ dice: inout Dice) throws {
    for pod in crew { try add(pod) }
    let valid = dice.chance(0.5) ? [crew[2]] : []
    let isRacing = dice.chance(0.5)
    try kill("GC", nil, valid: valid, racing: isRacing ? "DEL" : nil, &dice)
    try collect(besides: valid)
    for pod in valid { try delete(pod) }
  }

  private mutating func killApply(_ dice: inout Dice) throws {
    for pod in crew[..<Int.random(in: 0...2, using: &dice)] { try add(pod) }
    let change = Definitions.Change.allCases.randomElement(using: &dice)!
    note("apply \(change)")
    // Half of them on the way back.
    let isGoing = change == .deleteRouter ? false : dice.chance(0.5)
    if !isGoing {
      if change == .deleteRouter {
        try site.delete("vnr", "web")
      } else {
        try site.apply(change.manifests)
      }
    }
    let isRacing = dice.chance(0.5)
    try killContrailctl(applying: isGoing ? change.manifests : Definitions.all, racing: isRacing, &dice)
    try restore()
    for pod in crew { try delete(pod) }
    try collect(besides: [])
  }

  private func restore() throws {
    try site.apply(Definitions.all)
    try site.delete("net-attach-def", "extra")
  }

  // MARK: What comes after

  private mutating func recover(_ pod: Pod, _ dice: inout Dice) throws {
    switch Int.random(in: 0..<4, using: &dice) {
    case 0: try delete(pod)
    case 1: try collect(besides: [])
    case 2:
      // It may have ended well just before: then it is in the way of another.
      if try !isAdded(pod) {
        try delete(pod)
        try add(pod)
      }
      try delete(pod)
    default:
      var retry = pod
      retry.container += "-retry"
      note("ADD of the same pod in another container")
      // A runtime that gave an ADD up deletes it in its own time.
      let outcome = try site.run("ADD", retry)
      if !outcome.succeeded, !outcome.standardOutput.contains("\"code\": 101") {
        throw Violation("ADD of the same pod failed: \(outcome)")
      }
      try delete(retry)
      try delete(pod)
    }
  }

  /// Whether a further ADD of the container succeeds, or finds it attached.
  private mutating func isAdded(_ pod: Pod) throws -> Bool {
    note("ADD again")
    let outcome = try site.run("ADD", pod)
    if !outcome.succeeded, !outcome.standardOutput.contains("\"code\": 101") {
      throw Violation("ADD after a killed one failed: \(outcome)")
    }
    return outcome.succeeded
  }

  // MARK: Calls

  private mutating func add(_ pod: Pod) throws { try timed("ADD", pod) }
  private mutating func delete(_ pod: Pod) throws { try timed("DEL", pod) }

  private mutating func timed(_ verb: String, _ pod: Pod) throws {
    note(verb, pod)
    let started = Monotonic.now()
    try site.succeed(verb, pod)
    durations[key(verb, pod)] = Monotonic.now() - started
  }

  private mutating func collect(besides valid: [Pod]) throws {
    note("GC")
    let started = Monotonic.now()
    try site.succeed("GC", valid: valid)
    durations["GC"] = Monotonic.now() - started
  }

  func key(_ verb: String, _ pod: Pod) -> String { "\(verb) \(pod.networks.count)" }

  mutating func note(_ what: String, _ pod: Pod? = nil) {
    let networks = pod?.networks.map { network in
      let name = network.object?["name"]?.string ?? ""
      return network.object?["cni-args"] == nil ? name : "\(name) with pairs"
    }
    story += "\(story.isEmpty ? "" : "; ")\(what)"
    if let pod, let networks { story += " \(pod.container) (\(pod.project): \(networks.joined(separator: ", ")))" }
  }
}
