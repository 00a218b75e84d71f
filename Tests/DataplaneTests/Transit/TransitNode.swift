import CLinux
import Glibc
import KernelSandbox
import LinuxSystem
import NetworkAddresses
import Testing

@testable import Dataplane

/// A node with a transit and instances; instance N has 10.N.0.0/24 and fd00:N::/64, and a pod at number 5.
final class TransitNode {
  let kernel: NodeKernel
  let transit: Transit
  private(set) var members: [UInt32: Member] = [:]
  private let mode: RoutingInstance.ForwardingMode
  private let checksSources: Bool
  /// Networks that have another's addresses.
  private let addresses: [UInt32: UInt32]

  static let directory = "/run/contrail/netns"

  final class Member {
    let vni: UInt32
    let kernel: KernelNamespace
    let placed: PlacedInstance
    let pod: DataplanePod

    init(
      _ vni: UInt32, _ prefixes: [IPPrefix], _ kernel: KernelNamespace, _ placed: PlacedInstance, _ pod: DataplanePod
    ) {
      self.prefixes = prefixes
      self.vni = vni
      self.kernel = kernel
      self.placed = placed
      self.pod = pod
    }

    var name: String { "ns/vn\(vni)" }
    let prefixes: [IPPrefix]
    func run<Result>(_ body: () -> Result) -> Result { inside(kernel.path, body) }
  }

  init(
    _ numbers: [UInt32], mtus: [UInt32: UInt32] = [:], mode: RoutingInstance.ForwardingMode = .l2AndL3,
    checksSources: Bool = true, addresses: [UInt32: UInt32] = [:]
  ) throws {
    self.mode = mode
    self.addresses = addresses
    self.checksSources = checksSources
    Sandbox.enterNode()
    Sandbox.run("ip", "link", "set", "lo", "up")
    kernel = try NodeKernel()
    transit = try kernel.openTransit(in: Self.directory, recorded: nil)
    for number in numbers { try add(number, mtu: mtus[number] ?? 1500) }
  }

  private func block(_ vni: UInt32) -> UInt32 { addresses[vni] ?? vni }
  private func prefixes(_ vni: UInt32) -> [IPPrefix] {
    [prefix("10.\(block(vni)).0.0/24"), prefix("fd00:\(block(vni))::/64")]
  }

  private func add(_ vni: UInt32, mtu: UInt32) throws {
    let (home, placed) = try make(vni, mtu: mtu)
    let port = port(5, of: vni, mtu: mtu, mode: mode)
    let pod = try makePod(port)
    try kernel.attach([PlacedPort(port, in: placed)], in: pod.namespace)
    members[vni] = Member(vni, prefixes(vni), home, placed, pod)
  }

  private func make(_ vni: UInt32, mtu: UInt32) throws -> (KernelNamespace, PlacedInstance) {
    let placement = RoutingInstance.Placement.pinned(directory: Self.directory, name: "ns.vn\(vni)")
    let home = try kernel.open(placement, recorded: nil)
    let instance = RoutingInstance(
      name: "ns/vn\(vni)", placement: placement, mtu: mtu,
      subnets: zip(prefixes(vni), gateways(vni)).map { RoutingInstance.Subnet(prefix: $0, gateway: $1) },
      fabricSNAT: false, internalNetworks: [], linkLocalServices: [], mode: mode, checksSources: checksSources)
    return (home, try kernel.ensure(instance, in: home, ports: []))
  }

  /// Makes the instance's namespace anew, with another pod.
  func remake(_ vni: UInt32) throws {
    try kernel.remove(
      members[vni]!.placed.kernel === kernel.node
        ? .node
        : .pinned(
          directory: Self.directory, name: "ns.vn\(vni)"))
    members[vni] = nil
    Sandbox.run("ip", "netns", "del", "pod\(vni).5")
    try add(vni, mtu: 1500)
  }

  private func gateways(_ vni: UInt32) -> [IPAddress] {
    [IPAddress("10.\(block(vni)).0.1")!, IPAddress("fd00:\(block(vni))::1")!]
  }

  /// The port of pod `number` of a network.
  func port(
    _ number: UInt8, of vni: UInt32, mtu: UInt32 = 1500, mode: RoutingInstance.ForwardingMode = .l2AndL3
  ) -> Port {
    let identifier = UInt64(vni) << 8 | UInt64(number)
    let routers = mode == .l2 ? [] : gateways(vni)
    return Port(
      name: "eth0", hostName: "vmi\(vni)x\(number)",
      mac: MACAddress(rawValue: 0x0200_0000_0000 | (vni == 1 ? UInt64(number) : identifier)),
      hostMAC: MACAddress(rawValue: 0x0600_0000_0000 | identifier), mtu: mtu, group: UInt32(identifier), alias: "",
      addresses: [
        InterfaceAddress("10.\(block(vni)).0.\(number)/24")!, InterfaceAddress("fd00:\(block(vni))::\(number)/64")!,
      ],
      gateways: routers, routers: routers, isRouted: mode == .l3)
  }

  private func makePod(_ port: Port) throws -> DataplanePod {
    let name = "pod" + port.hostName.dropFirst(3).map { $0 == "x" ? "." : String($0) }.joined()
    Sandbox.run("ip", "netns", "add", name)
    Sandbox.run("ip", "-n", name, "link", "set", "lo", "up")
    let path = "/run/netns/\(name)"
    return DataplanePod(
      descriptor: open(path, O_RDONLY | O_CLOEXEC), namespace: try kernel.namespace(at: path), port: port)
  }

  /// Attaches another pod to a network.
  func attach(_ port: Port, to vni: UInt32) throws -> KernelNamespace {
    let pod = try makePod(port)
    try kernel.attach([PlacedPort(port, in: members[vni]!.placed)], in: pod.namespace)
    return pod.namespace
  }

  /// The instance as it is to be connected.
  func connection(_ vni: UInt32, imports: [UInt32]) -> PlacedConnection {
    let imports = imports.map { ConnectedInstance.Import(exporter: $0, prefixes: prefixes($0)) }
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
  func arrivals(
    at vni: UInt32, from sources: [String] = ["10.0.0.0/8", "fd00::/16"], _ body: () -> Void
  ) -> [Int] {
    let pod = members[vni]!.pod
    _ = pod.run {
      Sandbox.run(
        "nft", "-f", "-",
        input: """
          table inet watch {
            chain prerouting {
              type filter hook prerouting priority -300
              ip saddr != 10.\(vni).0.0/24 ip saddr \(sources[0]) counter
              ip6 saddr != fd00:\(vni)::/64 ip6 saddr \(sources[1]) counter
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
  func hops(from: UInt32, to: UInt32) -> [Int?] { hops(from: from, to: ["10.\(to).0.5", "fd00:\(to)::5"]) }

  func hops(from: UInt32, to addresses: [String]) -> [Int?] {
    settle()
    return addresses.map { address in
      let text = members[from]!.pod.run {
        Sandbox.run("sh", "-c", "ping -n -c 1 -W 1 \(address) || ping -n -c 1 -W 2 \(address) || true")
      }
      return text.split(separator: "\n").first { $0.contains("ttl=") }
        .flatMap { $0.split(separator: " ").first { $0.hasPrefix("ttl=") } }.flatMap { Int($0.dropFirst(4)) }
    }
  }

  /// Waits until the kernel has started all links; for one whose index is its peer's that may be a second.
  private func settle() {
    let deadline = monotonicNanoseconds() + 20_000_000_000
    func isSettled(_ links: String) -> Bool {
      links.split(separator: "\n").allSatisfy {
        !$0.contains("LOWER_UP") || $0.contains("state UP") || $0.contains("LOOPBACK")
      }
    }
    func links() -> [String] {
      members.values.flatMap { member in
        [member.run { Sandbox.run("ip", "-o", "link") }, member.pod.run { Sandbox.run("ip", "-o", "link") }]
      }
    }
    while !links().allSatisfy(isSettled), monotonicNanoseconds() < deadline { usleep(20_000) }
  }

  /// Everything of the transit, the instances' own ends, and the node.
  func dump() -> [String] {
    let transit = """
      ip -d -o link show; ip -o addr show; ip neigh show nud permanent; ip rule; ip -6 rule
      ip route show table all; ip -6 route show table all; nft -s list ruleset
      sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv4.conf.all.arp_ignore
      """
    let place = "ip -o link; ip neigh show nud permanent; ip route; ip -6 route; nft -s list ruleset"
    var lines = Self.lines("transit", runInTransit(transit))
    for vni in members.keys.sorted() {
      lines += members[vni]!.run { Self.lines("\(vni)", Sandbox.run("sh", "-c", place)) }
    }
    return (lines + Self.lines("node", Sandbox.run("sh", "-c", place))).sorted()
  }

  /// Without what changes by itself.
  private static func lines(_ place: String, _ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      var words = line.split(separator: " ").map(String.init)
      // Carrier is noticed a moment later.
      if let index = words.firstIndex(of: "state"), index + 1 < words.count { words.removeSubrange(index...index + 1) }
      words.removeAll { $0 == "linkdown" }
      words = words.map { $0.hasPrefix("<") ? ($0.contains("UP") ? "up" : "down") : $0 }
      // An instance's loopback link stays up once it was needed.
      let isOurs = !words.contains("lo:") && !words.contains("anycast") && !words.contains("multicast")
      return isOurs ? "\(place): \(words.joined(separator: " "))" : nil
    }
  }

  func expectDump(_ expected: [String], _ comment: String) {
    var now = dump()
    for _ in 0..<200 where now != expected {
      usleep(100_000)
      now = dump()
    }
    let difference = now.difference(from: expected).map { change in
      switch change {
      case .insert(_, let line, _): "+ \(line)"
      case .remove(_, let line, _): "- \(line)"
      }
    }
    if !difference.isEmpty { Issue.record("\(comment):\n\(difference.joined(separator: "\n"))") }
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
