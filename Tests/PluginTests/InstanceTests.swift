import Glibc
import JSON
import Testing

/// A network's routing instance is a namespace of the node: made by the first attachment, removed after the last, mended
/// when parts of it are gone, and never made a second time.
@Suite struct InstanceTests {
  @Test("50 plugins make the same instance at once: one instance, unique addresses; as many remove it")
  func fifty() throws {
    try withLab { node in
      let pods = try (0..<50).map { _ in try node.makePod() }
      try expectUnchanged(node) {
        let configuration = node.configuration(networks: "a").text()
        func all(_ verb: String) throws -> [Outcome] {
          let children = try pods.map { try node.start(node.environment(verb, $0), .text(configuration)) }
          return children.map { $0.finish(deadline: 120) }
        }
        let outcomes = try all("ADD")
        let results = outcomes.compactMap { parse($0.standardOutput) }
        let failed = outcomes.first { !$0.succeeded }
        #expect(failed?.standardOutput == nil, "\(String(describing: failed))")
        #expect(Set(results.compactMap { $0.status("eth1")?["ips"]?.strings.first }).count == 50)
        #expect(try node.pins() == ["lab.a"] && node.hostEnds(in: "lab.a").count == 50)
        #expect(try node.ping(from: pods[49].namespace, "172.16.10.1"))
        for outcome in try all("DEL") { expectSilentSuccess(outcome) }
      }
    }
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let command: String
  }

  static let damages: [Damage] = [
    .init(testDescription: "the bridge", command: "ip link del contrail0"),
    .init(testDescription: "the filter's table", command: "nft delete table bridge contrail"),
    .init(testDescription: "the gateway's address", command: "ip addr del 172.16.10.1/24 dev contrail0"),
  ]

  @Test("What somebody deleted is made anew by the next ADD, and pods of before are reached again", arguments: damages)
  func mended(_ damage: Damage) throws {
    try withLab { node in
      let pods = [try node.makePod(), try node.makePod()]
      let first = try node.add(pods[0], node.configuration(networks: "a"))
      try Shell.run(["sh", "-c", damage.command], in: node.instance("lab.a"))
      let second = try node.add(pods[1], node.configuration(networks: "a"))
      #expect(try node.pins() == ["lab.a"])
      for (pod, result) in zip(pods, [first, second]) {
        expectSilentSuccess(try node.check(pod, result, node.configuration(networks: "a")))
        #expect(try node.ping(from: pod.namespace, "172.16.10.1"))
      }
      let address = try #require(first.status("eth1")?["ips"]?.strings.first)
      #expect(try node.ping(from: pods[1].namespace, address))
    }
  }

  @Test("A gateway address that is gone is an error of CHECK")
  func gateway() throws {
    try withLab { node in
      let pod = try node.makePod()
      let result = try node.add(pod, node.configuration(networks: "a"))
      try Shell.run(["ip", "addr", "del", "172.16.10.1/24", "dev", "contrail0"], in: node.instance("lab.a"))
      expectError(102, naming: ["172.16.10.1"], try node.check(pod, result, node.configuration(networks: "a")))
    }
  }

  /// The namespace ends with its pin, and with it the pods' interfaces there; what is recorded does not come back by a
  /// second instance.
  @Test("A pin that is gone: an ADD is code 5, so is CHECK, after the last pod's DEL the instance is made anew")
  func pinRemoved() throws {
    try withLab { node in
      let pods = try (0..<3).map { _ in try node.makePod() }
      try expectUnchanged(node) {
        let configuration = node.configuration(networks: "a")
        let result = try node.add(pods[0], configuration)
        try node.add(pods[1], configuration)
        let before = try Snapshot(of: pods[2].namespace)
        try Shell.run(["umount", node.instance("lab.a").path])
        try Shell.run(["rm", node.instance("lab.a").path])
        expectError(5, naming: ["lab.a"], try node.run("ADD", pods[2], configuration))
        expectError(5, naming: ["lab.a"], try node.check(pods[0], result, configuration))
        expectEqual(try Snapshot(of: pods[2].namespace), before)
        #expect(try node.pins().isEmpty, "no second instance")
        for pod in pods.prefix(2) { try node.delete(pod, configuration) }
        try node.add(pods[2], configuration)
        #expect(try node.ping(from: pods[2].namespace, "172.16.10.1"))
        try node.delete(pods[2], configuration)
      }
    }
  }

  @Test("A mount namespace that does not share the pin: code 5 naming it, and nothing changes")
  func foreignMountNamespace() throws {
    try withLab { node in
      try node.add(try node.makePod(), node.configuration(networks: "a"))
      let pod = try node.makePod()
      // Made private first: below a shared mount the pin would come through.
      let script = """
        umount -l \(node.instance("lab.a").path); readlink /proc/self/ns/mnt >\(node.directory)/mnt
        exec \(try Programs.plugin())
        """
      try expectUnchanged(node) {
        let outcome = try Child(
          ["/usr/bin/unshare", "-m", "--propagation", "slave", "/bin/sh", "-c", script],
          environment: node.environment("ADD", pod).merging(Shell.environment) { $1 },
          input: .text(node.configuration(networks: "a").text()), in: node.namespace
        ).finish()
        let error = expectError(5, naming: ["lab.a"], outcome)
        let name = try readFile("\(node.directory)/mnt").lines[0]
        #expect(name.hasPrefix("mnt:[") && error?["details"]?.string?.contains(name) == true, "\(outcome)")
      }
    }
  }

  @Test("A plugin of a slave mount namespace makes an instance that the node does not see: then code 5, never a second")
  func madeElsewhere() throws {
    try withLab(isWarm: false) { node in
      let pods = [try node.makePod(), try node.makePod()]
      let configuration = node.configuration(networks: "a")
      let made = try Child(
        ["/usr/bin/unshare", "-m", "--propagation", "slave", try Programs.plugin()],
        environment: node.environment("ADD", pods[0]), input: .text(configuration.text()), in: node.namespace
      ).finish()
      #expect(made.succeeded, "\(made)")
      expectError(5, naming: ["lab.a"], try node.run("ADD", pods[1], configuration))
      try node.delete(pods[0], configuration)
      #expect(try node.pins().isEmpty && Store(node).allocations() == 0 && node.hostEnds().isEmpty)
      try node.add(pods[1], configuration)
      #expect(try node.ping(from: pods[1].namespace, "172.16.10.1"))
    }
  }

  @Test("A second pod changes nothing about the instance but its own port")
  func idempotent() throws {
    try withLab { node in
      try node.add(try node.makePod(), node.configuration(networks: "a,b"))
      let pod = try node.makePod()
      try expectUnchanged(node) {
        try node.add(pod, node.configuration(networks: "a,b"))
        try node.delete(pod)
      }
    }
  }
}
