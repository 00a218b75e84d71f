import Glibc
import JSON
import NodeHarness

extension Killing {
  /// What a killed call of this pod, alone on the node, has left half done is found by doctor.
  ///
  /// - Parameter whole: what was there before a DEL; for an ADD its record says whether it is complete.
  func expectFound(_ pod: Pod, whole: State?) throws {
    guard let baseline else { return }
    let deadline = Monotonic.now() + 60
    while true {
      // The kernel finishes in its own time what it was told to.
      let now = try State(of: site)
      let difference = now.difference(from: baseline)
      if difference.isEmpty || whole?.difference(from: now).isEmpty == true { return }
      if whole == nil, try site.isAttached(pod) { return }
      if try !site.findings().isEmpty { return }
      if Monotonic.now() > deadline {
        throw Violation("doctor finds nothing of what the killed call left:\n\(difference)")
      }
      Monotonic.sleep(0.1)
    }
  }

  /// - Returns: whether somebody who came after the end has cleaned up.
  @discardableResult
  mutating func kill(
    _ verb: String, _ pod: Pod?, valid: [Pod] = [], racing: String?, _ dice: inout Dice
  ) throws -> Bool {
    let duration = pod.flatMap { durations[key(verb, $0)] } ?? durations[verb] ?? 0.02
    let way = KillWay(verb, upTo: duration, &dice)
    note("\(verb) killed \(way)\(racing.map { ", \($0) racing" } ?? "")", pod ?? crew[0])
    let child = try site.start(verb, pod, valid: valid, wrapper: way.wrapper)
    Monotonic.sleep(way.delay)
    if way.isSignal { child.kill() }
    var racers: [Child] = []
    if let racing { racers.append(try site.start(racing, pod ?? crew[0])) }
    let outcome = child.finish()
    tally.count(verb, outcome, isRacing: racing != nil)
    for racer in racers {
      let outcome = racer.finish()
      guard outcome.succeeded else { throw Violation("the racing \(racing ?? "") failed: \(outcome)") }
    }
    // Whoever was not killed, and was refused: ADD must not fail by itself, nor must any other.
    if case .exited(let status) = outcome.ending, status != 0, racing == nil, way.isSignal {
      throw Violation("\(verb), not killed, failed: \(outcome)")
    }
    // Whoever is not killed from outside may have had the lock after the other.
    return racing != nil && way.isSignal
  }

  mutating func killContrailctl(applying manifests: [JSONValue], racing: Bool, _ dice: inout Dice) throws {
    let way = KillWay("apply", upTo: durations["apply"] ?? 0.1, &dice)
    note("apply of \(manifests.count) manifests killed \(way)\(racing ? ", DEL racing" : "")")
    let started = Monotonic.now()
    let child = try site.startContrailctl(["apply", "-f", "-"], input: manifests, wrapper: way.wrapper)
    var racer = racing && dice.chance(0.5) ? try site.start("DEL", crew[0]) : nil
    Monotonic.sleep(way.delay)
    if way.isSignal { child.kill() }
    if racing && racer == nil { racer = try site.start("DEL", crew[0]) }
    let outcome = child.finish()
    if case .exited(0) = outcome.ending, way.isSignal { durations["apply"] = Monotonic.now() - started }
    tally.count("apply", outcome, isRacing: racing)
    if let outcome = racer?.finish(), !outcome.succeeded { throw Violation("the racing DEL failed: \(outcome)") }
  }
}
