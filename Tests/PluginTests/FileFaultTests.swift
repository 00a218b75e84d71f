import Glibc
import JSON
import Testing

/// Whatever operation on a file, a directory or a namespace fails: an ADD says what in one error and leaves nothing of
/// the pod, or has succeeded; a DEL that fails is finished by the next, and one that succeeds has removed everything.
///
/// Each kind of operation fails the first time that a call does it for one interface, the last time for several, and its
/// errors take turns; with `EVERY_STEP=1` every time, with another number in other turns, and with `GOES_ON=1` a failure does
/// not end the test. Those that last are tried for one interface alone without it.
@Suite struct FileFaultTests {
  /// One interface, with which the instance comes and goes; or four: with a link to the transit, an uplink, pairs.
  enum Pods: CaseIterable { case one, several }

  @Test("A file operation of ADD fails", arguments: Pods.allCases)
  func add(_ pods: Pods) throws {
    try withSite(pods) { node, pod, configuration in
      try sweep("ADD", pods, node, pod, configuration) { run in
        let (outcome, wasHit) = try run()
        if outcome.succeeded {
          let result = try #require(parse(outcome.standardOutput))
          let checked = try node.check(pod, result, configuration)
          if !checked.succeeded { throw Disagreement("it succeeded, and CHECK says: \(checked)") }
        } else {
          try Self.expectClear(outcome)
          if try Store(node).state(of: pod) != nil { throw Disagreement("a record is left after \(outcome)") }
        }
        try Self.delete(node, pod, configuration, after: outcome)
        return wasHit
      }
    }
  }

  @Test("A file operation of DEL fails", arguments: Pods.allCases)
  func delete(_ pods: Pods) throws {
    try withSite(pods) { node, pod, configuration in
      try sweep("DEL", pods, node, pod, configuration) { run in
        try Self.deleting(node, pod, configuration, run)
      }
    }
  }

  /// A disk that is full stays full, so what undoes or finishes a call fails as well; the next DEL does the rest.
  @Test(
    "From a file operation on all of its kind fail, in ADD and DEL",
    arguments: getenv("EVERY_STEP") == nil ? [.one] : Pods.allCases)
  func lasting(_ pods: Pods) throws {
    try withSite(pods) { node, pod, configuration in
      try sweep("ADD", isLasting: true, pods, node, pod, configuration) { run in
        let (outcome, wasHit) = try run()
        if !outcome.succeeded { try Self.expectClear(outcome) }
        try Self.delete(node, pod, configuration, after: outcome)
        return wasHit
      }
      try sweep("DEL", isLasting: true, pods, node, pod, configuration) { run in
        try Self.deleting(node, pod, configuration, isLasting: true, run)
      }
    }
  }

  /// Attaches the pod and has `run` remove it, and whoever comes next do the rest.
  private static func deleting(
    _ node: Node, _ pod: Pod, _ configuration: JSONValue, isLasting: Bool = false, _ run: () throws -> (Outcome, Bool)
  ) throws -> Bool {
    try node.add(pod, configuration)
    try Shell.run(["rm", "-f", node.logFile])
    let (outcome, wasHit) = try run()
    let log = node.log
    let isUntold = log.isEmpty || log.contains("cannot withdraw routes") || log.contains("routes could not be changed")
    if !outcome.succeeded {
      try expectClear(outcome)
      try delete(node, pod, configuration, after: outcome)
    }
    if isUntold && (outcome.succeeded || isLasting) {
      // Those who stay are told of gone pairs by the next ADD where this call could not; it may have no log to say so.
      try node.add(pod, configuration)
      try node.delete(pod, configuration)
    }
    return wasHit
  }

  // MARK: The sweep

  private func withSite(_ pods: Pods, _ body: (Node, Pod, JSONValue) throws -> Void) throws {
    try withNode { node in
      var configuration = node.configuration()
      if pods == .several {
        try node.apply(
          labNamespace, definition("red", ["ipamV4Subnet": "172.16.1.0/24", "routeTargetList": ["target:1:1"]]),
          definition("blue", ["ipamV4Subnet": "172.16.2.0/24", "routeTargetList": ["target:1:1"]]),
          definition("green", ["ipamV4Subnet": "172.16.3.0/24", "fabricSNAT": true]))
        try node.add(node.makePod(), node.configuration(networks: "red"))
        let pairs = #"[{"ip":"172.16.1.224/28","addressMode":"active-active"},{"ip":"192.168.50.0/24"}]"#
        configuration = node.configuration(
          networks: #"[{"name":"blue"},{"name":"green"},"# + selection(pairs, of: "red").dropFirst())
      }
      let pod = try node.makePod()
      try node.add(pod, configuration)
      try node.delete(pod, configuration)
      try node.settleAddresses()
      try body(node, pod, configuration)
    }
  }

  /// Runs `body` for every fault; it is given what runs the verb with it. What a node has besides its kernel is compared
  /// after each, all of it now and then.
  private func sweep(
    _ verb: String, isLasting: Bool = false, _ pods: Pods, _ node: Node, _ pod: Pod, _ configuration: JSONValue,
    _ body: (() throws -> (Outcome, Bool)) throws -> Bool
  ) throws {
    let (environment, input) = (node.environment(verb, pod), Child.Input.text(configuration.text()))
    if verb == "DEL" { try node.add(pod, configuration) }
    let all = try FaultPoint.all(of: environment, input, on: node)
    if verb == "ADD" { try node.delete(pod, configuration) }
    let turn = getenv("EVERY_STEP").map { Int(String(cString: $0)) ?? 1 }
    let goesOn = getenv("GOES_ON") != nil
    // Whoever cannot write anything cannot say so.
    let possible = all.filter { !isLasting || $0.call != "write" }
    let points = turn != nil ? possible : FaultPoint.some(of: possible, last: pods == .several)
    let faults = points.enumerated().map { ($1, $1.errors[($0 + (turn ?? 1) - 1) % $1.errors.count]) }
    let (before, files) = (try Snapshot(of: node), try Files(of: node))
    var hitCount = 0
    for (index, (point, error)) in faults.enumerated() {
      do {
        if try body({ try point.run(error, isLasting: isLasting, environment, input, on: node) }) { hitCount += 1 }
        let now = try Files(of: node)
        if now != files { throw Disagreement("left:\n\(now)\nwas:\n\(files)") }
        if index % 10 == 9 || index == faults.count - 1 {
          let after = try Snapshot(of: node)
          if after != before { throw Disagreement("left, by it or one of nine:\n\(after.difference(from: before))") }
        }
      } catch {
        Issue.record("\(verb), \(point) with \(error): \(error)")
        if !goesOn { return }
        try node.delete(pod, configuration)
      }
    }
    print("\(verb): \(hitCount) file operations failed, of \(all.count)")
    #expect(hitCount * 10 >= faults.count * 9 && hitCount > 20, "\(hitCount) of \(faults.count) were met")
  }

  private static func expectClear(_ outcome: Outcome) throws {
    let error = parse(outcome.standardOutput)
    guard case .exited = outcome.ending, let error, let code = error["code"]?.integer, code != 0, code != 100,
      error["msg"]?.string?.isEmpty == false
    else { throw Disagreement("no clear error: \(outcome)") }
  }

  private static func delete(_ node: Node, _ pod: Pod, _ configuration: JSONValue, after outcome: Outcome) throws {
    let deleted = try node.run("DEL", pod, configuration)
    if !deleted.succeeded { throw Disagreement("DEL: \(deleted)\nafter \(outcome)") }
  }
}

/// What is recorded of pods, and which files and mounts there are.
private struct Files: Equatable, CustomStringConvertible {
  let description: String

  init(of node: Node) throws {
    let names = try Shell.run(["find", node.runDirectory, "-not", "-name", "*-journal"]).lines.sorted()
    description = try (names + node.mounts() + Store(node).rows()).joined(separator: "\n")
  }
}

private struct Disagreement: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
