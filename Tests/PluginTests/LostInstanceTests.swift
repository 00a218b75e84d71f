import Glibc
import JSON
import Testing

/// The store is lost while pods are in user networks: nobody gets their addresses, and what they had is removed.
@Suite struct LostInstanceTests {
  private func loseStore(_ node: Node) throws {
    try Shell.run(["sh", "-c", "rm \(node.runDirectory)/attachments.db*"])
  }

  @Test("Lost with pods: ADD is refused with 104, DEL removes all of each pod, then it starts afresh")
  func lost() throws {
    try withLab { node in
      let pods = try (0..<3).map { _ in try node.makePod() }
      let configuration = node.configuration(networks: "a,b@x1,a")
      let before = try Snapshot(of: node.namespace)
      for pod in pods.prefix(2) { try node.add(pod, configuration) }
      try loseStore(node)
      expectError(104, naming: ["k8s-contrail/default-podnetwork"], try node.run("ADD", pods[2], configuration))
      var onlyUser = configuration
      onlyUser = onlyUser.setting("name", "a")
      var second = pods[2]
      second.interface = "net1"
      expectError(104, naming: ["lab/a"], try node.run("ADD", second, onlyUser))
      try node.delete(pods[0], configuration)
      #expect(try pods[0].namespace.linkNames() == ["lo"])
      #expect(try node.hostEnds(in: "lab.a").count == 2 && node.hostEnds(in: "lab.b").count == 1)
      #expect(try node.hostEnds().count == 1)
      try node.delete(pods[1], configuration)
      #expect(try node.pins().isEmpty)
      expectEqual(try Snapshot(of: node.namespace), before)
      let result = try node.add(pods[2], configuration)
      #expect(result.status("eth1")?["ips"]?.strings == ["172.16.10.2"])
      expectSilentSuccess(try node.check(pods[2], result, configuration))
    }
  }

  @Test("DEL of net1 without the store spares eth0's interfaces")
  func secondOnly() throws {
    try withLab { node in
      let pod = try node.makePod()
      var second = pod
      second.interface = "net1"
      try node.add(pod, node.configuration(networks: "a"))
      try node.add(second, node.configuration(name: "b"))
      try loseStore(node)
      try node.delete(second, node.configuration(name: "b"))
      #expect(try pod.namespace.linkNames().sorted() == ["eth0", "eth1", "lo"])
      #expect(try node.pins() == ["lab.a"])
      try node.delete(pod)
      #expect(try pod.namespace.linkNames() == ["lo"] && node.pins().isEmpty && node.hostEnds().isEmpty)
    }
  }

  @Test("The same container's ADD after a loss takes the place of what it had")
  func sameContainer() throws {
    try withLab { node in
      let pod = try node.makePod()
      let configuration = node.configuration(networks: "a,b")
      try node.add(pod, configuration)
      try loseStore(node)
      let result = try node.add(pod, configuration)
      expectSilentSuccess(try node.check(pod, result, configuration))
      #expect(try node.hostEnds(in: "lab.a").count == 1 && node.hostEnds().count == 1)
    }
  }

  @Test("A damaged store is not replaced while a pod is in a user network only")
  func damaged() throws {
    try withLab { node in
      let pod = try node.makePod()
      let annotations: JSONValue = ["net.juniper.contrail.podnetwork": "lab/dual"]
      try node.add(pod, node.configuration(annotations: annotations))
      let path = "\(node.runDirectory)/attachments.db"
      try Shell.run(["sh", "-c", "head -c 65536 /dev/urandom >\(path); rm -f \(path)-journal"])
      expectError(104, naming: [path], try node.run("ADD", try node.makePod(), node.configuration()))
      try node.delete(pod)
      #expect(try pod.namespace.linkNames() == ["lo"] && node.pins().isEmpty)
      try node.add(try node.makePod(), node.configuration(networks: "a"))
    }
  }

  @Test(
    "Pins of which nothing is recorded and that no pod is in go with the next DEL, and with GC",
    arguments: [true, false])
  func forgotten(_ isCollection: Bool) throws {
    try withLab { node in
      let pods = [try node.makePod(), try node.makePod()]
      let before = try Snapshot(of: node.namespace)
      try node.add(pods[0], node.configuration(networks: "a,b"))
      node.destroy(pods[0])
      try loseStore(node)
      try Monotonic.wait { try node.hostEnds(in: "lab.a").isEmpty && node.hostEnds().isEmpty }
      if isCollection {
        expectSilentSuccess(
          try node.run("GC", nil, node.configuration().settingMember("cni.dev/valid-attachments", .null)))
      } else {
        try node.delete(pods[1])
      }
      #expect(try node.pins().isEmpty)
      expectEqual(try Snapshot(of: node.namespace), before)
    }
  }

  @Test("After a reboot with pins left: addresses are free, the instance is made anew")
  func reboot() throws {
    try withLab { node in
      let pods = [try node.makePod(), try node.makePod()]
      try node.add(pods[0], node.configuration(networks: "a,b"))
      let old = try FileIdentity(node.instance("lab.a").path)
      node.destroy(pods[0])
      try Shell.run(["ip", "link", "del", Node.bridge], in: node.namespace)
      try Store.setBootID("00000000-0000-0000-0000-000000000000", of: "\(node.runDirectory)/attachments.db")
      try Monotonic.wait { try node.hostEnds(in: "lab.a").isEmpty }
      let result = try node.add(pods[1], node.configuration(networks: "a"))
      #expect(result.status("eth1")?["ips"]?.strings == ["172.16.10.2"])
      #expect(try FileIdentity(node.instance("lab.a").path) != old)
      try node.delete(pods[1])
      expectSilentSuccess(
        try node.run("GC", nil, node.configuration().settingMember("cni.dev/valid-attachments", .null)))
      #expect(try node.pins().isEmpty)
    }
  }
}

/// Which file it is: for a pin, which namespace.
private struct FileIdentity: Equatable {
  let inode: UInt64

  init(_ path: String) throws {
    inode = UInt64(try Shell.run(["stat", "-L", "-c", "%i", path]).lines[0]) ?? 0
  }
}
