import CNI
import Glibc
import LinuxSystem
import Testing

@testable import PluginVerbs

/// Whatever step of the store fails for a pod with four interfaces (transit, uplink, pairs): an ADD says that it is the
/// store, and leaves nothing or has succeeded; where the store fails from then on, and when a DEL or GC ends in the middle,
/// the next one finishes the rest.
///
/// Steps fail once and from then on by turns.
@Suite struct SeveralNetworksStoreFaultTests {
  @Test func add() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        try withSeveralNetworks { node, pod, baseline in
          try storeSweep("ADD to several networks", .byTurns, atLeast: 80) { number, fault in
            var failure: (any Error)?
            let wasHit = try fault {
              do { try node.add(pod) } catch { failure = error }
            }
            try expectStoreFailure(failure)
            if failure == nil || number % 2 == 0 { try node.delete(pod) }
            try node.expect(baseline, "ADD: \(description(of: failure))")
            return wasHit
          }
        }
      })
  }

  @Test func delete() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        try withSeveralNetworks { node, pod, baseline in
          try storeSweep("DEL from several networks", .byTurns, atLeast: 60) { _, fault in
            try node.add(pod)
            var failure: (any Error)?
            let wasHit = try fault {
              do { try node.delete(pod) } catch { failure = error }
            }
            try expectStoreFailure(failure)
            if failure != nil { try node.delete(pod) }
            try node.makeUpForPairs(of: pod)
            try node.expect(baseline, "DEL: \(description(of: failure))")
            return wasHit
          }
        }
      })
  }

  /// One step of five: a pod's are those of DEL.
  @Test func collectGarbage() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        let node = try TestNode()
        let (resident, pod) = try node.severalNetworks()
        var other = try node.makePod("other")
        other.networks = #"[{"name": "green"}]"#
        let baseline = try node.steadyBaseline(after: pod)
        try storeSweep("GC of several networks", .byTurns, every: 5, atLeast: 80) { _, fault in
          try node.add(pod)
          try node.add(other)
          var failure: (any Error)?
          let wasHit = try fault {
            do { try node.collectGarbage(valid: [resident]) } catch { failure = error }
          }
          if failure != nil { try node.collectGarbage(valid: [resident]) }
          try node.makeUpForPairs(of: pod)
          try node.expect(baseline, "GC: \(description(of: failure))")
          return wasHit
        }
        try node.delete(resident)
      })
  }
}

/// What a runtime is told says that it was the store.
private func expectStoreFailure(_ failure: (any Error)?) throws {
  guard let failure else { return }
  let error = CNIError(converting: failure)
  if error.code != .ioFailure || !error.message.contains("cannot use the store /run/") {
    throw Violation(message: "the failure of a step of the store is told as: \(error)")
  }
}

private func description(of failure: (any Error)?) -> String {
  failure.map { "it failed: \(CNIError(converting: $0))" } ?? "it succeeded"
}
