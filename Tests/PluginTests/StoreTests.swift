import CLinux
import Glibc
import JSON
import LinuxSystem
import Testing

/// The store (24) and what runs at the same time (25).
@Suite struct StoreTests {
  /// Holds every lock file of the run directory as a second plugin process would.
  @Test(
    "24: a locked store is code 11 naming the holder; STATUS says 50; nothing changes", arguments: ["ADD", "STATUS"])
  func locked(_ verb: String) throws {
    try withNode { node in
      let first = try node.makePod()
      let pod = try node.makePod()
      try node.add(first)
      let configuration = node.configuration(contrail: "lock-timeout", 1)
      let held = try lockAll(in: "\(node.runDirectory)/locks", note: "4711 ADD")
      defer { for descriptor in held { close(descriptor) } }
      #expect(!held.isEmpty)
      try expectUnchanged(node) {
        let started = Monotonic.now()
        let outcome = try node.run(verb, verb == "ADD" ? pod : nil, configuration)
        expectError(verb == "ADD" ? 11 : 50, outcome)
        #expect(outcome.standardOutput.contains("4711"), "the holder is named: \(outcome)")
        #expect((0.5...30).contains(Monotonic.now() - started), "it waits until the deadline, and not for ever")
      }
    }
  }

  @Test("24: a run directory that cannot be written is code 5; STATUS says 50", arguments: ["ADD", "STATUS"])
  func unwritable(_ verb: String) throws {
    try withNode { node in
      let pod = try node.makePod()
      try mount(readOnly: true, on: node.runDirectory, node)
      try expectUnchanged(node) {
        expectError(
          verb == "ADD" ? 5 : 50, naming: [node.runDirectory],
          try node.run(verb, verb == "ADD" ? pod : nil, node.configuration()))
      }
    }
  }

  @Test("A full run directory is code 5, and the pod's ADD succeeds once there is room")
  func full() throws {
    try withNode { node in
      let pod = try node.makePod()
      try mount(readOnly: false, on: node.runDirectory, node)
      try Shell.run([
        "sh", "-c", "mkdir -p \(node.runDirectory)/locks; cat /dev/zero > \(node.runDirectory)/filler || true",
      ])
      let before = try Snapshot(of: node.namespace)
      expectError(5, naming: [node.runDirectory], try node.run("ADD", pod, node.configuration()))
      expectEqual(try Snapshot(of: node.namespace), before)
      try Shell.run(["rm", "\(node.runDirectory)/filler"])
      try node.add(pod)
      try node.delete(pod)
    }
  }

  @Test("25: 50 parallel ADDs: unique addresses; parallel DEL: baseline")
  func parallel() throws {
    try withNode { node in
      let pods = try (0..<50).map { _ in try node.makePod() }
      let before = try Snapshot(of: node.namespace)
      let configuration = Child.Input.text(node.configuration().text())
      let adds = try pods.map { try node.start(node.environment("ADD", $0), configuration) }.map { $0.finish() }
      for add in adds { #expect(add.succeeded, "\(add)") }
      let results = adds.compactMap { parse($0.standardOutput) }
      #expect(Set(results.map(\.ipv4)).count == 50 && Set(results.map(\.ipv6)).count == 50)
      #expect(Set(results.compactMap { $0.container?["mac"]?.string }).count == 50)
      for (pod, result) in zip(pods, results) { expectSilentSuccess(try node.check(pod, result)) }
      let deletions = try pods.map { try node.start(node.environment("DEL", $0), configuration) }.map { $0.finish() }
      for deletion in deletions { expectSilentSuccess(deletion) }
      expectEqual(try Snapshot(of: node.namespace), before)
      #expect(try Store(node).attachments().isEmpty)
    }
  }

  @Test("ADD and DEL of one container at the same time end in one of the two orders")
  func racingVerbs() throws {
    try withNode { node in
      let pod = try node.makePod()
      let configuration = Child.Input.text(node.configuration().text())
      for _ in 0..<10 {
        let verbs = try ["ADD", "DEL", "ADD", "DEL"].map { try node.start(node.environment($0, pod), configuration) }
        for outcome in verbs.map({ $0.finish() }) {
          if case .signalled = outcome.ending { Issue.record("\(outcome)") }
        }
        #expect(try Store(node).attachments().count == node.hostEnds().count)
        try node.delete(pod)
        #expect(try node.hostEnds().isEmpty && pod.namespace.linkNames() == ["lo"])
      }
    }
  }
}

/// A file system of its own on `path`, too small for much, until the node is taken down.
func mount(readOnly: Bool, on path: String, _ node: Node) throws {
  try Shell.run(["mount", "-t", "tmpfs", "-o", readOnly ? "ro,size=1m" : "size=1m", "tmpfs", path])
  node.onCleanup { _ = try? Shell.run(["umount", "-l", path]) }
}

/// Takes an open-file-description write lock on every file below `directory`.
func lockAll(in directory: String, note: String) throws -> [Int32] {
  try Shell.run(["find", directory, "-type", "f"]).lines.compactMap { path in
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    var request = flock()
    request.l_type = Int16(F_WRLCK)
    guard descriptor >= 0, fcntl(descriptor, clinux_f_ofd_setlk, &request) == 0 else { return nil }
    ftruncate(descriptor, 0)
    _ = write(descriptor, note, note.utf8.count)
    return descriptor
  }
}
