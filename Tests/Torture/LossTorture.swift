import Glibc
import JSON
import NodeHarness

/// Files are lost while pods run: a database, both, an older copy of the definitions. Pods go on, DEL succeeds,
/// `contrailctl doctor` finds the loss, and `doctor --fix`, with the definitions applied again, gets back to what was there
/// before.
struct LossTorture {
  enum Loss: CaseIterable {
    case attachments, objects, both, olderObjects, locks
    var isOfAttachments: Bool { self == .attachments || self == .both }
    var isOfObjects: Bool { self == .objects || self == .both || self == .olderObjects }
  }

  let settings: Settings

  func run() throws {
    let site = try Site()
    // Numbers are given out in the order in which networks are defined.
    try site.apply(Array(Definitions.all[..<3]))
    try Shell.run(["cp", "\(site.stateDirectory)/objects.db", "\(site.directory)/older.db"])
    try site.apply(Definitions.all)
    var dice = Dice(seed: settings.seed, round: -4)
    for networks in [[.red, .green], [.blue, .grey], [.far]] as [[Definitions.Network]] {
      var pod = try site.makePod()
      pod.renew(&dice)
      pod.networks = networks.map { Definitions.selection($0) }
      try site.settleIn(pod)
    }
    let crew = try (0..<2).map { _ in try site.makePod() }
    var killing = Killing(site: site, crew: crew)
    try killing.warmUp(&dice)
    let baseline = try KillTorture.steadyState(of: site).kernel
    for round in settings.fewRounds {
      var dice = Dice(seed: settings.seed, round: 3_000_000 + round)
      var story = ""
      do {
        try self.round(site, crew, &dice, &story)
        try KillTorture.expect(baseline, of: site, \.kernel)
        try site.expectHealthy()
      } catch {
        throw Violation("round \(round) (FIRST=\(round) ROUNDS=1): \(story)\n\(error)")
      }
    }
    report("loss: done, \(settings.fewRounds.count) losses of files under running pods")
  }

  private func round(_ site: Site, _ crew: [Pod], _ dice: inout Dice, _ story: inout String) throws {
    let pods = crew.map { RebootTorture.renewed($0, &dice) }
    let count = Int.random(in: 0...pods.count, using: &dice)
    for pod in pods[..<count] { try site.succeed("ADD", pod) }
    let loss = Loss.allCases.randomElement(using: &dice)!
    story += "\(count) pods, loss of \(loss)"
    try site.lose(loss)
    // Lock files that nobody holds are made again by whoever needs them.
    guard try loss == .locks || !site.findings().isEmpty else { throw Violation("doctor does not find it") }
    if dice.chance(0.3), count > 0 {
      story += ", DEL"
      try site.succeed("DEL", pods[0])
    }
    if dice.chance(0.3), loss.isOfAttachments {
      // The store does not know who has which addresses in the default network, where pods stay.
      story += ", ADD refused"
      var pod = RebootTorture.renewed(crew[1], &dice)
      pod.project = "lab"
      let outcome = try site.run("ADD", pod)
      guard !outcome.succeeded else { throw Violation("ADD beside pods that nobody knows succeeded") }
    }
    if loss.isOfObjects { try site.apply(Definitions.all) }
    let outcome = try site.startContrailctl(["doctor", "--fix"]).finish()
    guard outcome.succeeded else { throw Violation("doctor --fix failed: \(outcome)") }
    for pod in pods[..<count] { try site.succeed("DEL", pod) }
    try site.succeed("GC")
  }
}

extension Site {
  func lose(_ loss: LossTorture.Loss) throws {
    var commands: [String] = []
    if loss.isOfAttachments { commands.append("rm -f \(runDirectory)/attachments.db*") }
    if loss == .objects || loss == .both { commands.append("rm -f \(stateDirectory)/objects.db*") }
    if loss == .olderObjects {
      commands.append(
        "rm -f \(stateDirectory)/objects.db-journal; cp \(directory)/older.db \(stateDirectory)/objects.db")
    }
    if loss == .locks { commands.append("rm -rf \(runDirectory)/locks") }
    try Shell.run(["sh", "-ec", commands.joined(separator: "\n")])
  }
}
