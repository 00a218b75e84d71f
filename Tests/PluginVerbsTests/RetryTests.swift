import CLinux
import CNI
import Glibc
import LinuxSystem
import SQLite
import Testing

@testable import ObjectStore

/// What a call finds of earlier ones: pending attachments, those of the same pod, those of a namespace or an epoch that is
/// gone. (Pending ones after every step of a killed ADD: ``KernelFaultTests``.)
@Suite struct RetryTests {
  @Test func attachedAlready() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let pod = try node.makePod("pod")
      let result = try node.add(pod)
      try node.settle([pod])
      let before = try Snapshot(node)
      expectEqual(node.code { try node.add(pod) }, .interfaceExists)
      try node.expect(before, "a second ADD", ignoring: "locks/container-")
      try node.check(pod, result)
    }
  }

  /// A kubelet tries a pod again with a new container ID and a new namespace. What the runtime has not taken down is kept
  /// while it lives.
  @Test func samePodWhileTheOldOneLives() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let old = try node.makePod("pod")
      let oldResult = try node.add(old)
      var new = try node.makePod("pod")
      new.container = "container-new"
      let newResult = try node.add(new)
      try node.check(old, oldResult)
      try node.check(new, newResult)
      try expectEqual(node.attachments(), ["container-new", "container-pod"])
    }
  }

  @Test func samePodWhoseOldNamespaceIsGone() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let old = try node.makePod("pod")
      try node.add(old)
      node.destroy(old)
      try node.waitForNoPorts()
      var new = try node.makePod("new")
      new.uid = old.uid
      try node.check(new, try node.add(new))
      try expectEqual(node.attachments(), [new.container])
      try expectEqual(node.allocations(), 2)
      try node.delete(new)
      try expectEqual(node.allocations(), 0)
    }
  }

  /// While somebody still works on the earlier attempt, the later one has to wait; then it takes its place.
  @Test func samePodWhoseEarlierAttemptIsStillRunning() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let old = try node.makePod("pod")
      try node.add(old)
      try node.setState(pending: old)
      var new = try node.makePod("new")
      new.uid = old.uid
      do {
        let lock = try LockFile(
          path: node.runDirectory + "/locks/container-\(old.container)", .exclusive, deadline: 0, note: "process 4711")
        defer { extendLifetime(lock) }
        expectEqual(node.code { try node.add(new) }, .tryAgainLater)
        try expectEqual(node.attachments(), [old.container])
      }
      try node.check(new, try node.add(new))
      try expectEqual(node.attachments(), [new.container])
    }
  }

  /// The path that ADD was called with leads to another namespace now, whose links happen to have the same group.
  @Test func anotherNamespaceUnderTheSamePath() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let pod = try node.makePod("pod")
      let pristine = try Snapshot.kernel(of: node)
      try node.add(pod)
      let other = try newNamespace()
      try inside(pod.namespace) {
        let group = try #require(run("ip", "-o", "link", "show", "eth0").words(after: "group").first)
        try inside(other) {
          run("ip", "link", "add", "dummy7", "group", group, "type", "bridge")
          run("ip", "link", "set", "dummy7", "group", group)
        }
      }
      dup2(other, pod.namespace)
      try node.delete(pod)
      #expect(try inside(other) { run("ip", "-o", "link", "show").contains("dummy7") })
      try inside(other) { run("ip", "link", "del", "dummy7") }
      try expectEqual(Snapshot.kernel(of: node), pristine)
      #expect(try node.attachments().isEmpty)
    }
  }

  @Test func namespaceThatNoObjectDescribes() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let pod = try node.makePod("pod")
      try node.add(pod)
      try node.delete(pod)
      let before = try Snapshot(node)
      node.extra = ", \"unknown-namespace\": \"refuse\""
      expectEqual(node.code { try node.add(pod) }, .tryAgainLater)
      try node.expect(before, "refused")
      mkdir("/run/state", 0o700)
      do {
        let objects = try Connection(path: "/run/state/objects.db", .create)
        _ = try Schema.objects.migrate(objects)
        try objects.execute("INSERT INTO object VALUES ('Namespace', '', 'lab', '{}')")
      }
      try node.add(pod)
    }
  }

  /// After a reboot nothing that was recorded is there any more. Should it be there all the same, DEL finds it by name.
  @Test func anotherBootBetweenAddAndDelete() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let pod = try node.makePod("pod")
      let pristine = try Snapshot.kernel(of: node)
      try node.add(pod)
      try node.changeStore("UPDATE epoch SET boot = '00000000-0000-0000-0000-000000000000'")
      try node.delete(pod)
      #expect(try node.attachments().isEmpty)
      try expectEqual(node.allocations(), 0)
      #expect(try node.events() > 0)
      try expectEqual(Snapshot.kernel(of: node), pristine)
    }
  }

  /// Someone runs the plugin in a namespace that is not the node's.
  @Test func anotherNodeOfTheSameBoot() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let pods = [try node.makePod("a"), try node.makePod("b")]
      let result = try node.add(pods[0])
      // The process's other threads are elsewhere: what keeps the namespace has to be seen.
      run("touch", "/run/node")
      try system(mount("/proc/thread-self/ns/net", "/run/node", nil, 1 << 12, nil))
      let before = try Snapshot(node)
      let stranger = try newNamespace()
      try inside(stranger) {
        expectEqual(node.code { try node.add(pods[1]) }, .ioFailure)
        expectEqual(node.code { try node.delete(pods[0]) }, .ioFailure)
        expectEqual(node.code { try node.collectGarbage(valid: []) }, .ioFailure)
        expectEqual(node.code { try node.status() }, .ioFailure)
        #expect(!run("ip", "-o", "link", "show").contains("contrail0"))
      }
      try node.settle([pods[0]])
      try expectEqual(
        storedRows(node.storePath), before.lines.filter { $0.hasPrefix("store: ") }.map { String($0.dropFirst(7)) })
      try node.check(pods[0], result)
      // When that namespace is gone, its records are.
      let gone = NamespaceIdentity(inode: 4_026_599_999, cookie: 77)
      try node.changeStore("UPDATE epoch SET inode = \(gone.inode), cookie = \(gone.cookie)")
      try node.delete(pods[0])
      try node.add(pods[1])
      try expectEqual(node.attachments(), [pods[1].container])
    }
  }

  /// The store's lock is held by another process from some moment of an ADD on.
  @Test func storeLockedMeanwhile() async {
    await #expect(processExitsWith: .success) {
      let node = try TestNode()
      let pod = try node.makePod("pod")
      let baseline = try node.baseline(after: pod)
      var lock = -1 as Int32
      let plan = FaultPlan(before: 30) {
        // As another process would: through an open file of its own.
        lock = open(node.runDirectory + "/locks/store", O_RDWR | O_CLOEXEC)
        flockExclusively(lock)
      }
      expectEqual(node.code { try node.add(pod, plan) }, .tryAgainLater)
      #expect(plan.wasHit && lock >= 0)
      #expect(!run("ip", "-o", "link", "show").contains("vmi"))
      close(lock)
      try node.delete(pod)
      try node.expect(baseline, "after DEL", ignoring: "locks/instance-")
    }
  }
}

/// An open-file-description lock on the whole file.
private func flockExclusively(_ file: Int32) {
  var request = flock()
  request.l_type = Int16(F_WRLCK)
  #expect(fcntl(file, clinux_f_ofd_setlk, &request) == 0, "F_OFD_SETLK")
}

extension String {
  /// The words behind one.
  fileprivate func words(after word: String) -> [String] {
    let words = split(separator: " ").map(String.init)
    guard let index = words.firstIndex(of: word) else { return [] }
    return Array(words[(index + 1)...])
  }
}
