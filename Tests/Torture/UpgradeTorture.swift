import CLinux
import Glibc
import JSON
import NodeHarness

/// Pods that the first released version attached, with its store and what it had in the kernel: this one finds them as
/// they were, mends what it wants otherwise with its next ADD, deletes and collects them, and nothing is left.
struct UpgradeTorture {
  /// What comes between the old ADD and the removal.
  enum Meanwhile: CaseIterable { case nothing, check, add, doctor }

  let settings: Settings

  func run() throws {
    let site = try Site()
    try site.apply(Definitions.all)
    var dice = Dice(seed: settings.seed, round: -5)
    let crew = try (0..<3).map { _ in try site.makePod() }
    var killing = Killing(site: site, crew: crew)
    try killing.warmUp(&dice)
    let baseline = try KillTorture.steadyState(of: site)
    for meanwhile in Meanwhile.allCases {
      do {
        try round(meanwhile, site, crew, &dice)
        // The old store knew one network's pools.
        try killing.warmUp(&dice)
        try KillTorture.expect(baseline, of: site)
        try site.expectHealthy()
      } catch {
        throw Violation("\(meanwhile): \(error)")
      }
    }
    report("upgrade: done, pods of 0.1.0 checked, deleted and collected")
  }

  private func round(_ meanwhile: Meanwhile, _ site: Site, _ crew: [Pod], _ dice: inout Dice) throws {
    let old = try install(site, crew)
    var new = RebootTorture.renewed(crew[2], &dice)
    new.project = "lab"
    switch meanwhile {
    case .nothing: break
    case .check: try check(old[0], site)
    case .add:
      try site.succeed("ADD", new)
      try check(old[0], site)
      for pod in old { try ping(from: pod, "10.32.0.1") }
    case .doctor:
      let outcome = try site.startContrailctl(["doctor", "--fix"]).finish()
      // The node's own network is mended by the plugin, whose configuration it is.
      guard outcome.succeeded || "\n\(outcome.standardOutput)".contains("\nconfiguration: ") else {
        throw Violation("doctor --fix failed: \(outcome)")
      }
      try check(old[0], site)
      for pod in old { try ping(from: pod, "10.32.0.1") }
    }
    try site.succeed("DEL", old[0])
    try site.succeed("GC", valid: meanwhile == .add ? [new] : [])
    if meanwhile == .add { try site.succeed("DEL", new) }
    try site.succeed("GC")
  }

  /// Makes store and kernel what the old version left.
  private func install(_ site: Site, _ crew: [Pod]) throws -> [Pod] {
    let fixture = "\(Programs.repository)/Tests/Torture/Fixtures/0.1.0"
    var old = Array(crew[..<2])
    for (index, name) in ["a", "b"].enumerated() {
      (old[index].container, old[index].name, old[index].uid) = ("old-\(name)", name, "uid-\(name)")
      (old[index].project, old[index].networks) = ("lab", [])
    }
    let path = "\(site.runDirectory)/attachments.db"
    try Shell.run(["sh", "\(fixture)/node.sh", old[0].namespace.name, old[1].namespace.name])
    try Shell.run(["sh", "-ec", "umask 077; rm -f \(path)*; sqlite3 \(path) < \(fixture)/attachments.sql"])
    let boot = try readFile("/proc/sys/kernel/random/boot_id").lines[0]
    let node = try Identity()
    try site.attachments(
      "UPDATE epoch SET boot = '\(boot)', inode = \(node.inode), cookie = \(node.cookie); PRAGMA user_version = 1")
    for pod in old {
      let identity = try pod.namespace.entering { try Identity() }
      try site.attachments(
        """
        UPDATE attachment SET netns = '\(pod.namespace.path)', inode = \(identity.inode), cookie = \(identity.cookie)
        WHERE container = '\(pod.container)'
        """)
    }
    return old
  }

  private func check(_ pod: Pod, _ site: Site) throws {
    let text = try readFile("\(Programs.repository)/Tests/Torture/Fixtures/0.1.0/result-a.json")
    let result = text.split(separator: "/run/netns/a", omittingEmptySubsequences: false).joined(
      separator: pod.namespace.path)
    let outcome = try site.start("CHECK", pod, previous: try JSONValue(parsing: result)).finish()
    guard outcome.succeeded else { throw Violation("CHECK failed: \(outcome)") }
  }

  private func ping(from pod: Pod, _ address: String) throws {
    let outcome = try Shell.attempt(["ping", "-n", "-c", "3", "-i", "0.2", "-W", "5", address], in: pod.namespace)
    guard outcome.standardOutput.contains(" bytes from ") else {
      throw Violation("\(pod.name) does not reach \(address)")
    }
  }
}

/// Which network namespace the thread is in.
private struct Identity {
  let inode: UInt64
  let cookie: UInt64

  init() throws {
    var status = stat()
    guard stat("/proc/thread-self/ns/net", &status) == 0 else { throw Violation("no /proc/thread-self/ns/net") }
    inode = UInt64(status.st_ino)
    let descriptor = socket(AF_INET, clinux_sock_dgram, 0)
    defer { close(descriptor) }
    var cookie: UInt64 = 0
    var length = socklen_t(MemoryLayout<UInt64>.size)
    guard getsockopt(descriptor, SOL_SOCKET, clinux_so_netns_cookie, &cookie, &length) == 0 else {
      throw Violation("no cookie of the namespace")
    }
    self.cookie = cookie
  }
}
