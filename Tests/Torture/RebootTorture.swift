import Glibc
import JSON
import NodeHarness

/// The node goes down between ADD and DEL, with and without what it kept in its directories: addresses are free again,
/// pods come up, the DELs of those that were before succeed, and nothing is left.
struct RebootTorture {
  let settings: Settings

  func run() throws {
    let site = try Site()
    try site.apply(Definitions.all)
    var dice = Dice(seed: settings.seed, round: -3)
    let crew = try (0..<3).map { _ in try site.makePod() }
    var killing = Killing(site: site, crew: crew)
    try killing.warmUp(&dice)
    let baseline = try KillTorture.steadyState(of: site)
    for round in settings.fewRounds {
      var dice = Dice(seed: settings.seed, round: 2_000_000 + round)
      var story = ""
      do {
        try self.round(site, crew, &dice, &story)
        // A reboot forgets pools.
        try killing.warmUp(&dice)
        try KillTorture.expect(baseline, of: site)
        try site.expectHealthy()
      } catch {
        throw Violation("round \(round) (FIRST=\(round) ROUNDS=1): \(story)\n\(error)")
      }
    }
    report("reboot: done, \(settings.fewRounds.count) reboots between ADD and DEL")
  }

  private func round(_ site: Site, _ crew: [Pod], _ dice: inout Dice, _ story: inout String) throws {
    let before = crew.map { Self.renewed($0, &dice) }
    for pod in before { try site.succeed("ADD", pod) }
    if dice.chance(0.3) {
      story += "a killed DEL; "
      let child = try site.start("DEL", before[2])
      Monotonic.sleep(Double.random(in: 0...0.03, using: &dice))
      child.kill()
      _ = child.finish()
    }
    let (keepsPins, isBoot) = (dice.chance(0.3), dice.chance(0.5))
    story += "reboot\(keepsPins ? " with pins left" : "")\(isBoot ? ", another boot" : ", the same boot"); "
    try site.reboot(crew, keepingPins: keepsPins, changingBoot: isBoot)
    var after = crew.map { Self.renewed($0, &dice) }
    // A runtime that knows its sandboxes may start them under their old IDs.
    if dice.chance(0.3) { after[0].container = before[0].container }
    let deletesFirst = dice.chance(0.5)
    story += deletesFirst ? "DEL of the old, ADD of the new" : "ADD of the new, DEL of the old"
    let gone = before.filter { pod in !after.contains { $0.container == pod.container } }
    if deletesFirst { for pod in gone { try site.succeed("DEL", pod) } }
    for pod in after { try site.succeed("ADD", pod) }
    if !deletesFirst { for pod in gone { try site.succeed("DEL", pod) } }
    for pod in after { try site.succeed("DEL", pod) }
    try site.succeed("GC")
  }

  static func renewed(_ pod: Pod, _ dice: inout Dice) -> Pod {
    var pod = pod
    pod.renew(&dice)
    pod.project = dice.chance(0.2) ? "tenant" : "lab"
    pod.networks = Killing.networks(&dice)
    return pod
  }
}

extension Settings {
  /// Of what takes long: one for twenty kills.
  var fewRounds: Range<Int> { first..<first + max(1, rounds == 1 ? 1 : rounds / 20) }
}

extension Site {
  /// Takes the node's kernel away, and the pods': what is left is in the files.
  ///
  /// - Parameters:
  ///   - keepingPins: the pinned namespaces outlive it, as they do where only the node's own, a container's, is made anew.
  ///   - changingBoot: whether the boot is another one, too.
  func reboot(_ pods: [Pod], keepingPins: Bool, changingBoot: Bool) throws {
    for pod in pods {
      pod.namespace.delete()
      try Shell.run(["ip", "netns", "add", pod.namespace.name])
      try Shell.run(["ip", "link", "set", "lo", "up"], in: pod.namespace)
      try pod.namespace.entering { try quietIPv6() }
    }
    // What ends in a namespace that is gone goes with it, in the kernel's own time.
    try Monotonic.wait(atMost: 60) { try !hasPorts() }
    if !keepingPins {
      let pins = "\(runDirectory)/netns"
      try Shell.run(["sh", "-c", "for pin in \(pins)/*; do umount $pin || true; done; umount \(pins); rm -rf \(pins)"])
    }
    try leaveNode()
    try Shell.run(["ip", "link", "set", "lo", "up"])
    if changingBoot { try attachments("UPDATE epoch SET boot = 'another'") }
    // The locks are files of a temporary file system.
    if !keepingPins { try Shell.run(["rm", "-rf", "\(runDirectory)/locks"]) }
  }
  private func hasPorts() throws -> Bool {
    try
      ([nil]
      + fileNames(in: "\(runDirectory)/netns").map { pin in
        NetworkNamespace(name: pin, path: "\(runDirectory)/netns/\(pin)")
      }).contains { namespace in
        // A pin that a killed call left may be a plain file.
        (try? Shell.run(["ip", "-o", "link", "show"], in: namespace))?.contains(" vmi") ?? false
      }
  }
}
