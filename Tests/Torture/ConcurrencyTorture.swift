import Glibc
import JSON
import NodeHarness

/// 200 pods come and go by 32 processes at once, some of them killed, while networks and routers come and go beside them:
/// no address twice, no error but those that a runtime is told to expect, no deadlock, and nothing is left.
struct ConcurrencyTorture {
  static let podCount = 200
  static let workerCount = 32
  /// In seconds: no call waits longer for locks, 30 s each, than this.
  static let patience: Double = 90

  let settings: Settings

  func run() throws {
    let site = try Site()
    try site.apply(Definitions.all)
    var dice = Dice(seed: settings.seed, round: -2)
    for networks in [[.red, .green], [.blue, .grey]] as [[Definitions.Network]] {
      var pod = try site.makePod()
      pod.renew(&dice)
      pod.networks = networks.map { Definitions.selection($0) }
      try site.settleIn(pod)
    }
    var killing = Killing(site: site, crew: try (0..<1).map { _ in try site.makePod() })
    try killing.warmUp(&dice)
    let crowd = Crowd(try (0..<Self.podCount).map { _ in try site.makePod() })
    let baseline = try KillTorture.steadyState(of: site)
    let deadline = Monotonic.now() + settings.seconds
    try together(Self.workerCount + 1) { index in
      var dice = Dice(seed: settings.seed, round: 1_000_000 + index)
      while Monotonic.now() < deadline, !crowd.hasFailed {
        do {
          if index == Self.workerCount {
            try changeDefinitions(site, crowd, &dice)
          } else {
            try serve(site, crowd, &dice)
          }
        } catch {
          crowd.fail("\(error)")
        }
      }
    }
    report("concurrency: \(crowd.summary)")
    if let failure = crowd.failure { throw Violation(failure) }
    try emptyOut(site, crowd)
    try KillTorture.expect(baseline, of: site)
    try site.expectHealthy()
    report("concurrency: done, everything as before")
  }

  private func emptyOut(_ site: Site, _ crowd: Crowd) throws {
    try site.apply(Definitions.all)
    try site.delete("net-attach-def", "extra")
    try together(Self.workerCount) { _ in
      while let pod = crowd.nextToEmpty() {
        if pod.container.isEmpty { continue }
        do { try site.succeed("DEL", pod) } catch { crowd.fail("\(error)") }
      }
    }
    // The pools of a network that is not defined any more go with the next change.
    try site.apply(Definitions.all)
    if let failure = crowd.failure { throw Violation(failure) }
    try site.succeed("GC")
  }

  // MARK: The runtime

  private func serve(_ site: Site, _ crowd: Crowd, _ dice: inout Dice) throws {
    guard let taken = crowd.take(&dice) else { return }
    let number = taken.number
    var (pod, isAttached) = (taken.pod, taken.isAttached)
    defer { crowd.giveBack(number, pod, isAttached: isAttached) }
    if !isAttached {
      pod.renew(&dice)
      pod.project = dice.chance(0.15) ? "tenant" : "lab"
      pod.networks = Self.networks(&dice)
      if dice.chance(0.05) { return try killAdd(site, pod, crowd, &dice) }
      isAttached = try add(site, pod, crowd)
      return
    }
    crowd.release(pod)
    try remove(site, pod, crowd, twice: dice.chance(0.1))
    isAttached = false
  }

  private static func networks(_ dice: inout Dice) -> [JSONValue] {
    var networks = Definitions.Network.allCases.shuffled(using: &dice).prefix(Int.random(in: 0...3, using: &dice))
      .map { network in
        // The address that moves may be another pod's own by now.
        Definitions.selection(
          network, pairs: network == .red ? Definitions.pairs[1...].filter { _ in dice.chance(0.1) } : [])
      }
    if dice.chance(0.1) { networks.append(["name": "extra", "namespace": "lab"]) }
    return networks
  }

  /// - Returns: whether it is attached.
  private func add(_ site: Site, _ pod: Pod, _ crowd: Crowd) throws -> Bool {
    let outcome = try crowd.timing("ADD") { try site.start("ADD", pod).finish(deadline: Self.patience) }
    if outcome.succeeded {
      try crowd.hold(try JSONValue(parsing: outcome.standardOutput), pod)
      return true
    }
    // A network that comes and goes is not there now and then.
    guard outcome.standardOutput.contains("\"code\": 11,"), outcome.standardOutput.contains("no network lab/extra")
    else {
      throw Violation("ADD failed: \(outcome)\n\(pod)\n\(site.log(of: pod))")
    }
    crowd.count("ADD without its network")
    return false
  }

  private func killAdd(_ site: Site, _ pod: Pod, _ crowd: Crowd, _ dice: inout Dice) throws {
    let child = try site.start("ADD", pod)
    Monotonic.sleep(Double.random(in: 0...0.3, using: &dice))
    child.kill()
    let racer = dice.chance(0.5) ? try site.start("DEL", pod) : nil
    _ = child.finish(deadline: Self.patience)
    crowd.count("ADD killed")
    if let outcome = racer?.finish(deadline: Self.patience), !outcome.succeeded {
      throw Violation("a DEL racing a killed ADD failed: \(outcome)")
    }
    try remove(site, pod, crowd, twice: false)
  }

  private func remove(_ site: Site, _ pod: Pod, _ crowd: Crowd, twice: Bool) throws {
    let children = try (0..<(twice ? 2 : 1)).map { _ in try site.start("DEL", pod) }
    for child in children {
      let outcome = crowd.timing("DEL") { child.finish(deadline: Self.patience) }
      guard outcome.succeeded else { throw Violation("DEL failed: \(outcome)") }
    }
  }

  // MARK: The person

  private func changeDefinitions(_ site: Site, _ crowd: Crowd, _ dice: inout Dice) throws {
    func expect(_ child: Child) throws {
      let outcome = crowd.timing("contrailctl") { child.finish(deadline: Self.patience) }
      guard outcome.succeeded else { throw Violation("contrailctl failed: \(outcome)") }
    }
    let change = Definitions.Change.allCases.randomElement(using: &dice)!
    if change == .deleteRouter {
      try expect(site.startContrailctl(["delete", "vnr", "web", "-n", "lab", "--ignore-not-found"]))
    } else {
      try expect(site.startContrailctl(["apply", "-f", "-"], input: change.manifests))
    }
    if dice.chance(0.5) { try expect(site.startContrailctl(["apply", "-f", "-"], input: Definitions.all)) }
    if dice.chance(0.5) {
      try expect(site.startContrailctl(["delete", "net-attach-def", "extra", "-n", "lab", "--ignore-not-found"]))
    }
  }
}
