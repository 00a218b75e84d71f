import Glibc
import JSON
import Testing

/// All namespaces share one table of neighbours: what comes from a pod makes a gateway ask for, and get to know, so many
/// addresses that are no pod's own. Pods' own addresses are known for ever, and never refused. A pod's own kernel asks for so
/// many addresses too.
@Suite(.serialized) struct NeighborLimitTests {
  /// A pod sends to hundreds of addresses that nobody has. The gateway asks for as many as a port may have asked for; without
  /// the limit, for all. Who has used up its share reaches pods as before, and others have a share of their own.
  @Test(
    "A gateway asks for so many addresses on behalf of a pod", arguments: ["172.20.77.", "fd00:20::77:"], [true, false])
  func scan(_ prefix: String, isLimited: Bool) throws {
    try withNode { node in
      let pods = try makePods(node, mode: "l3")
      let place = node.instance("lab.n1")
      if !isLimited { try Shell.run(["nft", "delete", "table", "inet", "contrail-neighbors"], in: place) }
      let seconds = try measure { try send(to: prefix, 1...220, from: pods[0]) }
      let count = try neighbors(prefix, in: place)
      #expect(isLimited ? (128...128 + 16 * seconds).contains(count) : count >= 210, "\(count) in \(seconds) s")
      #expect(try node.ping(from: pods[0].namespace, prefix.contains(":") ? "fd00:20::3" : "172.20.0.3"))
      try send(to: prefix, 251...254, from: pods[1])
      #expect(try listing(in: place).contains { $0.hasPrefix("\(prefix)254 ") })
      guard isLimited else { return }
      // Nobody keeps more by sending there again and again.
      Monotonic.sleep(2)
      try send(to: prefix, 254...254, from: pods[1])
      let set = prefix.contains(":") ? "asked6" : "asked4"
      let elements = try Shell.run(["nft", "list", "set", "inet", "contrail-neighbors", set], in: place)
      let rest = try #require(elements.firstMatch(of: /[:.]254 expires (\d+)s/)?.output.1, "\(elements)")
      #expect(try #require(Int(rest)) < 29)
    }
  }

  /// A pod's own kernel makes an entry for whatever the pod sends to in its subnet, before a port could refuse it. It makes so
  /// many; what the pod has sent to is reached as before, and the bound goes with the attachment.
  @Test(
    "A pod's kernel asks for so many addresses", arguments: ["172.20.", "fd00:20::"],
    [true, false])
  func inside(_ prefix: String, isLimited: Bool) throws {
    try withNode { node in
      let pod = try makePods(node, mode: "l2_l3")[0]
      let isIPv6 = prefix.contains(":")
      let tables = try Shell.run(["nft", "list", "tables"], in: pod.namespace)
      #expect(tables.lines.count == 1 && tables.hasPrefix("table inet contrail-neighbors-"), "\(tables)")
      if !isLimited { try Shell.run(["nft", "flush", "ruleset"], in: pod.namespace) }
      var refused = 0
      let seconds = try measure {
        for part in [77, 78] {
          let sender = try DatagramSocket(in: pod.namespace, family: isIPv6 ? .v6 : .v4)
          // All tests have one table: without the limit not more than needed.
          let count = isIPv6 && !isLimited ? 110 : 200
          refused += try attempt("\(prefix)\(part)\(isIPv6 ? ":" : ".")", 1...count, with: sender)
        }
      }
      let family = isIPv6 ? "-6" : "-4"
      let count = try Shell.run(["ip", family, "neigh", "show", "nud", "all", "dev", "eth1"], in: pod.namespace)
        .lines.count
      // IPv6 asks groups, each of which is an entry too.
      #expect(isLimited ? (200...264 + 32 * seconds).contains(count) : count >= 400, "\(count) in \(seconds) s")
      #expect(isLimited ? refused >= 400 - 256 - 32 * seconds : refused == 0)
      // Its gateway is not asked for before, and may always be. Half a second later sixteen others may.
      #expect(try node.ping(from: pod.namespace, isIPv6 ? "fd00:20::1" : "172.20.0.1"))
      Monotonic.sleep(0.5)
      #expect(try node.ping(from: pod.namespace, isIPv6 ? "fd00:20::3" : "172.20.0.3"))
      try node.delete(pod)
      #expect(try Shell.run(["nft", "list", "tables"], in: pod.namespace).isEmpty)
    }
  }

  /// A pod that goes on sending to whatever it asked for has the kernel keep all of it. Beside so many it gets no more; but its
  /// router always, and what others than the plugin gave it.
  @Test("A pod's kernel keeps so many addresses") func kept() throws {
    try withNode { node in
      let pods = try makePods(node, mode: "l2_l3")
      let pod = pods[0].namespace
      #expect(try node.ping(from: pod, "172.20.0.3"))
      let own = (0..<511).map { "eth1 . 10.9.\($0 / 256).\($0 % 256)" }.joined(separator: ", ")
      try Shell.run(
        ["sh", "-c", "nft add element inet $(nft list tables | grep -o 'contrail-.*') asked4 '{ \(own) }'"], in: pod)
      let sender = try DatagramSocket(in: pod, family: .v4)
      #expect(try attempt("172.20.77.", 1...9, with: sender) == 9)
      #expect(try node.ping(from: pod, "172.20.0.3"), "it is known")
      #expect(try node.ping(from: pod, "172.20.0.1"))
      try Shell.run(
        [
          "sh", "-c",
          "ip link add x0 type veth peer x1 && ip addr add 10.77.0.1/16 dev x0 && ip link set x0 up && ip link set x1 up",
        ], in: pod)
      #expect(try attempt("10.77.9.", 1...9, with: sender) == 0)
    }
  }

  /// What was asked for by one interface was not by another, and an attachment's bound is none for another's interfaces.
  @Test("Attachments of one pod do not bound each other's interfaces") func attachments() throws {
    try withNode { node in
      _ = try makePods(node, mode: "l2_l3")
      let pod = try node.makePod()
      try node.add(pod)
      let table = try Shell.run(["nft", "list", "tables"], in: pod.namespace).split { $0.isWhitespace }.last ?? ""
      var second = pod
      second.interface = "net1"
      try node.add(second, node.configuration(annotations: ["v1.multus-cni.io/default-network": "n1"]))
      try node.settleAddresses()
      let known = (1...9).map { "net1 . 10.47.0.\($0)" } + (0..<502).map { "eth0 . 10.9.\($0 / 256).\($0 % 256)" }
      try Shell.run(
        ["sh", "-c", "nft add element inet \(table) asked4 '{ \(known.joined(separator: ", ")) }'"], in: pod.namespace)
      let sender = try DatagramSocket(in: pod.namespace, family: .v4)
      #expect(try attempt("10.47.0.", 1...9, with: sender) >= 8)
      #expect(try attempt("172.20.77.", 1...9, with: sender) == 0)
      #expect(try node.ping(from: pod.namespace, "172.20.0.1"))
      try node.delete(second)
      #expect(try Shell.run(["nft", "list", "tables"], in: pod.namespace).lines.count == 1)
    }
  }

  /// A node that forwards IPv4 passes that on to its pods, and others send them what is not theirs.
  @Test("A pod that forwards asks for so many addresses") func forwarded() throws {
    try withNode { node in
      let pods = try makePods(node, mode: "l2_l3")
      try Shell.run(["sysctl", "-qw", "net.ipv4.ip_forward=1"], in: pods[1].namespace)
      for part in [77, 78] {
        try Shell.run(["ip", "route", "add", "172.20.\(part).0/24", "via", "172.20.0.3"], in: pods[0].namespace)
      }
      let seconds = try measure {
        for part in [77, 78] { try send(to: "172.20.\(part).", 1...200, from: pods[0]) }
        try node.settle()
      }
      let count = try neighbors("172.20.7", in: pods[1].namespace, "eth1")
      #expect((200...260 + 32 * seconds).contains(count), "\(count) in \(seconds) s")
    }
  }

  /// Who takes over addresses of a pair announces them all at once: frames for them go to the new holder from then on, also
  /// for those beyond the bound.
  @Test("More addresses than a pod may ask from change their holder") func announced() throws {
    try withNode { node in
      let pods = try makePods(node, mode: "l2_l3", pair: "172.20.99.0/24", everybody: true)
      let place = node.instance("lab.n1")
      for pod in [0, 1, 0] {
        let mac = try mac(of: pods[pod])
        let socket = try PacketSocket("eth1", in: pods[pod].namespace)
        for number in UInt8(1)...250 { try socket.send(request(from: number, mac, for: [172, 20, 99, number])) }
        let text = mac.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: ":")
        try node.settle()
        let holders = try Shell.run(["nft", "list", "map", "bridge", "contrail", "holder4"], in: place)
        #expect(holders.split(separator: text).count - 1 == 250, "\(text): \(holders)")
      }
    }
  }

  /// Pods of other networks, which come by one link, have one limit together.
  @Test("A gateway asks for so many addresses on behalf of other networks", arguments: ["172.20.77.", "fd00:20::77:"])
  func otherNetworks(_ prefix: String) throws {
    try withNode { node in
      let pods = try makePods(node, mode: "l2_l3")
      let other = try node.makePod()
      try node.apply(
        definition(
          "n2",
          ["ipamV4Subnet": "172.21.0.0/16", "ipamV6Subnet": "fd00:21::/64", "routeTargetList": ["target:64512:20"]]))
      try node.add(other, node.configuration(networks: "n2"))
      try node.settleAddresses()
      let place = node.instance("lab.n1")
      let isIPv6 = prefix.contains(":")
      let second = isIPv6 ? "fd00:20::78:" : "172.20.78."
      let seconds = try measure {
        try send(to: prefix, 1...250, from: other)
        try send(to: second, 1...250, from: other)
      }
      let count = try neighbors(prefix, in: place) + neighbors(second, in: place)
      #expect((200...256 + 32 * seconds).contains(count), "\(count) in \(seconds) s")
      #expect(try refused(in: place) >= 500 - 256 - 32 * seconds)
      #expect(try node.ping(from: other.namespace, isIPv6 ? "fd00:20::3" : "172.20.0.3"))
      #expect(try node.ping(from: pods[0].namespace, isIPv6 ? "fd00:21::2" : "172.21.0.2"))
    }
  }

  /// What answers pods, from the gateway itself, is bounded too; pods are answered always.
  @Test("A gateway asks for so many addresses itself", arguments: ["172.20.77.", "fd00:20::77:"])
  func gateway(_ prefix: String) throws {
    try withNode { node in
      _ = try makePods(node, mode: "l2_l3")
      let place = node.instance("lab.n1")
      let isIPv6 = prefix.contains(":")
      let second = isIPv6 ? "fd00:20::78:" : "172.20.78."
      let sender = try DatagramSocket(in: place, family: isIPv6 ? .v6 : .v4)
      var refused = 0
      let seconds = try measure {
        for prefix in [prefix, second] { refused += try attempt(prefix, 1...250, with: sender) }
      }
      #expect(refused >= 500 - 256 - 32 * seconds, "\(refused) in \(seconds) s")
      #expect(try node.ping(from: place, isIPv6 ? "fd00:20::2" : "172.20.0.2"))
    }
  }

  /// Whoever asks a gateway, or a pod, becomes a neighbour there. A pod that asks from all addresses of a pair becomes so many,
  /// also where sources are not checked.
  @Test(
    "A pod becomes so many neighbours of those that it asks", arguments: ["172.20.99.", "fd00:20::99"],
    ["enable", "disable", "enable without the limit"])
  func askers(_ prefix: String, _ rpf: String) throws {
    try withNode { node in
      let isIPv6 = prefix.contains(":")
      let pair = isIPv6 ? "\(prefix)00/120" : "\(prefix)0/24"
      let pods = try makePods(node, mode: "l2_l3", rpf: rpf.hasPrefix("disable") ? rpf : "enable", pair: pair)
      let place = node.instance("lab.n1")
      let isLimited = !rpf.contains("without")
      if !isLimited {
        for chain in ["steer-arp", "learn-arp", "port-ns"] {
          let list = "nft -a list chain bridge contrail \(chain) | sed -n 's/.*asks from too many.*handle //p'"
          try Shell.run(["sh", "-c", "nft delete rule bridge contrail \(chain) handle $(\(list))"], in: place)
        }
      }
      let mac = try mac(of: pods[0])
      let socket = try PacketSocket("eth1", in: pods[0].namespace)
      // The gateway and the other pod together.
      var count = 0
      let seconds = try measure {
        for number in UInt8(1)...250 {
          let target: UInt8 = number.isMultiple(of: 2) ? 1 : 3
          try socket.send(
            isIPv6
              ? solicitation(from: number, mac, for: target) : request(from: number, mac, for: [172, 20, 0, target]))
        }
        count = try neighbors(prefix, in: place) + neighbors(prefix, in: pods[1].namespace, "eth1")
      }
      #expect(isLimited ? (128...128 + 16 * seconds).contains(count) : count >= 240, "\(count) in \(seconds) s")
      // Its own address is known all the same.
      #expect(try node.ping(from: pods[0].namespace, isIPv6 ? "fd00:20::1" : "172.20.0.1"))
      #expect(try node.ping(from: pods[0].namespace, isIPv6 ? "fd00:20::3" : "172.20.0.3"))
    }
  }

  // MARK: Helpers

  private func makePods(
    _ node: Node, mode: String, rpf: String = "enable", pair: String? = nil, everybody: Bool = false
  )
    throws -> [Pod]
  {
    try node.apply(
      labNamespace,
      definition(
        "n1",
        [
          "ipamV4Subnet": "172.20.0.0/16", "ipamV6Subnet": "fd00:20::/64", "routeTargetList": ["target:64512:20"],
          "virtualNetworkProperties": ["forwardingMode": .string(mode), "rpf": .string(rpf)],
        ]))
    let pods = [try node.makePod(), try node.makePod()]
    let pairs = pair.map { selection(#"[{"ip":"\#($0)"}]"#, of: "n1") }
    for (pod, networks) in zip(pods, [pairs ?? "n1", everybody ? pairs ?? "n1" : "n1"]) {
      try node.add(pod, node.configuration(networks: networks))
    }
    try node.settleAddresses()
    return pods
  }

  private func send(to prefix: String, _ numbers: ClosedRange<Int>, from pod: Pod) throws {
    let sender = try DatagramSocket(in: pod.namespace, family: prefix.contains(":") ? .v6 : .v4)
    for number in numbers { try sender.send("x", to: "\(prefix)\(number)", port: 9) }
  }

  /// - Returns: how often the kernel refused.
  private func attempt(_ prefix: String, _ numbers: ClosedRange<Int>, with sender: DatagramSocket) throws -> Int {
    var refused = 0
    for number in numbers {
      do { try sender.send("x", to: "\(prefix)\(number)", port: 9) } catch let failure as DatagramSocket.Failure {
        guard failure.number == EPERM else { throw failure }
        refused += 1
      }
    }
    return refused
  }

  private func request(from number: UInt8, _ mac: [UInt8], for target: [UInt8]) -> Frame {
    Frame(
      destination: [255, 255, 255, 255, 255, 255], source: mac, etherType: Packet.arp,
      payload: Packet.arp(
        operation: 1, sender: mac, senderAddress: [172, 20, 99, number], target: [0, 0, 0, 0, 0, 0],
        targetAddress: target, trailer: []))
  }

  private func solicitation(from number: UInt8, _ mac: [UInt8], for target: UInt8) -> Frame {
    func address(_ last: UInt16) -> [UInt8] {
      [0xfd, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + last.bigEndianBytes
    }
    let source = address(0x9900 + UInt16(number))
    return Frame(
      destination: [0, 0, 0x5e, 0, 1, 0], source: mac, etherType: Packet.ipv6,
      payload: Packet.icmp6(
        135, from: source, to: address(UInt16(target)),
        body: [0, 0, 0, 0] + address(UInt16(target)) + [1, 1] + mac))
  }

  private func mac(of pod: Pod) throws -> [UInt8] {
    let fields = try Shell.run(["ip", "-brief", "link", "show", "eth1"], in: pod.namespace).lines[0].split(
      separator: " ")
    return fields[2].split(separator: ":").compactMap { UInt8($0, radix: 16) }
  }

  private func listing(in place: NetworkNamespace, _ link: String = "contrail0") throws -> [String] {
    try ["-4", "-6"].flatMap { family in
      try Shell.run(["ip", family, "neigh", "show", "dev", link], in: place).lines
        .filter { !$0.contains("PERMANENT") }.map { String($0) }
    }
  }

  private func neighbors(_ prefix: String, in place: NetworkNamespace, _ link: String = "contrail0") throws -> Int {
    try listing(in: place, link).filter { $0.hasPrefix(prefix) }.count
  }

  private func refused(in place: NetworkNamespace) throws -> Int {
    try Shell.run(["nft", "list", "chain", "inet", "contrail-neighbors", "neighbors"], in: place).lines
      .filter { $0.contains("asks for too many neighbours") }
      .compactMap { $0.split(separator: " ").split(separator: "packets").last?.first.flatMap { Int($0) } }
      .reduce(0, +)
  }

  /// How many seconds it takes, rounded up, and one more for the reading of the result.
  private func measure(_ body: () throws -> Void) rethrows -> Int {
    let begin = Monotonic.now()
    try body()
    return Int(Monotonic.now() - begin) + 2
  }
}
