import Glibc
import NodeHarness
import SeededRandom

/// `make torture`: the built programs are killed, raced and robbed of their files, in namespaces of their own, by chance
/// and yet reproducibly. The first violation ends it with the seed and the round that show it again.
///
/// Without arguments it starts one process for each part; each makes itself a node, which goes with the process.
@main enum Torture {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    let settings = Settings()
    guard let part = arguments.first else { exit(supervise(settings)) }
    do {
      try becomeNode()
      switch part {
      case "kill-bare": try KillTorture(settings, isBusy: false).run()
      case "kill-busy": try KillTorture(settings, isBusy: true).run()
      case "concurrency": try ConcurrencyTorture(settings: settings).run()
      case "reboot": try RebootTorture(settings: settings).run()
      case "loss": try LossTorture(settings: settings).run()
      case "upgrade": try UpgradeTorture(settings: settings).run()
      default: throw Violation("there is no part \(part)")
      }
    } catch {
      report("\(part): VIOLATION, seed \(settings.seed): \(error)")
      exit(1)
    }
  }

  /// Runs all parts beside each other.
  ///
  /// - Returns: the exit status.
  private static func supervise(_ settings: Settings) -> Int32 {
    report("torture: SEED=\(settings.seed) ROUNDS=\(settings.rounds) SECONDS=\(settings.seconds)")
    setenv("SEED", "\(settings.seed)", 1)
    var running: [pid_t] = []
    for part in settings.parts {
      var pid: pid_t = 0
      let argv = [strdup("/proc/self/exe"), strdup(part), nil]
      defer { for argument in argv { free(argument) } }
      guard posix_spawn(&pid, CommandLine.arguments[0], nil, nil, argv, environ) == 0 else { return 1 }
      running.append(pid)
    }
    var status: Int32 = 0
    for _ in running {
      var ending: Int32 = 0
      wait(&ending)
      if ending == 0 { continue }
      status = 1
      for pid in running { kill(pid, SIGTERM) }
    }
    report(status == 0 ? "torture: no violation" : "torture: failed; SEED=\(settings.seed) shows it again")
    return status
  }
}

/// What the environment asks for.
struct Settings {
  /// Kills, over all parts that kill.
  let rounds: Int
  /// The first of them; with `ROUNDS=1` it is the only one.
  let first: Int
  /// Of concurrency.
  let seconds: Double
  let seed: UInt64
  let parts: [String]

  init() {
    func variable(_ name: String) -> String? {
      getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
    rounds = variable("ROUNDS").flatMap { Int($0) } ?? 2000
    first = variable("FIRST").flatMap { Int($0) } ?? 0
    seconds = variable("SECONDS").flatMap { Double($0) } ?? 60
    seed = variable("SEED").flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000)
    parts =
      variable("PARTS")?.split(separator: " ").map(String.init) ?? [
        "kill-bare", "kill-busy", "concurrency", "reboot", "loss",
      ]
  }
}

/// Something that must not be.
struct Violation: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Numbers that follow from a seed.
struct Dice: RandomNumberGenerator {
  private var source: SplitMix

  /// - Parameter round: every round has numbers of its own, so that it can be repeated alone.
  init(seed: UInt64, round: Int) {
    source = SplitMix(
      seed: seed &* 0x9e37_79b9_7f4a_7c15 &+ UInt64(bitPattern: Int64(round)) &* 0xd134_2543_de82_ef95)
  }

  mutating func next() -> UInt64 { source.next() }

  mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
}

/// Prints a line at once, also into a pipe.
func report(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = write(STDOUT_FILENO, bytes, bytes.count)
}
