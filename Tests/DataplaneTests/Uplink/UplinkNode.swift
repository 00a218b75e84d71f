import Glibc
import KernelSandbox
import LinuxSystem
import NetworkAddresses
import Testing

@testable import Dataplane

// What is beside a node with uplinks: an outside, the default pod network.

extension TransitNode {
  func ensureUplink(_ vni: UInt32, translation: Uplink.Translation? = nil) throws {
    let settings = UplinkSettings()
    let member = members[vni]!
    try kernel.ensureUplink(
      Uplink(
        name: member.name, number: vni, prefixes: member.prefixes, mtu: 1500,
        translation: translation ?? .node(by: settings.addresses(number: vni)!)), in: member.kernel, settings)
  }

  /// A host beside the node, which knows the node as the way to everything.
  func makeOutside() {
    Sandbox.run(
      "ip", "-batch", "-",
      input: """
        netns add outside
        link add out0 type veth peer name eth0 netns outside
        link set out0 addrgenmode none
        addr add fe80::1/64 dev out0 nodad
        addr add 192.0.2.1/24 dev out0
        addr add 2001:db8::1/64 dev out0 nodad
        link set out0 up

        """)
    Sandbox.inside("/run/netns/outside") {
      _ = Sandbox.run(
        "ip", "-batch", "-",
        input: """
          link set lo up
          link set eth0 addrgenmode none up
          addr add fe80::2/64 dev eth0 nodad
          addr add 192.0.2.2/24 dev eth0
          addr add 2001:db8::2/64 dev eth0 nodad
          route add default via 192.0.2.1

          """)
      _ = Sandbox.run("ip", "-6", "route", "add", "default", "via", "2001:db8::1")
    }
  }

  /// The default pod network with a pod at number 5.
  func makeDefaultNetwork() throws -> DataplanePod {
    let home = try kernel.open(.node, recorded: nil)
    let placed = try kernel.ensure(DataplaneNode.instance(), in: home, ports: [])
    Sandbox.run("ip", "netns", "add", "default5")
    let gateways = [IPAddress("10.32.0.1")!, IPAddress("fd00:32::1")!]
    let port = Port(
      name: "eth0", hostName: "vmi00000000005", mac: MACAddress("02:00:00:00:32:05")!,
      hostMAC: MACAddress("06:00:00:00:32:05")!, mtu: 1500, group: 5, alias: "",
      addresses: [InterfaceAddress("10.32.0.5/24")!, InterfaceAddress("fd00:32::5/64")!], gateways: gateways,
      routers: gateways)
    let path = "/run/netns/default5"
    let pod = DataplanePod(
      descriptor: open(path, O_RDONLY | O_CLOEXEC), namespace: try kernel.namespace(at: path), port: port)
    try kernel.attach([PlacedPort(port, in: placed)], in: pod.namespace)
    return pod
  }

  /// Who is heard outside while pods send there, and whether they get answers, in both families.
  func heardOutside(ping vnis: [UInt32]) -> (from: [String], answers: [[Bool]]) {
    Sandbox.inside("/run/netns/outside") {
      _ = Sandbox.run(
        "nft", "-f", "-",
        input: """
          table inet heard {
            set v4 { type ipv4_addr; flags dynamic; }
            set v6 { type ipv6_addr; flags dynamic; }
            chain prerouting {
              type filter hook prerouting priority -300
              icmp type echo-request add @v4 { ip saddr }
              icmpv6 type echo-request add @v6 { ip6 saddr }
            }
          }

          """)
    }
    let answers = vnis.map { vni in
      ["192.0.2.2", "2001:db8::2"].map { address in
        members[vni]!.pod.run {
          Sandbox.run("sh", "-c", "for try in 1 2 3 4 5 6 7 8; do ping -n -c 1 -W 1 \(address) && break; done")
            .contains("ttl=62")
        }
      }
    }
    let listed = Sandbox.inside("/run/netns/outside") { Sandbox.run("nft", "list", "table", "inet", "heard") }
    let from = listed.split(separator: "\n").filter { $0.contains("elements") }.map { line in
      line.split { "{}".contains($0) }.dropFirst().first?.split(separator: " ").joined(separator: " ") ?? ""
    }
    return (from, answers)
  }
}
