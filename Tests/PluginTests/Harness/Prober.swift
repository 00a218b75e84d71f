import Glibc
import Testing

/// Asks an address whether it answers, as a client that keeps using it does.
struct Prober {
  let namespace: NetworkNamespace

  /// Whether the address answers one echo request.
  func answers(_ address: String, within seconds: Double = 1) throws -> Bool {
    try Shell.attempt(["ping", "-c1", "-W\(seconds)", address], in: namespace).succeeded
  }

  /// Whether the address answers before the deadline.
  func reaches(_ address: String, deadline: Double = 30) throws -> Bool {
    try Monotonic.wait(atMost: deadline) { try answers(address, within: 0.2) }
  }

  /// What became of the requests from before ``outage(_:while:rest:)``'s body to a while after it.
  struct Outage {
    /// The longest time without an answer, in seconds; `nil` if there is none after the body.
    let seconds: Double?
    /// How many requests were not answered. The last five, a tenth of a second, may still have been on their way.
    let lost: Int
  }

  func outage(_ address: String, while body: () throws -> Void, rest: Double = 3) throws -> Outage {
    let child = try Child(
      ["/usr/bin/ping", "-n", "-D", "-i0.02", address], environment: Shell.environment, in: namespace)
    Monotonic.sleep(0.5)
    try body()
    Monotonic.sleep(rest)
    let end = Self.wallClock()
    child.kill(SIGINT)
    let lines = child.finish(deadline: 5).standardOutput.lines
    let answers = lines.compactMap { line -> (time: Double, number: Int)? in
      guard line.hasPrefix("["), let time = Double(line.dropFirst().prefix { $0 != "]" }),
        let number = line.firstMatch(of: /icmp_seq=(\d+) ttl/).flatMap({ Int($0.output.1) })
      else { return nil }
      return (time, number)
    }
    let summary = lines.lazy.compactMap { $0.firstMatch(of: /^(\d+) packets transmitted/) }.first
    let sent = try #require(summary.flatMap { Int($0.output.1) }, "\(lines)")
    let times = answers.map(\.time)
    return Outage(
      seconds: times.last.flatMap { end - $0 < 1 ? zip(times, times.dropFirst()).map { $1 - $0 }.max() : nil },
      lost: Set(1...max(1, sent - 5)).subtracting(answers.map(\.number)).count)
  }

  private static func wallClock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
