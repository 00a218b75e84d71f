import CNI
import Glibc
import LinuxSystem
import Netlink
import Testing

@testable import PluginVerbs

/// Half an answer is never taken for the whole: where the kernel says that a table changed while it was read, a call reads
/// it again, and where it says so every time, the call fails and leaves nothing, or the next DEL finishes the rest.
@Suite struct InterruptedDumpTests {
  /// Once, and more often than a dump is repeated.
  static let repetitions = [1, Connection.dumpAttempts]

  @Test(arguments: repetitions) func onePod(_ repetitions: Int) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        [repetitions = repetitions as Int] in
        let node = try TestNode()
        let pod = try node.makePod("pod")
        let baseline = try node.baseline(after: pod)
        try interruptionSweep("one pod", { _ in repetitions }, atLeast: repetitions == 1 ? 4 : 2) { plan in
          try node.comeAndGo(pod, plan)
          try node.expect(baseline, "\(plan)")
        }
      })
  }

  /// Odd dumps are interrupted once, even ones every time.
  @Test func severalNetworks() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        try withSeveralNetworks { node, pod, baseline in
          try interruptionSweep("several networks", { InterruptedDumpTests.repetitions[($0 + 1) % 2] }, atLeast: 10) {
            plan in
            try node.comeAndGo(pod, plan)
            try node.makeUpForPairs(of: pod)
            try node.expect(baseline, "\(plan)")
          }
        }
      })
  }
}

extension TestNode {
  /// ADD and DEL with a dump of them interrupted.
  fileprivate func comeAndGo(_ pod: TestPod, _ plan: DumpInterruption) throws {
    do {
      let result = try add(pod, plan)
      try check(pod, result)
    } catch {
      try expectPermitted(error, plan)
    }
    do { try delete(pod, plan) } catch {
      try expectPermitted(error, plan)
      try delete(pod)
    }
  }

  private func expectPermitted(_ error: any Error, _ plan: DumpInterruption) throws {
    let error = CNIError(converting: error)
    if !plan.isLasting || error.code != .kernelRefused { throw Violation(message: "\(plan): \(error)") }
  }
}

private func interruptionSweep(
  _ title: String, _ repetitions: (Int) -> Int, atLeast minimum: Int, _ body: (DumpInterruption) throws -> Void
) throws {
  var number = 1
  while true {
    let plan = DumpInterruption(of: number, repetitions: repetitions(number))
    do { try body(plan) } catch {
      Issue.record("\(title), \(plan): \(description(of: error))")
      return
    }
    if !plan.wasHit { break }
    number += 1
  }
  print("\(title): \(number - 1) dumps of ADD and DEL interrupted")
  if number - 1 < minimum { Issue.record("\(title): only \(number - 1) dumps were met") }
}
