import CLinux
import Glibc
import LinuxSystem
import NetworkAddresses
import Testing

@testable import Dataplane

/// A node with a transit and instances; instance N has 10.N.0.0/24 and fd00:N::/64, and a pod at number 5.
final class TransitNode {
  let kernel: NodeKernel
  let transit: Transit
  private(set) var members: [UInt32: Member] = [:]

  static let directory = "/run/contrail/netns"

  final class Member {
    let vni: UInt32
    let kernel: KernelNamespace
    let placed: PlacedInstance
    let pod: DataplanePod

    init(_ vni: UInt32, _ kernel: KernelNamespace, _ placed: PlacedInstance, _ pod: DataplanePod) {
      self.vni = vni
      self.kernel = kernel
      self.placed = placed
      self.pod = pod
    }

    var name: String { "ns/vn\(vni)" }
    var prefixes: [IPPrefix] { TransitNode.prefixes(vni) }
    func run<Result>(_ body: () -> Result) -> Result { inside(kernel.path, body) }
  }

  init(_ numbers: [UInt32], mtus: [UInt32: UInt32] = [:]) throws {
    Sandbox.enterNode()
    Sandbox.run("ip", "link", "set", "lo", "up")
    kernel = try NodeKernel()
    transit = try kernel.openTransit(in: Self.directory, recorded: nil)
    for number in numbers { try add(number, mtu: mtus[number] ?? 1500) }
  }

  static func prefixes(_ vni: UInt32) -> [IPPrefix] { [prefix("10.\(vni).0.0/24"), prefix("fd00:\(vni)::/64")] }

  private func add(_ vni: UInt32, mtu: UInt32) throws {
    let home = try kernel.open(.pinned(directory: Self.directory, name: "ns.vn\(vni)"), recorded: nil)
    let gateways = [IPAddress("10.\(vni).0.1")!, IPAddress("fd00:\(vni)::1")!]
    let instance = RoutingInstance(
      name: "ns/vn\(vni)", placement: .pinned(directory: Self.directory, name: "ns.vn\(vni)"), mtu: mtu,
      subnets: zip(Self.prefixes(vni), gateways).map { RoutingInstance.Subnet(prefix: $0, gateway: $1) },
      fabricSNAT: false, internalNetworks: [], linkLocalServices: [])
    Sandbox.run("nsenter", "--net=\(home.path)", "ip", "link", "set", "lo", "up")
    let placed = try kernel.ensure(instance, in: home, ports: [])
    Sandbox.run("ip", "netns", "add", "pod\(vni)")
    Sandbox.run("ip", "-n", "pod\(vni)", "link", "set", "lo", "up")
    let path = "/run/netns/pod\(vni)"
    let pod = DataplanePod(
      descriptor: open(path, O_RDONLY | O_CLOEXEC), namespace: try kernel.namespace(at: path),
      port: Port(
        name: "eth0", hostName: "vmi0000000000\(vni)", mac: MACAddress(rawValue: 0x0200_0000_0000 | UInt64(vni)),
        hostMAC: MACAddress(rawValue: 0x0600_0000_0000 | UInt64(vni)), mtu: mtu, group: 0x1000 + vni, alias: "",
        addresses: [InterfaceAddress("10.\(vni).0.5/24")!, InterfaceAddress("fd00:\(vni)::5/64")!],
        gateways: gateways, routers: gateways))
    try kernel.attach([PlacedPort(pod.port, in: placed)], in: pod.namespace)
    members[vni] = Member(vni, home, placed, pod)
  }

  /// The instance as it is to be connected.
  func connection(_ vni: UInt32, imports: [UInt32]) -> PlacedConnection {
    let imports = imports.map { ConnectedInstance.Import(exporter: $0, prefixes: Self.prefixes($0)) }
    let member = members[vni]!
    return PlacedConnection(
      ConnectedInstance(name: member.name, vni: vni, prefixes: member.prefixes, imports: imports), in: member.kernel)
  }

  /// Who imports whom.
  func connections(_ imports: [UInt32: [UInt32]]) -> [PlacedConnection] {
    imports.keys.sorted().map { connection($0, imports: imports[$0]!) }
  }

  func runInTransit(_ command: String) -> String { inside(transit.kernel.path) { Sandbox.run("sh", "-c", command) } }

  /// What arrives at the pod of an instance, from any other, while something is done: packets of each family.
  func arrivals(at vni: UInt32, _ body: () -> Void) -> [Int] {
    let pod = members[vni]!.pod
    let others = "ip saddr != 10.\(vni).0.0/24 ip saddr 10.0.0.0/8"
    _ = pod.run {
      Sandbox.run(
        "nft", "-f", "-",
        input: """
          table inet watch {
            chain prerouting {
              type filter hook prerouting priority -300
              \(others) counter
              ip6 saddr fd00::/16 ip6 saddr != fd00:\(vni)::/64 counter
            }
          }

          """)
    }
    body()
    return pod.run {
      let listed = Sandbox.run("nft", "list", "table", "inet", "watch")
      Sandbox.run("nft", "delete", "table", "inet", "watch")
      let words = listed.split { $0 == " " || $0 == "\n" }
      return words.indices.filter { words[$0] == "packets" }.map { Int(words[$0 + 1])! }
    }
  }

  /// Both families' pings from one pod to another's: the hops that are left, or nothing.
  func hops(from: UInt32, to: UInt32) -> [Int?] {
    ["10.\(to).0.5", "fd00:\(to)::5"].map { address in
      let text = members[from]!.pod.run {
        Sandbox.run("sh", "-c", "ping -n -c 1 -W 1 \(address) || ping -n -c 1 -W 1 \(address) || true")
      }
      return text.split(separator: "\n").first { $0.contains("ttl=") }
        .flatMap { $0.split(separator: " ").first { $0.hasPrefix("ttl=") } }.flatMap { Int($0.dropFirst(4)) }
    }
  }

  /// Everything of the transit and of the instances' own ends.
  func dump() -> String {
    let commands = """
      ip -d -o link show; ip -o addr show; ip neigh show nud permanent; ip rule; ip -6 rule
      ip route show table all; ip -6 route show table all; nft list ruleset
      sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv4.conf.all.arp_ignore
      """
    var text = runInTransit(commands)
    for vni in members.keys.sorted() {
      text += members[vni]!.run {
        Sandbox.run(
          "sh", "-c",
          """
          ip -d -o link show dev tr0 2>/dev/null; ip neigh show dev tr0 nud permanent 2>/dev/null
          ip -o addr show dev tr0 2>/dev/null; ip route; ip -6 route
          """)
      }
    }
    return text.split(separator: "\n").map { line in
      line.split(separator: " ").filter { !$0.contains("multicast") && $0 != "linkdown" }.joined(separator: " ")
    }.filter { !$0.contains("anycast") && !$0.contains("counter") }.sorted().joined(separator: "\n")
  }

  func expectDump(_ expected: String, _ comment: String) {
    var now = dump()
    for _ in 0..<20 where now != expected {
      usleep(100_000)
      now = dump()
    }
    if now == expected { return }
    let (old, new) = (Set(expected.split(separator: "\n")), Set(now.split(separator: "\n")))
    let difference = old.subtracting(new).map { "- \($0)" } + new.subtracting(old).map { "+ \($0)" }
    Issue.record("\(comment):\n\(difference.joined(separator: "\n"))")
  }
}

/// Runs something in the namespace that a file stands for.
func inside<Result>(_ path: String, _ body: () -> Result) -> Result {
  let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
  let there = open(path, O_RDONLY | O_CLOEXEC)
  defer {
    close(home)
    close(there)
  }
  #expect(setns(there, clinux_clone_newnet) == 0)
  defer { if setns(home, clinux_clone_newnet) != 0 { abort() } }
  return body()
}
