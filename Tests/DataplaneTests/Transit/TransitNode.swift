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
    func run<Result>(_ body: () -> Result) -> Result { Sandbox.inside(kernel.path, body) }
  }

  init(
    _ numbers: [UInt32], mtus: [UInt32: UInt32] = [:], mode: RoutingInstance.ForwardingMode = .l2AndL3,
    checksSources: Bool = true, addresses: [UInt32: UInt32] = [:]
  ) throws {
    self.mode = mode
    self.addresses = addresses
    self.checksSources = checksSources
    Sandbox.enterNode()
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

  func runInTransit(_ command: String) -> String {
    Sandbox.inside(transit.kernel.path) { Sandbox.run("sh", "-c", command) }
  }
}
