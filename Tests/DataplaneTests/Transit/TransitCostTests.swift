import Glibc
import LinuxSystem
import Netlink
import NetlinkRoute
import NetworkAddresses
import Testing

@testable import Dataplane

/// What three hundred instances in one mesh cost. Times are printed; how long they may be depends on the machine and its
/// load, so the limits here are generous.
@Suite struct TransitCostTests {
  @Test(.enabled(if: getenv("CONTRAIL_COSTS") != nil)) func meshOf300() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNode()
      let kernel = try NodeKernel()
      let transit = try kernel.openTransit(in: TransitNode.directory, recorded: nil)
      let numbers = Array(5..<305 as Range<UInt32>)
      func networks(_ vni: UInt32) -> [IPPrefix] {
        [prefix("10.\(vni / 200).\(vni % 200).0/24"), prefix("fd00:\(vni)::/64")]
      }
      let namespaces = try numbers.map { try kernel.open(pin($0), recorded: nil) }
      func connections(without missing: UInt32? = nil) -> [PlacedConnection] {
        zip(numbers, namespaces).map { vni, namespace in
          let others = numbers.filter { $0 != vni && $0 != missing && vni != missing }
          return PlacedConnection(
            ConnectedInstance(
              name: "ns/vn\(vni)", vni: vni, prefixes: networks(vni),
              imports: others.map { ConnectedInstance.Import(exporter: $0, prefixes: networks($0)) }), in: namespace)
        }
      }
      let all = connections()
      let before = connections(without: 77)
      var lines: [String] = []
      func measure(_ name: String, limit: Double, _ body: () throws -> Void) throws {
        let start = monotonicNanoseconds()
        try body()
        let milliseconds = Double(monotonicNanoseconds() - start) / 1_000_000
        lines.append("\(name): \(Int(milliseconds * 10) / 10) ms")
        if milliseconds > limit { Issue.record("\(lines)") }
      }
      try measure("from nothing", limit: 30_000) { try transit.reconcile(all) }
      try measure("nothing to do", limit: 30_000) { try transit.reconcile(all) }
      try measure("one loses its imports and is lost by all: full", limit: 30_000) { try transit.reconcile(before) }
      try measure("the same back: update of the 300", limit: 10_000) { try transit.update(all) { _ in [] } }
      let own = ConnectedInstance.Import(exporter: 77, prefixes: networks(77))
      func imports(_ connection: PlacedConnection, _ of: [PlacedConnection]) -> [ConnectedInstance.Import] {
        connection.instance.vni == 77 ? of.first { $0.instance.vni == 77 }!.instance.imports : [own]
      }
      let away = before.map { ImportChange($0, added: [], removed: imports($0, all)) }
      let again = all.map { ImportChange($0, added: imports($0, all), removed: []) }
      try measure("one leaves the mesh: differences", limit: 10_000) { try transit.apply(away) }
      try measure("one comes back: differences", limit: 10_000) { try transit.apply(again) }
      let one = try #require(all.first { $0.instance.vni == 77 })
      try measure("update of one, nothing to do", limit: 1_000) { try transit.update([one]) { _ in [] } }
      let less = PlacedConnection(
        ConnectedInstance(
          name: one.instance.name, vni: 77, prefixes: one.instance.prefixes,
          imports: Array(one.instance.imports.dropFirst())), in: one.kernel)
      try measure("update of one, one import less", limit: 1_000) { try transit.update([less]) { _ in [] } }
      try measure("disconnect one", limit: 1_000) { try transit.disconnect([77]) }
      try measure("connect one", limit: 1_000) { try transit.update([one]) { _ in numbers.filter { $0 != 77 } } }
      try measure("disconnect all", limit: 30_000) { try transit.reconcile([]) }
      // What an exit test prints is not shown.
      Issue.record("\(lines.joined(separator: "\n"))", severity: .warning)
    }
  }
}

private func pin(_ vni: UInt32) -> RoutingInstance.Placement {
  .pinned(directory: TransitNode.directory, name: "ns.vn\(vni)")
}
