import JSON
import NodeHarness
import Synchronization

/// The pods, who works on them, and which addresses they have.
final class Crowd: Sendable {
  private struct State {
    var idle: [(number: Int, pod: Pod, isAttached: Bool)]
    var holders: [String: String] = [:]
    var counts: [String: Int] = [:]
    /// In seconds.
    var longest: [String: Double] = [:]
    var failure: String?
  }
  private let state: Mutex<State>

  init(_ pods: [Pod]) { state = Mutex(State(idle: pods.enumerated().map { ($0, $1, false) })) }

  func take(_ dice: inout Dice) -> (number: Int, pod: Pod, isAttached: Bool)? {
    let number = Int(truncatingIfNeeded: dice.next() >> 1)
    return state.withLock { $0.idle.isEmpty ? nil : $0.idle.remove(at: number % $0.idle.count) }
  }

  func giveBack(_ number: Int, _ pod: Pod, isAttached: Bool) {
    state.withLock { $0.idle.append((number, pod, isAttached)) }
  }

  func nextToEmpty() -> Pod? { state.withLock { $0.failure == nil ? $0.idle.popLast()?.pod : nil } }

  /// Notes the addresses of a result, of which nobody else may have one in the same network.
  func hold(_ result: JSONValue, _ pod: Pod) throws {
    let text = result.object?["k8s.v1.cni.cncf.io/network-status"]?.string ?? ""
    let keys = try JSONValue(parsing: text).array?.flatMap { status in
      let network = status.object?["name"]?.string ?? ""
      // All pod networks have one allocator.
      let pool = network.hasSuffix("/default-podnetwork") ? "pods" : network
      return status.object?["ips"]?.array?.compactMap { $0.string.map { "\(pool) \($0)" } } ?? []
    }
    guard let keys, !keys.isEmpty else { throw Violation("a result without addresses: \(result.text())") }
    try state.withLock { state in
      for key in keys {
        if let other = state.holders[key] {
          throw Violation("\(key) is given to \(pod.container), and \(other) has it")
        }
        state.holders[key] = pod.container
      }
    }
  }

  func release(_ pod: Pod) {
    state.withLock { state in state.holders = state.holders.filter { $0.value != pod.container } }
  }

  func timing<Result>(_ what: String, _ body: () throws -> Result) rethrows -> Result {
    let started = Monotonic.now()
    defer {
      let duration = Monotonic.now() - started
      state.withLock { state in
        state.counts[what, default: 0] += 1
        state.longest[what] = max(state.longest[what] ?? 0, duration)
      }
    }
    return try body()
  }

  func count(_ what: String) { state.withLock { $0.counts[what, default: 0] += 1 } }

  func fail(_ text: String) { state.withLock { $0.failure = $0.failure ?? text } }

  var failure: String? { state.withLock { $0.failure } }
  var hasFailed: Bool { failure != nil }

  var summary: String {
    state.withLock { state in
      state.counts.sorted { $0.key < $1.key }.map { what, count in
        "\(count) \(what)" + (state.longest[what].map { " (longest \(($0 * 1000).rounded() / 1000) s)" } ?? "")
      }
    }.joined(separator: ", ")
  }
}
