import Glibc

/// Asks an address every few milliseconds whether it answers, as a client that keeps using it does.
struct Prober {
  let namespace: NetworkNamespace

  /// Whether the address answers one echo request.
  func answers(_ address: String, within seconds: Double = 1) throws -> Bool {
    try Shell.attempt(["ping", "-c1", "-W\(seconds)", address], in: namespace).succeeded
  }

  /// How long the address does not answer after `body`, in seconds; `nil` if it still does not at the deadline.
  func outage(_ address: String, after body: () throws -> Void, deadline: Double = 15) throws -> Double? {
    try body()
    let start = Monotonic.now()
    while Monotonic.now() - start < deadline {
      if try answers(address, within: 0.1) { return Monotonic.now() - start }
    }
    return nil
  }
}
