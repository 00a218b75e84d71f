import Glibc
import KernelSandbox
import LinuxSystem
import NetworkAddresses
import Testing

@testable import Dataplane

/// What a pod gets is what the tools show.
@Suite struct PortTests {
  @Test func whatAPodGets() async {
    await #expect(processExitsWith: .success) {
      let node = try DataplaneNode()
      let home = try node.kernel.open(.node, recorded: nil)
      let placed = try node.kernel.ensure(DataplaneNode.instance(fabricSNAT: true), in: home, ports: [])
      let pod = try node.makePod(5)
      try node.attach(pod, to: placed)
      let host = Sandbox.run("ip", "-d", "-o", "link", "show", pod.port.hostName)
      for part in [
        "mtu 1500", "master contrail0", "link/ether 06:00:00:00:00:05", "addrgenmode none", "numtxqueues 1 ",
        "numrxqueues 1 ", "group default", "alias container5/eth0/uid5", "hairpin on", "learning off", "flood off",
        "mcast_flood off", "bcast_flood off",
      ] where !host.contains(part) { Issue.record("the host end lacks \(part): \(host)") }
      #expect(Sandbox.run("ip", "-o", "addr", "show", pod.port.hostName).isEmpty)
      pod.run {
        let link = Sandbox.run("ip", "-d", "-o", "link", "show", "eth0")
        for part in [
          "mtu 1500", "link/ether 02:00:00:00:00:05", "group 4101", "numtxqueues 1 ", "UP", "addrgenmode none",
        ]
        where !link.contains(part) { Issue.record("the pod's end lacks \(part): \(link)") }
        let addresses = Sandbox.run("ip", "-o", "addr", "show", "eth0")
        for part in [
          "inet 10.32.0.5/24 brd 10.32.0.255 scope global eth0", "inet6 fd00:32::5/64 scope global nodad",
          "inet6 fe80::ff:fe00:5/64 scope link nodad",
        ] where !addresses.contains(part) { Issue.record("the pod lacks \(part): \(addresses)") }
        #expect(!addresses.contains("tentative") && addresses.split(separator: "\n").count == 3)
        let routes = Sandbox.run("ip", "route", "show", "default") + Sandbox.run("ip", "-6", "route", "show", "default")
        #expect(routes.contains("default via 10.32.0.1 dev eth0") && routes.contains("default via fd00:32::1 dev eth0"))
      }
      // Who is behind the port is told, not learned.
      let entries = Sandbox.run("bridge", "fdb", "show", "br", "contrail0")
      #expect(entries.contains("02:00:00:00:00:05 dev vmi00000000005 master contrail0 static"))
      let neighbors = Sandbox.run("ip", "neigh", "show", "dev", "contrail0")
      for address in ["10.32.0.5", "fd00:32::5"] {
        #expect(neighbors.contains("\(address) lladdr 02:00:00:00:00:05 PERMANENT"))
      }
      // The filter lets exactly this port's own addresses pass.
      let elements = Sandbox.run("sh", "-c", "nft list ruleset | grep -A1 'elements ='")
      for part in [
        "\"vmi00000000005\" . 02:00:00:00:00:05", "\"vmi00000000005\" . 02:00:00:00:00:05 . 10.32.0.5",
        "\"vmi00000000005\" . 02:00:00:00:00:05 . fd00:32::5",
        "\"vmi00000000005\" . 02:00:00:00:00:05 . fe80::ff:fe00:5", "10.32.0.5 : 02:00:00:00:00:05",
        "fd00:32::5 : 02:00:00:00:00:05",
      ] where !elements.contains(part) { Issue.record("the filter lacks \(part): \(elements)") }
      #expect(!elements.contains("0.0.0.0") && !elements.contains("10.32.0.1 "))
    }
  }

  /// Some runtimes switch IPv6 off in every namespace that they make.
  @Test(arguments: ["all", "default", "none"]) func ipv6IsSwitchedOffInThePod(_ setting: String) async {
    await #expect(processExitsWith: .success) { [setting = setting as String] in
      let node = try DataplaneNode()
      let home = try node.kernel.open(.node, recorded: nil)
      let placed = try node.kernel.ensure(DataplaneNode.instance(), in: home, ports: [])
      let pod = try node.makePod(5) {
        if setting != "none" { Sandbox.run("sysctl", "-q", "net.ipv6.conf.\(setting).disable_ipv6=1") }
      }
      let other = try node.makePod(6)
      try node.attach(pod, to: placed)
      try node.attach(other, to: placed)
      try node.expectTraffic("IPv6 off: \(setting)")
      #expect(try node.kernel.problems(of: [PlacedPort(pod.port, in: placed)], in: pod.namespace) == [])
    }
  }

  /// CHECK's eyes: each missing part is named.
  @Test(arguments: [
    ("ip addr del 10.32.0.5/24 dev eth0", "10.32.0.5/24"), ("ip -6 addr del fd00:32::5/64 dev eth0", "fd00:32::5/64"),
    ("ip route del default", "10.32.0.1"), ("ip -6 route del default", "fd00:32::1"),
    ("ip link set eth0 down", "eth0"), ("ip link set eth0 name other", "eth0"),
    ("node: ip link set vmi00000000005 nomaster", "vmi00000000005"),
    ("node: ip link set vmi00000000005 down", "vmi00000000005"),
    ("node: nft flush set bridge contrail bind4", "bind4"), ("node: nft flush set bridge contrail l2", "l2"),
  ]) func problemsAreNamed(_ damage: String, _ name: String) async {
    await #expect(processExitsWith: .success) { [damage = damage as String, name = name as String] in
      let node = try DataplaneNode()
      let home = try node.kernel.open(.node, recorded: nil)
      let placed = try node.kernel.ensure(DataplaneNode.instance(), in: home, ports: [])
      let pod = try node.makePod(5)
      try node.attach(pod, to: placed)
      let placedPort = PlacedPort(pod.port, in: placed)
      #expect(try node.kernel.problems(of: [placedPort], in: pod.namespace) == [])
      if damage.hasPrefix("node: ") {
        Sandbox.run("sh", "-c", String(damage.dropFirst(6)))
      } else {
        _ = pod.run { Sandbox.run("sh", "-c", damage) }
      }
      let problems = try node.kernel.problems(of: [placedPort], in: pod.namespace)
      if !problems.contains(where: { $0.contains(name) }) { Issue.record("\(damage): \(problems)") }
    }
  }
}
