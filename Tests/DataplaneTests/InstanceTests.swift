import Glibc
import KernelSandbox
import LinuxSystem
import Netlink
import NetlinkRoute
import NetworkAddresses
import Testing

@testable import Dataplane

/// A routing instance can be made again at any time, whatever has become of it, and its pods do not notice.
@Suite struct InstanceTests {
  @Test(arguments: [
    "true", "ip link del contrail0", "nft delete table bridge contrail", "nft delete table inet contrail",
    "nft delete table inet contrail-neighbors", "nft flush set inet contrail-neighbors members4",
    "nft flush ruleset", "ip addr flush dev contrail0", "ip addr del 10.32.0.1/24 dev contrail0",
    "ip addr add 10.99.0.1/24 dev contrail0", "ip link set vmi00000000005 nomaster", "ip link set vmi00000000005 down",
    "ip link set contrail0 down", "ip link set contrail0 mtu 1400", "ip link set contrail0 address 02:00:00:00:00:99",
    "bridge fdb del 02:00:00:00:00:05 dev vmi00000000005 master", "ip neigh del 10.32.0.5 dev contrail0",
    "bridge link set dev vmi00000000005 learning on flood on", "ip link set vmi00000000005 alias nobody",
    "sysctl -q net.ipv4.ip_forward=0",
  ]) func isMended(_ damage: String) async {
    await #expect(processExitsWith: .success) { [damage = damage as String] in
      let node = try DataplaneNode()
      let instance = DataplaneNode.instance(fabricSNAT: true)
      let home = try node.kernel.open(.node, recorded: nil)
      let placed = try node.kernel.ensure(instance, in: home, ports: [])
      for number in [5, 6] as [UInt8] { try node.attach(node.makePod(number), to: placed) }
      try node.expectTraffic("before")
      let before = try node.dump()
      Sandbox.run("sh", "-c", damage)
      let mended = try node.kernel.ensure(instance, in: home, ports: node.pods.map(\.port))
      #expect(mended.bridge == NodeNames.bridgeIndex)
      try node.expectTraffic("after \(damage)")
      try node.expectDump(before)
      for pod in node.pods {
        #expect(try node.kernel.problems(of: [PlacedPort(pod.port, in: mended)], in: pod.namespace) == [])
      }
    }
  }

  @Test func removingLeavesNothing() async {
    await #expect(processExitsWith: .success) {
      let node = try DataplaneNode()
      let pod = try node.makePod(5)
      let before = try node.dump()
      let home = try node.kernel.open(.node, recorded: nil)
      for _ in 0..<2 {
        let placed = try node.kernel.ensure(DataplaneNode.instance(fabricSNAT: true), in: home, ports: [])
        try node.attach(pod, to: placed)
        try node.expectTraffic("attached")
        try node.detach(pod, from: placed)
        try node.detach(pod, from: placed)
        try node.kernel.remove(.node)
        try node.kernel.remove(.node)
        try node.expectDump(before)
      }
    }
  }

  /// What has our bridge's name and is no bridge belongs to somebody else.
  @Test func aForeignLinkIsLeftAlone() async {
    await #expect(processExitsWith: .success) {
      let node = try DataplaneNode()
      Sandbox.run("ip", "link", "add", "contrail0", "type", "veth", "peer", "name", "theirs")
      let before = try node.dump()
      let home = try node.kernel.open(.node, recorded: nil)
      do {
        _ = try node.kernel.ensure(DataplaneNode.instance(), in: home, ports: [])
        Issue.record("no error")
      } catch DataplaneError.foreignLink(let name, let kind) {
        #expect(name == "contrail0" && kind == "veth")
      }
      try node.kernel.remove(.node)
      try node.expectDump(before)
    }
  }

  @Test func theIndexIsTaken() async {
    await #expect(processExitsWith: .success) {
      let node = try DataplaneNode()
      Sandbox.run(
        "ip", "link", "add", "name", "theirs", "index", "\(NodeNames.bridgeIndex)", "type", "veth", "peer", "name",
        "other")
      // What a routing node's links have is not to be taken for something that was left.
      Sandbox.run("sysctl", "-q", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1")
      let pods = [try node.makePod(5), try node.makePod(6)]
      let before = try node.dump()
      let home = try node.kernel.open(.node, recorded: nil)
      let placed = try node.kernel.ensure(DataplaneNode.instance(), in: home, ports: [])
      #expect(placed.bridge != NodeNames.bridgeIndex)
      for pod in pods { try node.attach(pod, to: placed) }
      try node.expectTraffic("attached")
      for pod in pods { try node.detach(pod, from: placed) }
      try node.kernel.remove(.node)
      try node.expectDump(before)
    }
  }

  /// The 1024th port is refused with its own error, and nothing of it stays.
  @Test func theBridgeIsFull() async {
    await #expect(processExitsWith: .success) {
      let node = try DataplaneNode()
      let home = try node.kernel.open(.node, recorded: nil)
      let placed = try node.kernel.ensure(DataplaneNode.instance(), in: home, ports: [])
      let connection = try Connection(opening: .route)
      for start in stride(from: 0, to: NodeNames.portLimit, by: 100) {
        var batch = Batch()
        for number in start..<min(start + 100, NodeNames.portLimit) {
          batch.createLink(
            LinkAttributes(name: "a\(number)", master: placed.bridge, transmitQueues: 1, receiveQueues: 1),
            Veth(peer: LinkAttributes(name: "b\(number)", transmitQueues: 1, receiveQueues: 1)))
        }
        try connection.perform(batch)
      }
      let pod = try node.makePod(5)
      func state() -> String {
        Sandbox.run("sh", "-c", "ip -o link | grep -c . ; ip -o link | grep vmi; nft list ruleset; ip neigh")
          + pod.run { Sandbox.run("ip", "-o", "link") }
      }
      let before = state()
      do {
        try node.attach(pod, to: placed)
        Issue.record("no error")
      } catch {
        guard case DataplaneError.bridgeFull("eth0", "contrail0", 1023) = error else {
          Issue.record("\(error)")
          return
        }
      }
      try node.detach(pod, from: placed)
      Sandbox.expectEqual(state(), before)
      Sandbox.run("ip", "link", "del", "a7")
      try node.attach(pod, to: placed)
    }
  }
}
