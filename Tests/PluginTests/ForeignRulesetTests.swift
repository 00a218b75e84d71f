import JSON
import Testing

/// The node belongs to others too: their rulesets and bridges stay as they are, to the byte.
@Suite struct ForeignRulesetTests {
  static let rulesets = ["docker", "kube-proxy-iptables", "kube-proxy-nftables", "firewalld"]

  @Test("Beside a foreign ruleset", arguments: rulesets)
  func ruleset(_ name: String) throws {
    try withNode { node in
      try Shell.run(["nft", "-f", "-"], input: Programs.fixture("rulesets/\(name).nft"), in: node.namespace)
      let foreign = try Shell.run(["nft", "list", "tables"], in: node.namespace).lines
      let before = try listing(of: foreign, node)
      let pod = try node.makePod()
      let configuration = node.configuration(contrail: "pod-network.fabricSNAT", true)
      let result = try node.add(pod, configuration)
      #expect(try node.ping(from: pod.namespace, "10.32.0.1") && node.ping(from: node.namespace, result.ipv6))
      expectSilentSuccess(try node.check(pod, result, configuration))
      #expect(try listing(of: foreign, node) == before)
      try node.delete(pod, configuration)
      #expect(try listing(of: foreign, node) == before)
      #expect(try Shell.run(["nft", "list", "tables"], in: node.namespace).lines == foreign)
    }
  }

  @Test(
    "A ruleset that blocks forwarding is named in the log",
    arguments: [
      ("docker", "ip filter FORWARD"), ("firewalld", "inet firewalld filter_FORWARD"),
    ])
  func blocking(_ name: String, _ chain: String) throws {
    try withNode { node in
      try Shell.run(["nft", "-f", "-"], input: Programs.fixture("rulesets/\(name).nft"), in: node.namespace)
      try node.add(node.makePod())
      #expect(node.log.contains(chain), "\(node.log)")
    }
  }

  /// A foreign bridge's ports, their traffic and their neighbours are none of our business.
  @Test("A foreign bridge forwards what it forwarded, spoofed or not")
  func foreignBridge() throws {
    try withNode { node in
      let guests = [try node.makeNamespace(), try node.makeNamespace()]
      // Addresses that the kernel gives links by itself come when it has the time.
      try Shell.run(["sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/default/addr_gen_mode"], in: node.namespace)
      var script = "link add docker0 type bridge\nlink set docker0 up\n"
      for (index, guest) in guests.enumerated() {
        script += "link add guest\(index) master docker0 type veth peer name eth0 netns \(guest.name)\n"
        script += "link set guest\(index) up\n"
      }
      try Shell.run(["ip", "-batch", "-"], input: script, in: node.namespace)
      for guest in guests { try Shell.run(["ip", "link", "set", "eth0", "up"], in: guest) }
      // A node that forwards has more routes; forwarding stays after the last pod.
      try Shell.run(["sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding"], in: node.namespace)
      var before = try Snapshot(of: node.namespace)
      before.forgetForwardingEntries()
      let pod = try node.makePod()
      try node.add(pod)

      let sender = try PacketSocket("eth0", in: guests[0])
      let receiver = try PacketSocket("eth0", in: guests[1])
      let marker = Array("foreign frame".utf8)
      let payload = Packet.ipv4(from: [10, 32, 0, 1], to: [10, 32, 0, 9], Packet.udp(marker))
      try sender.send(
        Frame(
          destination: [UInt8](repeating: 0xff, count: 6), source: [0, 0, 0x5e, 0, 1, 0], etherType: Packet.ipv4,
          payload: payload))
      #expect(receiver.count([marker], until: marker) == [1])

      try node.delete(pod)
      // What the foreign bridge learnt from the frame is its own business.
      var after = try Snapshot(of: node.namespace)
      after.forgetForwardingEntries()
      expectEqual(after, before)
    }
  }

  @Test("A foreign interface that has one of our names is not taken over", arguments: [Node.bridge])
  func takenName(_ name: String) throws {
    try withNode { node in
      try node.warmUp()
      try Shell.run(["ip", "link", "add", name, "type", "veth", "peer", "name", "other"], in: node.namespace)
      let pod = try node.makePod()
      try expectUnchanged(node) {
        let outcome = try node.run("ADD", pod, node.configuration())
        #expect(!outcome.succeeded && outcome.standardOutput.contains(name), "\(outcome)")
      }
    }
  }

  private func listing(of tables: [String], _ node: Node) throws -> [String] {
    try tables.map { table in
      try Shell.run(["nft", "-s", "list"] + table.split(separator: " ").map(String.init), in: node.namespace)
    }
  }
}
