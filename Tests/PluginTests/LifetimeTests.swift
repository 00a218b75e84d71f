import Glibc
import JSON
import Testing

/// What outlives what: a reboot, the restart of a node that is a container, a full bridge, a machine without anything.
@Suite struct LifetimeTests {
  @Test("After a reboot the addresses of the last one are free, and its records are gone")
  func reboot() throws {
    try withNode { node in
      let before = try node.makePod()
      try node.add(before)
      try Shell.run(["ip", "link", "del", Node.bridge], in: node.namespace)
      node.destroy(before)
      try Store.setBootID("00000000-0000-0000-0000-000000000000", of: "\(node.runDirectory)/attachments.db")
      let after = try node.makePod()
      #expect(try node.add(after).ipv4 == "10.32.0.2")
      #expect(try Store(node).attachments() == [after.container])
    }
  }

  @Test("A node that is itself a container restarts in another namespace: nothing leaks")
  func restartedNode() throws {
    try withNode { node in
      let pod = try node.makePod()
      let first = try NetworkNamespace.create()
      defer { first.delete() }
      var outcome = try Child(
        [Programs.plugin()], environment: node.environment("ADD", pod), input: .text(node.configuration().text()),
        in: first
      ).finish()
      #expect(outcome.succeeded, "\(outcome)")
      first.delete()
      node.destroy(pod)
      let next = try node.makePod()
      outcome = try node.run("ADD", next, node.configuration())
      #expect(parse(outcome.standardOutput)?.ipv4 == "10.32.0.2", "\(outcome)")
      #expect(try Store(node).attachments() == [next.container])
    }
  }

  /// The kernel's limit for one bridge.
  @Test("A full bridge is code 11 naming the limit, and leaves nothing")
  func fullBridge() throws {
    try withNode { node in
      let pods = [try node.makePod(), try node.makePod()]
      try node.add(pods[0])
      let script = (1..<1023).map { "link add f\($0) master \(Node.bridge) type veth peer name g\($0)" }
      try Shell.run(["ip", "-batch", "-"], input: script.joined(separator: "\n"), in: node.namespace)
      try expectUnchanged(node) {
        expectError(11, naming: ["1023"], try node.run("ADD", pods[1], node.configuration()))
      }
    }
  }

  @Test("VERSION works in an empty root directory without /proc")
  func emptyRoot() throws {
    try withNode { node in
      let root = "\(node.directory)/root"
      try Shell.run(["sh", "-c", "mkdir \(root) && cp \(Programs.plugin()) \(root)/plugin"])
      let outcome = try Child(
        ["/usr/sbin/chroot", root, "/plugin"], environment: ["CNI_COMMAND": "VERSION"], in: nil
      ).finish()
      #expect(outcome.succeeded && parse(outcome.standardOutput)?["supportedVersions"] != nil, "\(outcome)")
    }
  }

  @Test("What an unfinished ADD left is cleaned up by a retry for the same pod under a new container ID")
  func overtaken() throws {
    try withNode { node in
      let first = try node.makePod()
      let baseline = try Snapshot(of: first.namespace)
      try node.add(first)
      try Store.setState(0, of: "\(node.runDirectory)/attachments.db")
      var retry = try node.makePod()
      retry.uid = first.uid
      try node.add(retry)
      #expect(try Store(node).attachments() == [retry.container] && node.hostEnds().count == 1)
      expectEqual(try Snapshot(of: first.namespace), baseline)
    }
  }
}
