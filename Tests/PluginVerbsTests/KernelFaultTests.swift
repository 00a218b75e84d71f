import CNI
import Glibc
import LinuxSystem
import Testing

/// Whatever request to the kernel fails: an ADD leaves nothing behind, or has succeeded; a DEL or GC that is repeated gets
/// to the baseline; CHECK and STATUS change nothing.
///
/// Each test lets the first step fail, then the second, and so on until the call has no such step.
@Suite struct KernelFaultTests {
  /// What the kernel may say; some of it has a meaning of its own to the code.
  static let errnos = refusals + [ENOENT, ENODEV, ENXIO]
  /// Without those by which it says that there is nothing to remove, and which are believed.
  static let refusals: [Int32] = [ENOBUFS, ENOMEM, EBUSY, EEXIST, EPERM, EINVAL, EOPNOTSUPP, EACCES]

  @Test(arguments: errnos) func addToAnInstance(_ number: Int32) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [number = number as Int32] in
        let node = try TestNode()
        let other = try node.makePod("other")
        let pod = try node.makePod("pod")
        let otherResult = try node.add(other)
        try node.settle([other])
        let baseline = try node.baseline(after: pod)
        try sweep("ADD to an instance", [Errno(rawValue: number)], atLeast: 20) { plan in
          try node.addOrNothing(pod, baseline, plan)
        }
        try node.check(other, otherResult)
      })
  }

  /// The first pod of a node, with whom the instance comes and goes.
  @Test(arguments: [0, 5]) func addAndMakeAnInstance(_ offset: Int) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [offset = offset as Int] in
        let node = try TestNode()
        let pod = try node.makePod("pod")
        let baseline = try node.baseline(after: pod)
        try sweep("ADD and make an instance", errors(from: offset), atLeast: 35) { plan in
          try node.addOrNothing(pod, baseline, plan)
        }
      })
  }

  /// From some step on the kernel refuses everything, undoing as well: then the next call cleans up.
  @Test(arguments: Recovery.allCases) func addWithoutUndo(_ recovery: Recovery) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        [name = recovery.rawValue as String] in
        let recovery = try #require(Recovery(rawValue: name))
        let node = try TestNode()
        let pod = try node.makePod("pod")
        let baseline = try node.baseline(after: pod)
        try sweep("ADD, then \(name)", errors(from: 0), isLasting: true, atLeast: 35) { plan in
          do {
            try node.add(pod, plan)
            if plan.wasHit { try node.delete(pod) }
          } catch {
            try recovery.run(node, pod)
          }
          if plan.wasHit { try node.expect(baseline, "\(plan), then \(name)") }
        }
      })
  }

  @Test(arguments: refusals) func delete(_ number: Int32) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [number = number as Int32] in
        let node = try TestNode()
        let other = try node.makePod("other")
        let pod = try node.makePod("pod")
        let otherResult = try node.add(other)
        try node.settle([other])
        let baseline = try node.baseline(after: pod)
        try sweep("DEL", [Errno(rawValue: number)], atLeast: 10) { plan in
          try node.add(pod)
          do { try node.delete(pod, plan) } catch { try node.delete(pod) }
          try node.expect(baseline, "\(plan)")
        }
        try node.check(other, otherResult)
      })
  }

  /// The last pod's DEL, which takes the instance along.
  @Test(arguments: [0, 5]) func deleteTheLast(_ offset: Int) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [offset = offset as Int] in
        let node = try TestNode()
        let pod = try node.makePod("pod")
        let baseline = try node.baseline(after: pod)
        for isLasting in [false, true] {
          try sweep("DEL of the last", hardErrors(from: offset), isLasting: isLasting, atLeast: 15) { plan in
            try node.add(pod)
            do { try node.delete(pod, plan) } catch { try node.delete(pod) }
            try node.expect(baseline, "\(plan)")
          }
        }
      })
  }

  @Test(arguments: [0, 5]) func collectGarbage(_ offset: Int) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [offset = offset as Int] in
        let node = try TestNode()
        let other = try node.makePod("other")
        let pods = [try node.makePod("a"), try node.makePod("b")]
        let otherResult = try node.add(other)
        try node.settle([other])
        for pod in pods { try node.add(pod) }
        for pod in pods { try node.delete(pod) }
        let baseline = try Snapshot(node)
        for isLasting in [false, true] {
          try sweep("GC", hardErrors(from: offset), isLasting: isLasting, atLeast: 15) { plan in
            for pod in pods { try node.add(pod) }
            do {
              try node.collectGarbage(valid: [other], plan)
            } catch {
              try node.collectGarbage(valid: [other])
            }
            try node.expect(baseline, "\(plan)")
          }
        }
        try node.check(other, otherResult)
      })
  }

  @Test(arguments: [0, 3, 6]) func checkAndStatus(_ offset: Int) async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) { [offset = offset as Int] in
        let node = try TestNode()
        let pod = try node.makePod("pod")
        let result = try node.add(pod)
        try node.settle([pod])
        let baseline = try Snapshot(node)
        var failures = 0
        for isLasting in [false, true] {
          try sweep("CHECK", errors(from: offset), isLasting: isLasting, atLeast: 10) { plan in
            do { try node.check(pod, result, plan) } catch { failures += 1 }
            try node.expect(baseline, "CHECK, \(plan)")
          }
          try sweep("STATUS", errors(from: offset), isLasting: isLasting, atLeast: 2) { plan in
            do { try node.status(plan) } catch { failures += 1 }
            try node.expect(baseline, "STATUS, \(plan)")
          }
        }
        if failures < 20 { Issue.record("only \(failures) steps made the call fail") }
        try node.check(pod, result)
      })
  }
}

/// What may come after a call that could not clean up behind itself.
enum Recovery: String, CaseIterable {
  case delete, collectGarbage, addAgain, addOfTheSamePod

  func run(_ node: TestNode, _ pod: TestPod) throws {
    switch self {
    case .delete: try node.delete(pod)
    case .collectGarbage: try node.collectGarbage(valid: [])
    case .addAgain:
      try node.check(pod, try node.add(pod))
      try node.delete(pod)
    case .addOfTheSamePod:
      var retry = pod
      retry.container = "retry-\(pod.name)"
      try node.check(retry, try node.add(retry))
      try node.delete(retry)
    }
  }
}

/// The errors in turn, starting at one of them.
private func errors(from offset: Int) -> [Errno] { rotated(KernelFaultTests.errnos, by: offset) }
private func hardErrors(from offset: Int) -> [Errno] { rotated(KernelFaultTests.refusals, by: offset) }

private func rotated(_ numbers: [Int32], by offset: Int) -> [Errno] {
  (numbers[offset...] + numbers[..<offset]).map { Errno(rawValue: $0) }
}

extension TestNode {
  /// What is there when the pod was attached once and is gone: its addresses are known to the store.
  func baseline(after pod: TestPod) throws -> Snapshot {
    try add(pod)
    try delete(pod)
    return try Snapshot(self)
  }

  /// An ADD that fails leaves nothing; one that succeeds in spite of a fault is complete.
  func addOrNothing(_ pod: TestPod, _ baseline: Snapshot, _ plan: FaultPlan) throws {
    do {
      let result = try add(pod, plan)
      try check(pod, result)
      try delete(pod)
    } catch {
      if !plan.wasHit { throw error }
    }
    try expect(baseline, "\(plan)")
  }
}

/// Runs `body` with each of its steps failing once, the errors taken in turn, until it throws.
func sweep(
  _ title: String, _ errors: [Errno], isLasting: Bool = false, atLeast minimum: Int, _ body: (FaultPlan) throws -> Void
) throws {
  var number = 1
  while true {
    let plan = FaultPlan(failing: number, with: errors[number % errors.count], isLasting: isLasting)
    do { try body(plan) } catch {
      Issue.record("\(title), \(plan): \(description(of: error))")
      return
    }
    if !plan.wasHit { break }
    number += 1
  }
  print("\(title), \(errors.count == 1 ? errors[0].description : "errors in turn"): \(number - 1) steps")
  if number - 1 < minimum { Issue.record("\(title): only \(number - 1) steps were met") }
}

func show(_ result: ExitTest.Result?) {
  if let result { print(String(decoding: result.standardOutputContent, as: UTF8.self), terminator: "") }
}
