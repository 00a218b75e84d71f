import Glibc
import LinuxSystem
import Testing

/// The same for a pod with four interfaces: one in a network that others are connected with, which it makes, so that the
/// transit comes; one with an uplink; one with allowed address pairs that the gateways and pods of other networks are told
/// of. Whatever request to the kernel fails, an ADD leaves nothing behind or has succeeded, and a DEL finishes the rest.
@Suite struct SeveralNetworksFaultTests {
  @Test func add() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        try withSeveralNetworks { node, pod, baseline in
          try sweep("ADD to several networks", KernelFaultTests.errnos.map { Errno(rawValue: $0) }, atLeast: 80) {
            plan in
            do {
              try node.add(pod, plan)
              try node.delete(pod)
            } catch {
              if !plan.wasHit { throw error }
            }
            try node.expect(baseline, "\(plan)")
          }
        }
      })
  }

  @Test func delete() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        try withSeveralNetworks { node, pod, baseline in
          try sweep("DEL from several networks", KernelFaultTests.refusals.map { Errno(rawValue: $0) }, atLeast: 40) {
            plan in
            try node.add(pod)
            do { try node.delete(pod, plan) } catch { try node.delete(pod) }
            try node.makeUpForPairs(of: pod)
            try node.expect(baseline, "\(plan)")
          }
        }
      })
  }

  /// Nothing that the kernel is asked for succeeds any more, from some step on; the next DEL finds all of it.
  @Test func addWithoutUndo() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        try withSeveralNetworks { node, pod, baseline in
          try sweep("ADD to several networks, then DEL", [.noBufferSpace, .busy], isLasting: true, atLeast: 80) {
            plan in
            do { try node.add(pod, plan) } catch { if !plan.wasHit { throw error } }
            try node.delete(pod)
            try node.expect(baseline, "\(plan)")
          }
        }
      })
  }
  /// Whoever finds an instance that a call has not finished, and finishes it, tells the pods that are in it as well.
  @Test func addToAnUnfinishedInstance() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let (resident, _) = try node.severalNetworks()
      func routes() throws -> String {
        try inside(resident.namespace) { run("ip", "route", "show", "proto", "196") }
      }
      let before = try routes()
      if !before.contains("172.16.2.0/24") { throw Violation(message: "no route to blue: \(before)") }
      try inside(resident.namespace) { _ = run("ip", "route", "flush", "proto", "196") }
      try node.changeStore("UPDATE instance SET fingerprint = '' WHERE name = 'lab/red'")
      var other = try node.makePod("other")
      other.networks = #"[{"name": "red"}]"#
      try node.add(other)
      expectEqual(try routes(), before)
    }
  }
}
