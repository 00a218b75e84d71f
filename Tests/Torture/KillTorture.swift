import Glibc
import JSON
import NodeHarness

/// ADD, DEL, GC and `contrailctl apply` killed at any instant. After DEL, GC or another apply everything is as it was
/// before, for those who stayed as well.
struct KillTorture {
  let settings: Settings
  /// Whether others are attached, in connected networks and in an isolated namespace.
  let isBusy: Bool

  init(_ settings: Settings, isBusy: Bool) {
    self.settings = settings
    self.isBusy = isBusy
  }

  func run() throws {
    let site = try Site()
    try site.apply(Definitions.all)
    var dice = Dice(seed: settings.seed, round: -1)
    if isBusy {
      for (networks, project) in [([.red, .green], "lab"), ([.blue, .grey], "lab"), ([], "tenant")]
        as [([Definitions.Network], String)]
      {
        var pod = try site.makePod()
        pod.renew(&dice)
        pod.project = project
        pod.networks = networks.map { Definitions.selection($0) }
        try site.settleIn(pod)
      }
    }
    let crew = try (0..<3).map { _ in try site.makePod() }
    var killing = Killing(site: site, crew: crew)
    try killing.warmUp(&dice)
    let baseline = try Self.steadyState(of: site)
    killing.baseline = baseline
    // Each of the two has half of them.
    for round in stride(from: settings.first, to: settings.first + settings.rounds, by: 1) {
      if settings.rounds > 1 && (round % 2 == 0) == isBusy { continue }
      var dice = Dice(seed: settings.seed, round: round)
      var story = "nothing was done yet"
      do {
        story = try killing.round(&dice)
        try Self.expect(baseline, of: site)
        try site.expectHealthy()
      } catch {
        throw Violation(
          "round \(round) (FIRST=\(round) ROUNDS=1): \(killing.story.isEmpty ? story : killing.story)\n\(error)")
      }
      if (round + 1) % 100 < 2 {
        report("\(isBusy ? "kill-busy" : "kill-bare"): \(round + 1) rounds, \(killing.tally)")
      }
    }
    report("\(isBusy ? "kill-busy" : "kill-bare"): done, \(killing.tally)")
  }

  /// The kernel adds routes of links up to a second after they came up.
  static func steadyState(of site: Site) throws -> State {
    var state = try State(of: site)
    while true {
      Monotonic.sleep(1.2)
      let next = try State(of: site)
      if next == state { return state }
      state = next
    }
  }

  /// What the kernel does by itself a moment later is waited for: the rest of a deletion, the news of a carrier.
  static func expect(_ baseline: State, of site: Site, _ part: (State) -> State = { $0 }) throws {
    let deadline = Monotonic.now() + 60
    while true {
      let difference: String
      // A pin may go between being listed and being looked into.
      do { difference = try part(State(of: site)).difference(from: baseline) } catch { difference = "\(error)" }
      if difference.isEmpty { return }
      if Monotonic.now() > deadline { throw Violation("not as before:\n\(difference)") }
      Monotonic.sleep(0.05)
    }
  }
}
