import CNI
import Dataplane
import Glibc
import LinuxSystem
import Testing

/// A store that is damaged or gone is never silently replaced while pods live: they would lose their addresses to others.
/// Their DEL removes what the kernel has of them all the same, and with the last of them everything starts afresh.
@Suite struct LostStoreTests {
  /// What may happen to the file.
  enum Damage: String, CaseIterable {
    case textInstead, firstPageZeroed, otherPagesOverwritten, cutShort

    func apply(to path: String) throws {
      let file = try OwnedDescriptor(path: path, .readWrite)
      let size = try file.status().size
      var rubbish = [UInt8](repeating: 0xa5, count: 4096)
      switch self {
      case .textInstead: try file.overwrite(Array("this is no database, and that for more than a page".utf8))
      case .firstPageZeroed:
        rubbish = [UInt8](repeating: 0, count: 4096)
        pwrite(file.rawValue, rubbish, rubbish.count, 0)
      case .otherPagesOverwritten:
        for offset in stride(from: 4096, to: size, by: 4096) { pwrite(file.rawValue, rubbish, rubbish.count, offset) }
      case .cutShort: ftruncate(file.rawValue, 4096 + 1000)
      }
    }
  }

  @Test(arguments: Damage.allCases) func damagedWithoutPods(_ damage: Damage) async {
    await #expect(processExitsWith: .success) { [name = damage.rawValue as String] in
      let damage = try #require(Damage(rawValue: name))
      let node = try TestNode()
      let pod = try node.makePod("pod")
      let baseline = try node.baseline(after: pod)
      try damage.apply(to: node.storePath)
      let damaged = try readFile(node.storePath, limit: 1 << 20)
      try node.check(pod, try node.add(pod))
      let aside = try #require(node.setAside.first, "nothing was set aside: \(name)")
      expectEqual(node.setAside.count, 1)
      try expectEqual(readFile(aside, limit: 1 << 20), damaged)
      #expect(node.log.lines.contains { $0.contains("level=err") && $0.contains(aside) })
      try node.delete(pod)
      try node.expect(baseline, name, ignoring: ".corrupt-")
    }
  }

  @Test(arguments: Damage.allCases) func damagedWithPods(_ damage: Damage) async {
    await #expect(processExitsWith: .success) { [name = damage.rawValue as String] in
      let damage = try #require(Damage(rawValue: name))
      let node = try TestNode()
      let pods = [try node.makePod("a"), try node.makePod("b"), try node.makePod("late")]
      let pristine = try Snapshot.kernel(of: node)
      for pod in pods[..<2] { try node.add(pod) }
      try node.settle(Array(pods[..<2]))
      try damage.apply(to: node.storePath)
      let damaged = try readFile(node.storePath, limit: 1 << 20)
      let kernel = try Snapshot.kernel(of: node)
      expectEqual(node.code { try node.add(pods[2]) }, .storeUnusable)
      expectEqual(node.code { try node.collectGarbage(valid: []) }, .storeUnusable)
      expectEqual(node.code { try node.status() }, .storeUnusable)
      #expect(try Snapshot.kernel(of: node) == kernel, "\(name)")
      // Their own removal works by name.
      expectEqual(node.code { try node.delete(pods[0]) }, .storeUnusable)
      #expect(try readFile(node.storePath, limit: 1 << 20) == damaged && node.setAside.isEmpty, "\(name)")
      let rest = try Snapshot.kernel(of: node).joined(separator: "\n")
      #expect(!rest.contains(hostName(pods[0])) && rest.contains(hostName(pods[1])))
      #expect(!rest.contains("10.32.0.2 ") && rest.contains("10.32.0.3 "))
      // The last of them takes the damaged file out of the way, and the instance along.
      try node.delete(pods[1])
      expectEqual(node.setAside.count, 1)
      let end = try Snapshot.kernel(of: node)
      #expect(end == pristine, "\(name): \(end)")
      try node.check(pods[2], try node.add(pods[2]))
      try node.delete(pods[2])
    }
  }

  @Test func deletedWithPods() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let pods = [try node.makePod("a"), try node.makePod("b"), try node.makePod("late")]
      let pristine = try Snapshot.kernel(of: node)
      for pod in pods[..<2] { try node.add(pod) }
      try node.settle(Array(pods[..<2]))
      let kernel = try Snapshot.kernel(of: node)
      run("sh", "-c", "rm -r \(node.runDirectory)/*")
      expectEqual(node.code { try node.add(pods[2]) }, .storeUnusable)
      try expectEqual(Snapshot.kernel(of: node), kernel)
      try node.delete(pods[0])
      expectEqual(node.code { try node.add(pods[2]) }, .storeUnusable)
      try node.delete(pods[1])
      try expectEqual(Snapshot.kernel(of: node), pristine)
      try node.check(pods[2], try node.add(pods[2]))
      try node.delete(pods[2])
    }
  }

  /// The runtime tries the same container again: its old interface is replaced, and nothing of it is allowed any more.
  @Test func deletedWithOnePodThatIsAddedAgain() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let pod = try node.makePod("pod")
      let pristine = try Snapshot.kernel(of: node)
      let first = try node.add(pod)
      run("sh", "-c", "rm -r \(node.runDirectory)/*")
      let second = try node.add(pod)
      try node.check(pod, second)
      let mac = try #require(first.interfaces.last?.mac)
      #expect(mac != second.interfaces.last?.mac)
      let kernel = try Snapshot.kernel(of: node).joined(separator: "\n")
      #expect(!kernel.contains(mac), "\(kernel)")
      try node.delete(pod)
      try expectEqual(Snapshot.kernel(of: node), pristine)
    }
  }

  /// Each step of a DEL by name fails once; the second DEL goes on from there.
  @Test func interruptedRemovalByName() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        let node = try TestNode()
        let other = try node.makePod("other")
        let pod = try node.makePod("pod")
        let otherResult = try node.add(other)
        try node.settle([other])
        try node.add(pod)
        try node.delete(pod)
        run("cp", node.storePath, "/run/store")
        let baseline = try Snapshot(node)
        let refusals = KernelFaultTests.refusals.map { Errno(rawValue: $0) }
        try sweep("DEL by name", refusals, atLeast: 15) { plan in
          try node.add(pod)
          run("cp", "/run/store", node.storePath)
          do { try node.delete(pod, plan) } catch { try node.delete(pod) }
          try node.expect(baseline, "\(plan)")
        }
        try node.check(other, otherResult)
      })
  }

  /// The run directory vanishes before some step of an ADD.
  @Test func runDirectoryDeletedMeanwhile() async {
    show(
      await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
        let node = try TestNode()
        let pod = try node.makePod("pod")
        let pristine = try Snapshot.kernel(of: node)
        try node.add(pod)
        try node.delete(pod)
        var number = 1
        while true {
          let plan = FaultPlan(before: number) { run("rm", "-r", node.runDirectory) }
          do { try node.add(pod, plan) } catch { #expect(plan.wasHit, "\(description(of: error))") }
          try node.delete(pod)
          #expect(try Snapshot.kernel(of: node) == pristine, "before step \(number)")
          if !plan.wasHit { break }
          number += 1
        }
        print("ADD without its run directory from some step on: \(number - 1) steps")
        #expect(number > 30)
      })
  }
}

private func hostName(_ pod: TestPod) -> String {
  NodeNames.hostName(containerID: pod.container, interfaceName: "eth0")
}

extension TestNode {
  var storePath: String { runDirectory + "/attachments.db" }

  /// Where damaged databases are now.
  var setAside: [String] {
    run("find", runDirectory, "-name", "attachments.db.corrupt-*", "-not", "-name", "*-journal").lines
  }
}
