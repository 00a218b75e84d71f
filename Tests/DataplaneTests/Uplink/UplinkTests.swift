import Glibc
import KernelSandbox
import LinuxSystem
import NetworkAddresses
import Testing

@testable import Dataplane

/// Pods of a network of their own reach the outside through the node, and nobody else by that way.
@Suite struct UplinkTests {
  /// Two networks with the same addresses, both heard outside as the node.
  @Test func overlappingNetworks() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2], addresses: [2: 1])
      node.makeOutside()
      for vni in [1, 2] as [UInt32] { try node.ensureUplink(vni) }
      let heard = node.heardOutside(ping: [1, 2])
      Sandbox.expectEqual(heard.from, ["192.0.2.1", "2001:db8::1"])
      Sandbox.expectEqual(heard.answers, [[true, true], [true, true]])
      let (client, server) = (node.members[1]!.pod, node.members[2]!.pod)
      Sandbox.expectEqual(client.port.addresses, server.port.addresses)
    }
  }

  /// Nothing begins outside, nor in the node's own network, though the way is known; the same way answers.
  @Test func nobodyComesIn() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1])
      node.makeOutside()
      try node.ensureUplink(1)
      let targets = ["100.64.0.1", "fd00:64::1", "10.1.0.5", "fd00:1::5"]
      func arrivals() -> [Int] {
        node.arrivals(at: 1, from: ["192.0.2.0/24", "2001:db8::/64"]) {
          Sandbox.inside("/run/netns/outside") {
            for target in targets { _ = Sandbox.run("sh", "-c", "ping -n -c 1 -W 1 \(target) || true") }
          }
          for target in targets { _ = Sandbox.run("sh", "-c", "ping -n -c 1 -W 1 \(target) || true") }
        }
      }
      Sandbox.expectEqual(arrivals(), [0, 0])
      // Whatever the node leads there and lets by, the instance drops.
      Sandbox.run("ip", "route", "add", "10.1.0.0/24", "via", "169.254.0.2", "dev", "ctsnat1", "onlink")
      Sandbox.run("ip", "-6", "route", "add", "fd00:1::/64", "via", "fe80::2", "dev", "ctsnat1", "onlink")
      Sandbox.expectEqual(arrivals(), [0, 0])
      Sandbox.run("nft", "flush", "ruleset")
      Sandbox.expectEqual(arrivals(), [0, 0])
      try node.ensureUplink(1)
      let control = node.arrivals(at: 1, from: ["192.0.2.0/24", "2001:db8::/64"]) {
        Sandbox.expectEqual(node.hops(from: 1, to: ["192.0.2.2", "2001:db8::2"]), [62, 62])
      }
      Sandbox.expectEqual(control, [1, 1])
    }
  }

  /// Other networks of the node and the node itself are not outside; removing the rules would open them.
  @Test(arguments: [true, false]) func onlyTheOutside(_ hasRules: Bool) async {
    await #expect(processExitsWith: .success) { [hasRules = hasRules as Bool] in
      let node = try TransitNode([1, 2])
      node.makeOutside()
      let pods = try node.makeDefaultNetwork()
      for vni in [1, 2] as [UInt32] { try node.ensureUplink(vni) }
      Sandbox.run("ip", "addr", "add", "169.254.169.254/32", "dev", "lo")
      if !hasRules { Sandbox.run("nft", "delete", "table", "inet", "contrail-uplinks") }
      // Of the node: its addresses, its pods; of another network: what the node leads to it.
      let targets = [
        "192.0.2.1", "2001:db8::1", "10.32.0.1", "10.32.0.5", "fd00:32::5", "169.254.169.254",
      ]
      for target in targets {
        Sandbox.expectEqual(node.hops(from: 1, to: [target]).map { $0 != nil }, [!hasRules])
      }
      let back = pods.run { Sandbox.run("sh", "-c", "ping -n -c 1 -W 1 100.64.0.1 || true") }
      Sandbox.expectEqual(back.contains("ttl="), false)
      // Without translation back there, what the rules of the node let by, the instance drops.
      Sandbox.expectEqual(node.hops(from: 1, to: ["100.64.0.2"]), [nil])
      // A service leads on.
      Sandbox.run(
        "nft", "-f", "-",
        input: """
          table ip services { chain prerouting { type nat hook prerouting priority -100;
            ip daddr 10.96.0.10 dnat to 10.32.0.5
            ip daddr 10.96.0.11 dnat to 192.0.2.1
          }
          }

          """)
      for service in ["10.96.0.10", "10.96.0.11"] {
        Sandbox.expectEqual(node.hops(from: 1, to: [service]).map { $0 != nil }, [true])
      }
    }
  }

  /// With their own addresses, both sides may begin.
  @Test func withoutTranslation() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1])
      node.makeOutside()
      try node.ensureUplink(1, translation: .own)
      let heard = node.heardOutside(ping: [1])
      Sandbox.expectEqual(heard.from, ["10.1.0.5", "fd00:1::5"])
      Sandbox.expectEqual(heard.answers, [[true, true]])
      let answers = Sandbox.inside("/run/netns/outside") {
        ["10.1.0.5", "fd00:1::5"].map {
          Sandbox.run("sh", "-c", "for try in 1 2 3 4 5 6 7 8; do ping -n -c 1 -W 1 \($0) && break; done")
            .contains("ttl=62")
        }
      }
      Sandbox.expectEqual(answers, [true, true])
    }
  }

  /// It can be made again at any time, changes its kind, and leaves nothing.
  @Test func comesAndGoes() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2])
      node.makeOutside()
      Sandbox.run("sysctl", "-q", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1")
      let before = node.dump()
      for damage in [
        "true", "ip link del ctsnat1", "ip link set ctsnat1 down", "ip route flush proto 196",
        "ip neigh flush nud permanent",
        "nft flush ruleset", "nsenter --net=/run/contrail/netns/ns.vn1 nft delete table inet contrail",
        "nsenter --net=/run/contrail/netns/ns.vn1 ip route flush proto 196",
      ] {
        try node.ensureUplink(1)
        try node.ensureUplink(2)
        let made = node.dump()
        Sandbox.run("sh", "-c", damage)
        try node.ensureUplink(1)
        try node.ensureUplink(2)
        node.expectDump(made, damage)
        Sandbox.expectEqual(node.hops(from: 1, to: ["192.0.2.2", "2001:db8::2"]), [62, 62])
      }
      try node.ensureUplink(1, translation: .own)
      Sandbox.expectEqual(try node.kernel.uplinkNumbers().sorted(), [1, 2])
      Sandbox.expectEqual(Sandbox.run("sh", "-c", "ip -o link | grep -c ctsnat1 || true"), "0\n")
      for vni in [1, 2, 2] as [UInt32] { try node.kernel.removeUplink(number: vni, in: node.members[vni]!.kernel) }
      node.expectDump(before, "removed")
    }
  }

  @Test func numbersBecomeAddresses() {
    let settings = UplinkSettings()
    #expect(settings.addresses(number: 5) == [IPAddress("100.64.0.5")!, IPAddress("fd00:64::5")!])
    #expect(settings.addresses(number: 0xffff) == [IPAddress("100.64.255.255")!, IPAddress("fd00:64::ffff")!])
    #expect(settings.addresses(number: 0x1_0000) == nil)
  }
}
