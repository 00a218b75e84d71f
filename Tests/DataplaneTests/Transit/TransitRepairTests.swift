import KernelSandbox
import LinuxSystem
import NetworkAddresses
import Testing

@testable import Dataplane

/// The transit can be made again at any time, whatever has become of it, and is gone when nobody needs it.
@Suite struct TransitRepairTests {
  /// A hub, which is 1, and two spokes.
  private static let imports: [UInt32: [UInt32]] = [1: [2, 3], 2: [1], 3: [1]]
  private static let table = "table 16777218"

  static let inTransit = [
    "true", "ip link del vni1", "ip link del vni2", "ip link set vni1 down", "ip link set vni1 mtu 1400",
    "ip link set vni2 address 02:00:00:00:00:99", "ip link set vni2 down; ip link set vni2 name other",
    "ip rule del iif vni2", "ip -6 rule del iif vni2", "ip route flush \(table)", "ip -6 route flush \(table)",
    "ip route del unreachable default \(table)",
    "ip route add 10.3.0.0/24 via 169.254.0.2 dev vni3 onlink \(table)",
    "ip -6 route add fd00:3::/64 via fe80::2 dev vni3 onlink \(table)",
    "ip route replace 10.1.0.0/24 via 169.254.0.2 dev vni3 onlink \(table) proto 196 metric 513",
    "ip neigh del 169.254.0.2 dev vni1", "ip neigh del fe80::2 dev vni1", "nft flush ruleset",
    "nft delete table inet contrail", "nft insert rule inet contrail forward accept",
    "ip link add vni9 index 16777225 type veth peer name x", "ip rule add iif vni9 pref 1000 lookup 16777225",
    "sysctl -q net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0", "sysctl -q net.ipv4.conf.all.arp_ignore=0",
  ]
  static let inInstance = [
    "ip link del tr0", "ip link set tr0 down", "ip link set tr0 mtu 1400", "ip link set tr0 address 02:00:00:00:00:99",
    "ip link set tr0 down; ip link set tr0 name other", "ip route flush proto 196", "ip -6 route flush proto 196",
    "ip route add 10.3.0.0/24 via 169.254.0.1 dev tr0 onlink proto 196", "ip neigh del 169.254.0.1 dev tr0",
    "ip neigh del fe80::1 dev tr0",
  ]

  @Test(arguments: inTransit + inInstance.map { "2: \($0)" }) func isMended(_ damage: String) async {
    await #expect(processExitsWith: .success) { [damage = damage as String] in
      let node = try TransitNode([1, 2, 3])
      let wanted = node.connections(TransitRepairTests.imports)
      try node.transit.reconcile(wanted)
      let before = node.dump()
      Sandbox.expectEqual(node.hops(from: 2, to: 1), [61, 61])
      if damage.hasPrefix("2: ") {
        node.members[2]!.run { _ = Sandbox.run("sh", "-c", String(damage.dropFirst(3))) }
      } else {
        _ = node.runInTransit(damage)
      }
      if damage != "true" && node.dump() == before && !damage.contains("nft insert") { Issue.record("no damage") }
      try node.transit.reconcile(wanted)
      node.expectDump(before, damage)
      for spoke in [2, 3] as [UInt32] { Sandbox.expectEqual(node.hops(from: spoke, to: 1), [61, 61]) }
      Sandbox.expectEqual(node.hops(from: 2, to: 3), [nil, nil])
    }
  }

  /// One instance after the other gives the same as all at once, and so does coming back.
  @Test func stepByStep() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2, 3])
      let wanted = node.connections(TransitRepairTests.imports)
      try node.transit.reconcile(wanted)
      let before = node.dump()
      let importers: (ConnectedInstance) -> [UInt32] = { $0.vni == 1 ? [2, 3] : [1] }
      try node.transit.disconnect([1])
      Sandbox.expectEqual(node.hops(from: 2, to: 1), [nil, nil])
      try node.transit.disconnect([1])
      try node.transit.update([wanted[0]], importers: importers)
      node.expectDump(before, "the hub came back")
      Sandbox.expectEqual(node.hops(from: 2, to: 1), [61, 61])
      try node.transit.reconcile([])
      for connection in wanted { try node.transit.update([connection], importers: importers) }
      node.expectDump(before, "one by one")
      // Its networks are reached by nobody who does not import them any more, at once.
      try node.transit.update([node.connection(1, imports: [2])], importers: importers)
      Sandbox.expectEqual(node.hops(from: 2, to: 1), [61, 61])
      let arrived = node.arrivals(at: 1) { Sandbox.expectEqual(node.hops(from: 3, to: 1), [nil, nil]) }
      Sandbox.expectEqual(arrived, [0, 0])
    }
  }

  /// A change that is only told as a difference leads to what looking at everything leads to.
  @Test func differencesOnly() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2, 3])
      try node.transit.reconcile(node.connections(TransitRepairTests.imports))
      let before = node.dump()
      let mesh = node.connections([1: [2, 3], 2: [1, 3], 3: [1, 2]])
      let star = node.connections(TransitRepairTests.imports)
      func changes(_ from: [PlacedConnection], _ to: [PlacedConnection]) -> [ImportChange] {
        zip(from, to).dropFirst().map { ImportChange($1, from: $0.instance) }
      }
      try node.transit.apply(changes(star, mesh))
      Sandbox.expectEqual(node.hops(from: 2, to: 3), [61, 61])
      let meshed = node.dump()
      try node.transit.reconcile(mesh)
      node.expectDump(meshed, "mesh")
      // A network more behind what is imported: the others stay.
      let two = mesh[1].instance
      let wide = ConnectedInstance(
        name: two.name, vni: 2, prefixes: two.prefixes,
        imports: two.imports.map { .init(exporter: $0.exporter, prefixes: $0.prefixes + [prefix("10.99.0.0/24")]) })
      try node.transit.apply([ImportChange(PlacedConnection(wide, in: mesh[1].kernel), from: two)])
      Sandbox.expectEqual(node.hops(from: 2, to: 3), [61, 61])
      try node.transit.apply([ImportChange(mesh[1], from: wide)])
      node.expectDump(meshed, "a network more and less")
      // What is gone already is nothing to remove.
      for _ in 0..<2 { try node.transit.apply(changes(mesh, star)) }
      node.expectDump(before, "back")
      let arrived = node.arrivals(at: 3) { Sandbox.expectEqual(node.hops(from: 2, to: 3), [nil, nil]) }
      Sandbox.expectEqual(arrived, [0, 0])
    }
  }

  @Test func removingLeavesNothing() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2])
      try node.transit.reconcile([])
      let before = node.dump()
      try node.transit.reconcile(node.connections([1: [2], 2: [1]]))
      try node.transit.reconcile([])
      node.expectDump(before, "reconciled")
      try node.kernel.removeTransit(in: TransitNode.directory)
      try node.kernel.removeTransit(in: TransitNode.directory)
      Sandbox.expectEqual(Sandbox.run("sh", "-c", "ls /run/contrail/netns"), "ns.vn1\nns.vn2\n")
    }
  }

  /// An instance whose namespace was made anew is connected anew.
  @Test func anInstanceIsMadeAnew() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2])
      try node.transit.reconcile(node.connections([1: [2], 2: [1]]))
      try node.remake(2)
      try node.transit.update(node.connections([2: [1]])) { _ in [1] }
      Sandbox.expectEqual(node.hops(from: 1, to: 2), [61, 61])
    }
  }

  /// In the node's own namespace there may be a link of that name that is not ours.
  @Test func aForeignLinkIsLeftAlone() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1])
      node.members[1]!.run { _ = Sandbox.run("ip", "link", "add", "tr0", "type", "veth", "peer", "name", "theirs") }
      do {
        try node.transit.reconcile(node.connections([1: []]))
        Issue.record("no error")
      } catch DataplaneError.foreignLink(let name, _) {
        #expect(name == "tr0")
      }
      node.members[1]!.run { _ = Sandbox.run("ip", "link", "show", "theirs") }
    }
  }

  /// Another link may have the index that the instance's end asks for.
  @Test func theIndexIsTaken() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1, 2])
      node.members[1]!.run {
        _ = Sandbox.run(
          "ip", "link", "add", "theirs", "index", "\(TransitNames.instanceLinkIndex)", "type", "veth", "peer", "name",
          "x")
      }
      try node.transit.reconcile(node.connections([1: [2], 2: [1]]))
      Sandbox.expectEqual(node.hops(from: 1, to: 2), [61, 61])
      let before = node.dump()
      try node.transit.reconcile(node.connections([1: [2], 2: [1]]))
      node.expectDump(before, "again")
    }
  }
}
