import Dataplane
import Glibc
import KernelSandbox
import Netlink
import NetlinkNetfilter
import NetworkAddresses
import Testing

// Two pods on a bridge that learns and floods nothing, whose kernels do what kernels do (duplicate address detection,
// listener reports, neighbour discovery, fragments).

@Suite struct SourceFilterPodTests {
  // Pods notice nothing of the filter, and one that takes an address it was not given reaches nobody with it.
  @Test func podsTalk() async {
    await #expect(processExitsWith: .success) {
      try Pods.make()
      for command in [
        "ping -c1 -W1 10.32.0.2", "ping -c1 -W1 -s 4000 10.32.0.2", "ping -c1 -W1 2001:db8::2",
        "ping -c1 -W1 -s 4000 2001:db8::2", "ping -c1 -W1 fe80::ff:fe00:2%eth0",
      ] where !Pods.succeeds(1, command) {
        Issue.record("\(command) fails: \(try Pods.dropped())")
      }
      // Router solicitations are useless where no pod may answer them.
      let reasons = try Pods.dropped().filter { $0 != "router discovery, redirect or unknown ICMPv6" }
      Sandbox.expectEqual(reasons, [])

      _ = Pods.run(1, "ip address add 10.32.0.9/12 dev eth0; ip address add 2001:db8::9/64 dev eth0 nodad")
      for command in [
        "ping -c1 -W1 -I 10.32.0.9 10.32.0.2", "ping -c1 -W1 -I 2001:db8::9 2001:db8::2",
        "ip neigh flush dev eth0; ip link set eth0 address 02:00:00:00:00:08; ping -c1 -W1 10.32.0.2",
      ] where Pods.succeeds(1, command) {
        Issue.record("\(command) succeeds")
      }
      _ = Pods.run(1, "ip link set eth0 address 02:00:00:00:00:01")
      Sandbox.expectEqual(Pods.succeeds(1, "ping -c1 -W1 10.32.0.2"), true)
    }
  }

  // Only because frames are steered do pods find each other, and reach one whose address another MAC had before.
  @Test func steering() async {
    await #expect(processExitsWith: .success) {
      try Pods.make()
      let commands = [
        "steer-arp": "ip neigh flush dev eth0; ping -c1 -W1 10.32.0.2",
        "steer-ns": "ip neigh flush dev eth0; ping -c1 -W1 2001:db8::2",
        "steer-ipv4": "ip neigh replace 10.32.0.2 lladdr 02:00:00:00:00:77 dev eth0; ping -c1 -W1 10.32.0.2",
        "steer-ipv6": "ip neigh replace 2001:db8::2 lladdr 02:00:00:00:00:77 dev eth0; ping -c1 -W1 2001:db8::2",
      ]
      Sandbox.expectEqual(
        SourceFilter.chains(.flooded).map(\.chain.name).filter { $0.hasPrefix("steer-") }.sorted(),
        commands.keys.sorted())
      for (chain, command) in commands {
        if !Pods.succeeds(1, command) { Issue.record("\(command) fails: \(try Pods.dropped())") }
        _ = Pods.run(1, "ip neigh del 10.32.0.2 dev eth0; ip neigh del 2001:db8::2 dev eth0")
        try Pods.installFilter(without: chain)
        if Pods.succeeds(1, command) { Issue.record("\(command) succeeds without \(chain)") }
        _ = Pods.run(1, "ip neigh del 10.32.0.2 dev eth0; ip neigh del 2001:db8::2 dev eth0")
        try Pods.installFilter()
      }
    }
  }
}

/// Two pods with the addresses 10.32.0.1 and .2, 2001:db8::1 and ::2.
private enum Pods {
  static func make() throws {
    Sandbox.enterNode()
    Sandbox.run("ip", "link", "add", "br0", "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
    Sandbox.run("ip", "link", "set", "br0", "addrgenmode", "none", "up")
    try installFilter()
    for number in 1...2 { Sandbox.run("sh", "-e", "-c", commands(number)) }
    for number in 1...2 {
      // Duplicate address detection takes about two seconds.
      for _ in 0..<200 where run(number, "ip -6 address show tentative").contains("inet6") { usleep(50_000) }
    }
  }

  /// - Parameter chain: Its rules are left out.
  static func installFilter(without chain: String? = nil) throws {
    var chains = SourceFilter.chains(.flooded)
    for index in chains.indices where chains[index].chain.name == chain { chains[index].rules = [] }
    var transaction = Transaction()
    transaction.delete(SourceFilter.table, ifMissing: .ignore)
    SourceFilter.addTable(to: &transaction, ports: (1...2).map(port), chains: chains)
    try transaction.commit(on: Connection(opening: .netfilter))
  }

  private static func port(_ number: Int) -> Port {
    Port(
      "vmi\(number)", MACAddress(rawValue: 0x0200_0000_0000 + UInt64(number)),
      [.v4(IPv4Address("10.32.0.\(number)")!), .v6(IPv6Address("2001:db8::\(number)")!)])
  }

  private static func commands(_ number: Int) -> String {
    """
    ip netns add pod\(number)
    ip link add vmi\(number) type veth peer name eth0 address 02:00:00:00:00:0\(number) netns pod\(number)
    ip link set vmi\(number) master br0 addrgenmode none up
    bridge link set dev vmi\(number) learning off flood off mcast_flood off bcast_flood off
    bridge fdb replace 02:00:00:00:00:0\(number) dev vmi\(number) master static
    ip -n pod\(number) link set eth0 up
    ip -n pod\(number) address add 10.32.0.\(number)/12 dev eth0
    ip -n pod\(number) address add 2001:db8::\(number)/64 dev eth0
    """
  }

  static func run(_ number: Int, _ command: String) -> String {
    Sandbox.run("ip", "netns", "exec", "pod\(number)", "sh", "-c", command + " || true")
  }

  /// Whether the command, a ping, gets its answer.
  static func succeeds(_ number: Int, _ command: String) -> Bool { run(number, command).contains(", 1 received") }

  /// The reasons for which something was dropped so far.
  static func dropped() throws -> [String] {
    try Connection(opening: .netfilter).rules(of: SourceFilter.table).filter { ($0.counter?.packets ?? 0) > 0 }
      .compactMap(\.comment)
  }
}
