import Glibc

/// Asks an address whether it answers, as a client that keeps using it does.
struct Prober {
  let namespace: NetworkNamespace

  /// Whether the address answers one echo request.
  func answers(_ address: String, within seconds: Double = 1) throws -> Bool {
    try Shell.attempt(["ping", "-c1", "-W\(seconds)", address], in: namespace).succeeded
  }

  /// Whether the address answers before the deadline.
  func reaches(_ address: String, deadline: Double = 15) throws -> Bool {
    let end = Monotonic.now() + deadline
    while Monotonic.now() < end {
      if try answers(address, within: 0.2) { return true }
    }
    return false
  }

  /// The longest time without an answer from before `body` to a while after it, in seconds; `nil` if there is none after
  /// it.
  func outage(_ address: String, while body: () throws -> Void, rest: Double = 3) throws -> Double? {
    let child = try Child(
      ["/usr/bin/ping", "-n", "-D", "-i0.02", address], environment: Shell.environment, in: namespace)
    Monotonic.sleep(0.5)
    try body()
    Monotonic.sleep(rest)
    let end = Self.wallClock()
    child.kill(SIGINT)
    let times = child.finish(deadline: 5).standardOutput.lines.compactMap { line -> Double? in
      guard line.hasPrefix("["), line.contains("bytes from") else { return nil }
      return Double(line.dropFirst().prefix { $0 != "]" })
    }
    guard let last = times.last, end - last < 1 else { return nil }
    return zip(times, times.dropFirst()).map { $1 - $0 }.max()
  }

  private static func wallClock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
