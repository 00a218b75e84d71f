import NodeHarness

/// How a process is killed: after a time, or before a certain one of its system calls.
struct KillWay: CustomStringConvertible {
  let delay: Double
  let wrapper: [String]
  let description: String
  var isSignal: Bool { wrapper.isEmpty }

  private static let calls: [(name: String, occurrences: Int)] = [
    ("sendto", 24), ("sendto", 12), ("openat", 40), ("pwrite64", 60), ("unlink", 4), ("umount2", 3), ("mount", 4),
    ("unshare", 3), ("clone", 2), ("fcntl", 40), ("mkdir", 3), ("recvfrom", 40), ("exit_group", 1),
  ]

  init(_ verb: String, upTo duration: Double, _ dice: inout Dice) {
    guard dice.chance(0.4) else {
      delay = Double.random(in: 0...1.2, using: &dice) * duration
      wrapper = []
      description = "after \((delay * 1e6).rounded() / 1e3) ms"
      return
    }
    let (call, occurrences) = Self.calls.randomElement(using: &dice)!
    let number = Int.random(in: 1...occurrences, using: &dice)
    // A racer comes while it is under way.
    delay = Double.random(in: 0...1, using: &dice) * duration
    description = "before \(call) #\(number)"
    wrapper = [
      "/usr/bin/strace", "-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e",
      "inject=\(call):signal=SIGKILL:when=\(number)",
    ]
  }
}

/// How many kills there were, and how many came before the end.
struct Tally: CustomStringConvertible {
  private var kills: [String: (all: Int, met: Int, racing: Int)] = [:]

  mutating func count(_ verb: String, _ outcome: Outcome, isRacing: Bool) {
    var entry = kills[verb] ?? (0, 0, 0)
    entry.all += 1
    if case .signalled = outcome.ending { entry.met += 1 }
    if isRacing { entry.racing += 1 }
    kills[verb] = entry
  }

  var description: String {
    kills.sorted { $0.key < $1.key }
      .map { "\($0.value.met) of \($0.value.all) \($0.key) killed in time (\($0.value.racing) with a DEL racing)" }
      .joined(separator: ", ")
  }
}
