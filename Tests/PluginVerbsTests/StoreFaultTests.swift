import Glibc
import LinuxSystem
import Testing

/// Whatever step of the store fails, once or from then on: an ADD leaves nothing in the kernel that belongs to the pod, or
/// has succeeded; what it could not take back from the store, the next call does.
@Suite struct StoreFaultTests {
  @Test(arguments: [false, true]) func addAndMakeAnInstance(_ isLasting: Bool) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        [isLasting = isLasting as Bool] in
        let node = try TestNode()
        let pod = try node.makePod("pod")
        let baseline = try node.baseline(after: pod)
        try storeSweep("ADD and make an instance", isLasting ? .fromThenOn : .once, atLeast: 30) { number, fault in
          var hasFailed = false
          let wasHit = try fault {
            do { try node.add(pod) } catch { hasFailed = true }
          }
          if hasFailed && isLasting { try Recovery.allCases[number % 4].run(node, pod) }
          if hasFailed && !isLasting { try node.expect(baseline, "after step \(number) failed") }
          try node.delete(pod)
          // An ADD that cannot ask the store leaves the instance's lock file to the next.
          try node.expect(
            baseline, "after step \(number) failed and DEL", ignoring: isLasting ? "locks/instance-" : nil)
          return wasHit
        }
      })
  }

  @Test(arguments: [false, true]) func addToAnInstance(_ isLasting: Bool) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        [isLasting = isLasting as Bool] in
        let node = try TestNode()
        let other = try node.makePod("other")
        let pod = try node.makePod("pod")
        let otherResult = try node.add(other)
        try node.settle([other])
        let baseline = try node.baseline(after: pod)
        let kernelBefore = try Snapshot.kernel(of: node)
        try storeSweep("ADD to an instance", isLasting ? .fromThenOn : .once, atLeast: 20) { number, fault in
          var hasFailed = false
          let wasHit = try fault {
            do { try node.add(pod) } catch { hasFailed = true }
          }
          if hasFailed {
            let kernel = try Snapshot.kernel(of: node)
            if kernel != kernelBefore { throw Violation(message: "the kernel still has something of the pod") }
          }
          try node.delete(pod)
          try node.expect(baseline, "after step \(number) failed and DEL")
          return wasHit
        }
        try node.check(other, otherResult)
      })
  }

  @Test(arguments: [false, true]) func delete(_ isLasting: Bool) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        [isLasting = isLasting as Bool] in
        let node = try TestNode()
        let pod = try node.makePod("pod")
        let baseline = try node.baseline(after: pod)
        try storeSweep("DEL", isLasting ? .fromThenOn : .once, atLeast: 20) { number, fault in
          try node.add(pod)
          let wasHit = try fault {
            do { try node.delete(pod) } catch {}
          }
          try node.delete(pod)
          try node.expect(baseline, "after step \(number) failed and a second DEL")
          return wasHit
        }
      })
  }

  @Test func collectGarbage() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        let node = try TestNode()
        let pods = [try node.makePod("a"), try node.makePod("b")]
        for pod in pods { try node.add(pod) }
        try node.collectGarbage(valid: [])
        let baseline = try Snapshot(node)
        try storeSweep("GC", .once, atLeast: 30) { number, fault in
          for pod in pods { try node.add(pod) }
          let wasHit = try fault {
            do { try node.collectGarbage(valid: []) } catch {}
          }
          try node.collectGarbage(valid: [])
          try node.expect(baseline, "after step \(number) failed and a second GC")
          return wasHit
        }
      })
  }

  @Test func checkAndStatus() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        let node = try TestNode()
        let pod = try node.makePod("pod")
        let result = try node.add(pod)
        try node.settle([pod])
        let baseline = try Snapshot(node)
        try storeSweep("CHECK", .once, atLeast: 8) { number, fault in
          var hasFailed = false
          let wasHit = try fault {
            do { try node.check(pod, result) } catch { hasFailed = true }
          }
          if hasFailed != wasHit { Issue.record("CHECK hides that step \(number) failed") }
          try node.expect(baseline, "CHECK, after step \(number) failed")
          return wasHit
        }
        try storeSweep("STATUS", .once, atLeast: 5) { number, fault in
          var hasFailed = false
          let wasHit = try fault {
            do { try node.status() } catch { hasFailed = true }
          }
          if hasFailed != wasHit { Issue.record("STATUS hides that step \(number) failed") }
          return wasHit
        }
      })
  }
}
