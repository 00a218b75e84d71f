import KernelSandbox
import LinuxSystem
import NetworkAddresses
import Testing

@testable import Dataplane

/// Instances reach each other exactly where both import the other; nothing else arrives anywhere.
@Suite struct TransitTests {
  /// A hub and two spokes, in both families.
  @Test func hubAndSpokes() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2, 3])
      try node.transit.reconcile(node.connections([1: [2, 3], 2: [1], 3: [1]]))
      for spoke in [2, 3] as [UInt32] {
        Sandbox.expectEqual(node.hops(from: spoke, to: 1), [61, 61])
        Sandbox.expectEqual(node.hops(from: 1, to: spoke), [61, 61])
      }
      let arrived = node.arrivals(at: 3) { Sandbox.expectEqual(node.hops(from: 2, to: 3), [nil, nil]) }
      Sandbox.expectEqual(arrived, [0, 0])
    }
  }

  /// Who imports somebody that does not import it sends in vain, and becomes heard when it is imported.
  @Test func oneWay() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2])
      try node.transit.reconcile(node.connections([1: [], 2: [1]]))
      let arrived = node.arrivals(at: 1) { Sandbox.expectEqual(node.hops(from: 2, to: 1), [nil, nil]) }
      Sandbox.expectEqual(arrived, [0, 0])
      try node.transit.update([node.connection(1, imports: [2])]) { _ in [] }
      let control = node.arrivals(at: 1) { Sandbox.expectEqual(node.hops(from: 2, to: 1), [61, 61]) }
      Sandbox.expectEqual(control, [1, 1])
    }
  }

  /// One instance sends as another: 3 as a pod of 2's, which the hub imports too, and as somebody whom nobody knows.
  @Test func aForeignSource() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2, 3])
      try node.transit.reconcile(node.connections([1: [2, 3], 2: [1], 3: [1]]))
      let sources = ["10.2.0.9", "fd00:2::9", "10.99.0.9", "fd00:99::9", "10.3.0.9", "fd00:3::9"]
      node.members[3]!.run {
        for source in sources { Sandbox.run("ip", "addr", "add", source, "dev", "lo", "nodad") }
      }
      func send(_ number: Int) -> [Int] {
        node.arrivals(at: 1) {
          for source in sources[number..<number + 2] {
            let target = source.contains(":") ? "fd00:1::5" : "10.1.0.5"
            _ = node.members[3]!.run { Sandbox.run("sh", "-c", "ping -n -c 1 -W 1 -I \(source) \(target) || true") }
          }
        }
      }
      Sandbox.expectEqual(send(0), [0, 0])
      Sandbox.expectEqual(send(2), [0, 0])
      Sandbox.expectEqual(send(4), [1, 1])
    }
  }

  /// Neither a route that somebody puts into a pod or an instance leads further than what is imported, nor an own one.
  @Test func rogueRoutes() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2, 3])
      try node.transit.reconcile(node.connections([1: [2, 3], 2: [1], 3: [1]]))
      for family in ["", "-6 "] {
        let (target, gateway, pod) =
          family.isEmpty
          ? ("10.3.0.0/24", "169.254.0.1", "10.2.0.1") : ("fd00:3::/64", "fe80::1", "fd00:2::1")
        node.members[2]!.run {
          _ = Sandbox.run("sh", "-c", "ip \(family)route add \(target) via \(gateway) dev tr0 onlink")
        }
        node.members[2]!.pod.run { _ = Sandbox.run("sh", "-c", "ip \(family)route add \(target) via \(pod)") }
      }
      let arrived = node.arrivals(at: 3) { Sandbox.expectEqual(node.hops(from: 2, to: 3), [nil, nil]) }
      Sandbox.expectEqual(arrived, [0, 0])
      // Without the rules the tables alone hold them apart.
      _ = node.runInTransit("nft flush ruleset")
      Sandbox.expectEqual(node.hops(from: 2, to: 3), [nil, nil])
      try node.transit.reconcile(node.connections([1: [2, 3], 2: [1, 3], 3: [1, 2]]))
      Sandbox.expectEqual(node.hops(from: 2, to: 3), [61, 61])
    }
  }

  /// A network whose packets are smaller tells the sender, across all hops.
  @Test func smallerPackets() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2], mtus: [2: 1400])
      try node.transit.reconcile(node.connections([1: [2], 2: [1]]))
      Sandbox.expectEqual(node.hops(from: 1, to: 2), [61, 61])
      for (address, overhead) in [("10.2.0.5", 28), ("fd00:2::5", 48)] {
        let text = node.members[1]!.pod.run {
          Sandbox.run("sh", "-c", "ping -n -M do -c 3 -W 1 -s \(1500 - overhead) \(address) || true")
        }
        if !text.contains("mtu=1400") && !text.contains("mtu = 1400") { Issue.record("\(text)") }
      }
    }
  }
}
