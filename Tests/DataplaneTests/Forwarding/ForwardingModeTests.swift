import KernelSandbox
import LinuxSystem
import NetworkAddresses
import Testing

@testable import Dataplane

/// What is forwarded between the pods of a network.
@Suite struct ForwardingModeTests {
  /// Frames: one hop fewer is left when a gateway is in between. By hand, a pod reaches another pod's Ethernet address
  /// in every mode but one.
  @Test(arguments: ["l2_l3", "l3", "l2"]) func betweenPods(_ name: String) async {
    await #expect(processExitsWith: .success) { [name = name as String] in
      let mode = RoutingInstance.ForwardingMode(rawValue: name)!
      let node = try TransitNode([1], mode: mode)
      let neighbor = try node.attach(node.port(9, of: 1, mode: mode), to: 1)
      let left = mode == .l3 ? 63 : 64
      for _ in 0..<2 {
        Sandbox.expectEqual(
          node.hops(from: 1, to: ["10.1.0.9", "fd00:1::9"]), [left, left])
      }
      // As if they were on one link, with the address known.
      node.members[1]!.pod.run {
        for (address, length) in [("10.1.0.9", 32), ("fd00:1::9", 128)] {
          Sandbox.run("ip", "neigh", "replace", address, "lladdr", "02:00:00:00:00:09", "dev", "eth0")
          Sandbox.run("ip", "route", "replace", "\(address)/\(length)", "dev", "eth0")
        }
      }
      let direct = node.hops(from: 1, to: ["10.1.0.9", "fd00:1::9"])
      Sandbox.expectEqual(direct, mode == .l3 ? [nil, nil] : [64, 64])
      // The gateway answers where there is one.
      let gateway = node.hops(from: 1, to: ["10.1.0.1", "fd00:1::1"])
      Sandbox.expectEqual(gateway, mode == .l2 ? [nil, nil] : [64, 64])
      _ = neighbor
    }
  }

  /// A router that sends where a packet came from says so; these pods could do nothing with it.
  @Test func noRedirects() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1], mode: .l3)
      _ = try node.attach(node.port(9, of: 1, mode: .l3), to: 1)
      let watch = """
        table inet watch {
          chain input {
            type filter hook input priority -300
            icmp type redirect counter
            icmpv6 type nd-redirect counter
            icmpv6 type echo-reply counter
          }
        }

        """
      let listed = node.members[1]!.pod.run {
        Sandbox.run("nft", "-f", "-", input: watch)
        for address in ["10.1.0.9", "fd00:1::9"] { _ = Sandbox.run("ping", "-q", "-i", "0.3", "-c", "5", address) }
        return Sandbox.run("nft", "list", "table", "inet", "watch")
      }
      let words = listed.split { $0 == " " || $0 == "\n" }
      Sandbox.expectEqual(
        words.indices.filter { words[$0] == "packets" }.map { words[$0 + 1] }, ["0", "0", "5"])
    }
  }

  /// Without a gateway nobody can be asked to forward.
  @Test(arguments: [false, true]) func aGatewayOnlyWhereThereIsOne(_ isRouter: Bool) async {
    await #expect(processExitsWith: .success) { [isRouter = isRouter as Bool] in
      let node = try TransitNode([1], mode: isRouter ? .l2AndL3 : .l2)
      let addresses = node.members[1]!.run { Sandbox.run("ip", "-o", "addr", "show", "contrail0") }
      Sandbox.expectEqual(addresses.isEmpty, !isRouter)
      let forwards = node.members[1]!.run {
        Sandbox.run("sysctl", "-n", "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding")
      }
      Sandbox.expectEqual(forwards, isRouter ? "1\n1\n" : "0\n0\n")
    }
  }

  /// A pod sends from foreign addresses where that is allowed; what it says as a router is dropped all the same; and the
  /// transit still asks.
  @Test(arguments: [true, false]) func withoutSourceChecks(_ checks: Bool) async {
    await #expect(processExitsWith: .success) { [checks = checks as Bool] in
      let node = try TransitNode([1, 2], checksSources: checks)
      _ = try node.attach(node.port(9, of: 1), to: 1)
      try node.transit.reconcile(node.connections([1: [2], 2: [1]]))
      let sources = ["10.1.0.77", "fd00:1::77"]
      node.members[1]!.pod.run {
        for source in sources + ["10.99.0.9", "fd00:99::9"] {
          Sandbox.run("ip", "addr", "add", source, "dev", "eth0", "nodad")
        }
      }
      // A neighbour asks for the foreign address, gets an answer, and sends there.
      func answers(_ source: String, _ target: String) -> Bool {
        node.members[1]!.pod.run {
          Sandbox.run("sh", "-c", "ping -n -c 3 -i 0.2 -W 1 -I \(source) \(target) || true").contains("ttl=")
        }
      }
      for (source, targets) in zip(sources, [["10.1.0.9", "10.2.0.5"], ["fd00:1::9", "fd00:2::5"]]) {
        for target in targets { Sandbox.expectEqual(answers(source, target), !checks) }
      }
      let arrived = node.arrivals(at: 2) {
        Sandbox.expectEqual(answers("10.99.0.9", "10.2.0.5"), false)
        Sandbox.expectEqual(answers("fd00:99::9", "fd00:2::5"), false)
      }
      Sandbox.expectEqual(arrived, [0, 0])
      node.members[1]!.pod.run {
        for source in ["fd00:1::77", "fd00:99::9"] { Sandbox.run("ip", "addr", "del", "\(source)/128", "dev", "eth0") }
      }
      Sandbox.expectEqual(node.hops(from: 1, to: 2), [61, 61])
    }
  }

  /// Each says what it is made from.
  @Test func fingerprints() {
    var texts: Set<String> = []
    for mode in [RoutingInstance.ForwardingMode.l2AndL3, .l3, .l2] {
      for checks in [true, false] {
        texts.insert(
          RoutingInstance(
            name: "a/b", mtu: 1500, subnets: [], fabricSNAT: false, internalNetworks: [], linkLocalServices: [],
            mode: mode, checksSources: checks
          ).fingerprint)
      }
    }
    #expect(texts.count == 6)
  }
}
