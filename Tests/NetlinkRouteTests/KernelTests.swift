import CLinux
import Glibc
import KernelSandbox
import LinuxSystem
import Netlink
import NetlinkRoute
import NetworkAddresses
import Testing

/// What is set is what the kernel reports; each test has network namespaces of its own.
@Suite struct KernelTests {
  /// A bridge with all its options, and a veth pair in two namespaces by one message.
  @Test func aPodsLinks() async {
    await #expect(processExitsWith: .success) {
      let node = try Node()
      let port = try require(try node.connection.link(.name("vmi01")))
      try require(port.mtu == 1400 && port.isUp && port.master == bridgeIndex && port.kind == "veth")
      try require(port.address == MACAddress("02:00:00:00:00:01"))
      try require(port.operationalState == .up && port.flags.contains(.running))
      try require(port.alias == "c0ffee/eth0/uid" && port.group == 0)
      try require(port.addressGeneration == AddressGenerationMode.none)
      try require(port.bridgePort?.hairpin == true && port.bridgePort?.learning == false)
      try require(port.bridgePort?.state == .forwarding && port.bridgePort?.unicastFlood == true)
      let peer = try require(try node.pod.link(.name("eth0")))
      try require(peer.index == port.peerIndex && peer.group == 77 && peer.mtu == 1400)
      try require(peer.peerIndex == port.index && peer.address == MACAddress("02:00:00:00:00:02"))
      try require(port.peerNamespace != nil)
      let bridge = try require(try node.connection.link(.index(bridgeIndex)))
      try require(bridge.name == "contrail0" && bridge.address == MACAddress("00:00:5e:00:01:00"))
      try require(bridge.bridge?.forwardDelay == 0 && bridge.bridge?.multicastSnooping == false)
      try require(bridge.bridge?.noLinkLocalLearning == true && bridge.bridge?.groupForwardMask == 8)
      try require(try node.connection.links(master: bridgeIndex).map(\.name) == ["vmi01"])
      try require(try node.connection.link(.name("none")) == nil)
    }
  }

  /// An error takes twenty times the room of the request that it answers: a batch of which all are refused is known too.
  @Test func aLargeBatchOfRefusedRequests() async {
    await #expect(processExitsWith: .success) {
      let node = try Node()
      for expected in [0, 1000] {
        var batch = Batch()
        for table in 1000..<2000 {
          batch.addRule(Rule(family: .v4, priority: 100, table: RouteTable(rawValue: UInt32(table))))
        }
        let outcomes = try node.connection.outcomes(of: batch)
        try require(outcomes.count { $0.error?.errno == .exists } == expected)
      }
    }
  }

  /// Deleting a group in the pod's namespace deletes the host ends, and each is notified.
  @Test func aGroupIsDeletedAtOnce() async {
    await #expect(processExitsWith: .success) {
      let node = try Node()
      let notifications = try NotificationSocket(groups: [.link])
      let port = try require(try node.connection.link(.name("vmi01")))
      var batch = Batch()
      batch.deleteLinks(group: 77)
      try node.pod.perform(batch)
      var gone: [UInt32] = []
      while case .messages(let messages) = try notifications.next(milliseconds: 0) {
        gone += messages.filter { $0.type == UInt16(RTM_DELLINK) }.compactMap { Link($0)?.index }
      }
      try require(gone.contains(port.index))
      try require(try node.connection.links().map(\.name).sorted() == ["contrail0", "lo"])
      try require(try node.pod.outcomes(of: batch)[0].error?.errno == .noSuchDevice)
      var rest = Batch()
      rest.deleteLink(.name("contrail0"))
      try node.connection.perform(rest)
    }
  }

  /// What a link does with packets that are for others is what its parameters say, for each family.
  @Test func routerConfiguration() async {
    await #expect(processExitsWith: .success) {
      let node = try Node()
      let link = Int32(try require(try node.connection.link(.name("vmi01"))).index)
      for value in ["1", "0"] {
        try Sysctl("net/ipv4/ip_forward").write(value)
        try Sysctl("net/ipv4/conf/vmi01/rp_filter").write(value)
        for index in [RouterConfiguration.all, link] {
          let found = try require(try node.connection.routerConfiguration(of: index, family: .v4))
          try require(found.isForwarding == (value == "1"))
          if index == link { try require(found.reversePathFilter == Int32(value)) }
        }
      }
      try Sysctl("net/ipv6/conf/all/forwarding").write("1")
      let all = try require(
        try node.connection.routerConfiguration(of: RouterConfiguration.all, family: .v6))
      try require(all.isForwarding && all.reversePathFilter == nil)
      try require(try node.connection.routerConfiguration(of: 99_999, family: .v4) == nil)
    }
  }

  @Test func addresses() async {
    await #expect(processExitsWith: .success) {
      let node = try Node()
      let ipv4 = Address(
        InterfaceAddress("10.32.0.1/12")!, link: bridgeIndex, broadcast: IPv4Address("10.47.255.255"),
        label: "contrail0:gw")
      let ipv6 = Address(
        InterfaceAddress("fd00::1/64")!, link: bridgeIndex, flags: [.noDuplicateDetection, .noPrefixRoute])
      var batch = Batch()
      batch.addAddress(ipv4)
      batch.addAddress(ipv6)
      batch.replaceAddress(ipv6)
      batch.addAddress(ipv4)
      let outcomes = try node.connection.outcomes(of: batch)
      try require(outcomes.map { $0.error?.errno } == [nil, nil, nil, .exists])
      let read = try node.connection.addresses(link: bridgeIndex)
      try require(read.map(\.address) == [ipv4.address, ipv6.address])
      try require(read[0].broadcast == ipv4.broadcast && read[0].label == "contrail0:gw")
      try require(read[1].flags == [.noDuplicateDetection, .noPrefixRoute, .permanent])
      try require(try node.connection.addresses(family: .v6, link: bridgeIndex).count == 1)
      var delete = Batch()
      delete.deleteAddress(ipv4)
      delete.deleteAddress(ipv6)
      delete.deleteAddress(ipv6)
      try require(
        try node.connection.outcomes(of: delete).map { $0.error?.errno } == [nil, nil, .addressNotAvailable])
      try require(try node.connection.addresses(link: bridgeIndex).isEmpty)
    }
  }

  @Test func routes() async {
    await #expect(processExitsWith: .success) {
      let node = try Node()
      let wanted = node.someRoutes
      var batch = Batch()
      batch.addAddress(Address(InterfaceAddress("10.32.0.1/12")!, link: bridgeIndex))
      batch.addAddress(Address(InterfaceAddress("fd00::1/64")!, link: bridgeIndex, flags: .noDuplicateDetection))
      for route in wanted { batch.addRoute(route) }
      for route in wanted { batch.replaceRoute(route) }
      try node.connection.perform(batch)
      let read = try node.connection.routes()
      for route in wanted { try require(read.contains { isSame($0, route) }) }
      let table = try node.connection.routes(family: .v4, table: RouteTable(rawValue: 700))
      try require(table.count == 1 && table[0].type == .unreachable)
      try require(try node.connection.routes(table: RouteTable(rawValue: 701)).isEmpty)
      let through = try node.connection.routes(output: bridgeIndex)
      try require(through.count >= 5 && through.allSatisfy { $0.output == bridgeIndex || $0.nextHops.count == 2 })
      var delete = Batch()
      for route in wanted { delete.deleteRoute(route) }
      delete.deleteRoute(wanted[0])
      let errors = try node.connection.outcomes(of: delete).map { $0.error?.errno }
      try require(errors == wanted.map { _ in nil } + [.noSuchProcess])
    }
  }

  @Test func neighbors() async {
    await #expect(processExitsWith: .success) {
      let node = try Node()
      let port = try require(try node.connection.link(.name("vmi01"))).index
      let mac = MACAddress("02:00:00:00:00:07")!
      let entries = [
        Neighbor(IPAddress("10.32.0.7")!, at: mac, link: bridgeIndex),
        Neighbor(IPAddress("fd00::7")!, at: mac, link: bridgeIndex, state: .noARP, flags: .externallyLearned),
      ]
      let proxies = [
        Neighbor.proxy(IPAddress("10.32.0.8")!, link: bridgeIndex),
        Neighbor.proxy(IPAddress("fd00::8")!, link: bridgeIndex),
      ]
      let forwarding = Neighbor.forwarding(mac, port: port)
      let all = entries + proxies + [forwarding]
      var batch = Batch()
      for entry in entries + [forwarding] { batch.addNeighbor(entry) }
      for entry in all { batch.replaceNeighbor(entry) }
      try node.connection.perform(batch)
      let read = try node.connection.neighbors(link: bridgeIndex)
      for entry in entries { try require(read.contains { isSame($0, entry) }) }
      try require(try node.connection.neighborProxies(family: .v4).map(\.address) == [proxies[0].address])
      try require(try node.connection.neighborProxies(family: .v6).map(\.address) == [proxies[1].address])
      let known = try node.connection.forwardingEntries(bridge: bridgeIndex).filter { $0.mac == mac }
      try require(known.count == 1 && known[0].link == port && known[0].master == bridgeIndex)
      try require(known[0].state == .noARP)
      var delete = Batch()
      for entry in all { delete.deleteNeighbor(entry) }
      delete.deleteNeighbor(entries[0])
      let errors = try node.connection.outcomes(of: delete).map { $0.error?.errno }
      try require(errors == [nil, nil, nil, nil, nil, .noSuchFile])
    }
  }

  @Test(arguments: IPFamily.allCases) func rules(_ family: IPFamily) async {
    await #expect(processExitsWith: .success) { [number = family.rawValue as UInt8] in
      let family = IPFamily(rawValue: number)!
      let node = try Node()
      let network = IPPrefix(containing: IPAddress(family.bits == 32 ? "10.1.0.0" : "2001:db8::")!, length: 16)
      let wanted = [
        Rule(family: family, priority: 50, table: RouteTable(rawValue: 100), inputInterface: "contrail0"),
        Rule(family: family, priority: 60, table: RouteTable(rawValue: 1000), source: network, destination: network),
        Rule(family: family, priority: 70, table: RouteTable(rawValue: 0), action: .unreachable, outputInterface: "x"),
      ]
      var batch = Batch()
      for rule in wanted { batch.addRule(rule) }
      batch.addRule(wanted[0])
      let outcomes = try node.connection.outcomes(of: batch)
      try require(outcomes.map { $0.error?.errno } == [nil, nil, nil, .exists])
      let read = try node.connection.rules(family: family)
      for rule in wanted { try require(read.contains { isSame($0, rule) }) }
      var delete = Batch()
      for rule in wanted { delete.deleteRule(rule) }
      delete.deleteRule(wanted[0])
      try require(try node.connection.outcomes(of: delete).map { $0.error?.errno } == [nil, nil, nil, .noSuchFile])
    }
  }
}
