import Glibc
import JSON
import Testing

/// A plugin killed at any instant leaves a state from which the next call gets back to exact baseline (23).
///
/// Systematically: the real binary is killed before each of its system calls that has an effect. At random: at 200
/// moments of an ADD, half of them with a DEL that starts before the ADD is dead. Every step of ADD and DEL must have
/// been hit.
@Suite struct CrashTests {
  /// What comes after the killed call. Each leads to the baseline.
  enum Recovery: CaseIterable {
    case delete
    case garbageCollection
    case addOfSameContainer
    case addOfSamePod

    var namesTheContainer: Bool { self == .delete || self == .addOfSameContainer }
  }

  @Test("A killed ADD")
  func killedAdd() throws {
    try withNode { node in
      let subject = try Subject(node)
      var hits = Tally()
      for (index, point) in try subject.points(of: "ADD").enumerated() {
        try subject.reset()
        let outcome = try point.run(subject.environment("ADD"), subject.input, on: node)
        #expect(outcome.ending == .signalled(SIGKILL), "\(point)")
        let step = try Remains.ofAdd(node, subject.pod)
        hits.count(step)
        let recovery = Recovery.allCases[index % Recovery.allCases.count]
        try subject.recover(recovery)
        try subject.expectBaseline(
          "killed before \(point), after: \(step), then \(recovery)", isDeleted: recovery.namesTheContainer)
      }
      let duration = try subject.duration(of: "ADD")
      for index in 0..<200 {
        try subject.reset()
        let isRacing = index % 2 == 1
        let delay = Double.random(in: 0...1.2) * duration
        let step = try subject.kill("ADD", after: delay, thenAtOnce: isRacing ? "DEL" : nil)
        hits.count(step ?? "a DEL racing")
        let recovery = Recovery.allCases[index / 2 % Recovery.allCases.count]
        if !isRacing { try subject.recover(recovery) }
        try subject.expectBaseline(
          "killed after \(delay * 1e3) ms, \(step.map { "after: \($0), then \(recovery)" } ?? "with a DEL racing")",
          isDeleted: isRacing || recovery.namesTheContainer)
      }
      hits.report("ADD", expecting: Remains.addSteps)
    }
  }

  @Test("A killed DEL")
  func killedDelete() throws {
    try withNode { node in
      let subject = try Subject(node)
      var hits = Tally()
      try node.add(subject.pod)
      for (index, point) in try subject.points(of: "DEL").enumerated() {
        try subject.reset()
        try node.add(subject.pod)
        _ = try point.run(subject.environment("DEL"), subject.input, on: node)
        let step = try Remains.ofDelete(node, subject.pod)
        hits.count(step)
        let recovery = Recovery.allCases[index % 2]
        try subject.recover(recovery)
        try subject.expectBaseline(
          "killed before \(point), after: \(step), then \(recovery)", isDeleted: recovery.namesTheContainer)
      }
      try node.add(subject.pod)
      let duration = try subject.duration(of: "DEL")
      for index in 0..<100 {
        try subject.reset()
        try node.add(subject.pod)
        let isRacing = index % 2 == 1
        let delay = Double.random(in: 0...1.2) * duration
        let step = try subject.kill("DEL", after: delay, thenAtOnce: isRacing ? "DEL" : nil)
        hits.count(step ?? "a DEL racing")
        let recovery = Recovery.allCases[index / 2 % 2]
        if !isRacing { try subject.recover(recovery) }
        try subject.expectBaseline(
          "killed after \(delay * 1e3) ms, \(step.map { "after: \($0), then \(recovery)" } ?? "with a DEL racing")",
          isDeleted: isRacing || recovery.namesTheContainer)
      }
      hits.report("DEL", expecting: Remains.deleteSteps)
    }
  }
}

/// One pod on one node, killed again and again.
private struct Subject {
  let node: Node
  let pod: Pod
  private let baseline: [Snapshot]

  init(_ node: Node) throws {
    self.node = node
    pod = try node.makePod()
    // The first ADD switches forwarding on, which stays.
    try node.add(pod)
    try node.delete(pod)
    baseline = try [Snapshot(of: node.namespace), Snapshot(of: pod.namespace)]
  }

  var input: Child.Input { .text(node.configuration().text()) }
  func environment(_ verb: String) -> [String: String] { node.environment(verb, pod) }
  func points(of verb: String) throws -> [KillPoint] {
    if verb == "ADD" { try reset() }
    let points = try KillPoint.all(of: environment(verb), input, on: node)
    try node.delete(pod)
    return points
  }

  /// An empty run directory: making the store is part of what is killed.
  func reset() throws { try Shell.run(["sh", "-c", "rm -rf \(node.runDirectory)/*"]) }

  /// How long an undisturbed call takes, the shortest of five.
  func duration(of verb: String) throws -> Double {
    var shortest = Double.infinity
    for _ in 0..<5 {
      try node.delete(pod)
      if verb == "DEL" { try node.add(pod) }
      let started = Monotonic.now()
      #expect(try node.run(verb, pod, node.configuration()).succeeded)
      shortest = min(shortest, Monotonic.now() - started)
    }
    try node.delete(pod)
    return shortest
  }

  /// Kills a call; the step that it reached, unless another verb was sent after it at once.
  func kill(_ verb: String, after delay: Double, thenAtOnce other: String?) throws -> String? {
    let child = try node.start(environment(verb), input)
    Monotonic.sleep(delay)
    child.kill()
    if let other {
      let racer = try node.start(environment(other), input)
      _ = child.finish()
      expectSilentSuccess(racer.finish(), "\(other) racing a dying \(verb)")
      return nil
    }
    _ = child.finish()
    return try verb == "ADD" ? Remains.ofAdd(node, pod) : Remains.ofDelete(node, pod)
  }

  func recover(_ recovery: CrashTests.Recovery) throws {
    switch recovery {
    case .delete: try node.delete(pod)
    case .garbageCollection:
      let configuration = node.configuration().settingMember("cni.dev/valid-attachments", .null)
      expectSilentSuccess(try node.run("GC", nil, configuration))
    case .addOfSameContainer:
      // It may have succeeded just before it was killed: then the runtime's DEL comes first.
      if try Store(node).state(of: pod) == 1 { try node.delete(pod) }
      expectSilentSuccess(try node.check(pod, try node.add(pod)))
      try node.delete(pod)
    case .addOfSamePod:
      if try Store(node).state(of: pod) == 1 { try node.delete(pod) }
      var retry = pod
      retry.container = randomHex(32)
      expectSilentSuccess(try node.check(retry, try node.add(retry)))
      #expect(try Store(node).attachments() == [retry.container], "the retry has cleaned up")
      try node.delete(retry)
    }
  }

  /// - Parameter isDeleted: whether a DEL named the container: its lock file goes with that.
  func expectBaseline(_ comment: String, isDeleted: Bool = true) throws {
    expectEqual(try Snapshot(of: node.namespace), baseline[0], "\(comment)")
    expectEqual(try Snapshot(of: pod.namespace), baseline[1], "\(comment)")
    let store = try Store(node)
    #expect(try store.attachments().isEmpty && store.allocations() == 0, "\(comment)")
    guard isDeleted else { return }
    let locks = try Shell.run(["ls", "\(node.runDirectory)/locks"]).lines.filter { $0.contains(pod.container) }
    #expect(locks.isEmpty, "\(comment)")
  }
}

/// How often each step was hit.
private struct Tally {
  private var counts: [String: Int] = [:]

  mutating func count(_ step: String) { counts[step, default: 0] += 1 }

  func report(_ verb: String, expecting steps: [String]) {
    let others = counts.keys.filter { !steps.contains($0) }.sorted()
    let lines = (steps + others).map { "  \($0): \(counts[$0] ?? 0)" }
    print("Kills of \(verb) by the step they hit:\n" + lines.joined(separator: "\n"))
    for step in steps { #expect(counts[step] ?? 0 > 0, "no kill of \(verb) hit the step: \(step)") }
  }
}
