import KernelSandbox
import LinuxSystem
import NetworkAddresses
import Testing

@testable import Dataplane

/// A running pod gets the routes to what its instance imports, and loses no other.
@Suite struct PodRouteTests {
  @Test func onlyOurRoutesChange() async {
    await #expect(processExitsWith: .success) {
      let node = try TransitNode([1])
      let pod = node.members[1]!.pod
      pod.run {
        Sandbox.run("ip", "route", "add", "10.50.0.0/24", "via", "10.1.0.1")
        Sandbox.run("ip", "route", "add", "10.60.0.0/24", "via", "10.1.0.1", "metric", "7")
        _ = Sandbox.run("ip", "link", "add", "other", "type", "veth", "peer", "name", "end")
        Sandbox.run("ip", "addr", "add", "10.70.0.2/24", "dev", "other")
        Sandbox.run("ip", "link", "set", "other", "up")
      }
      func listed() -> String {
        pod.run { Sandbox.run("sh", "-c", "ip route | sort; ip -6 route | grep -v ^multicast | sort") }
      }
      func update(_ texts: [String], gateways: [String] = ["10.1.0.1", "fd00:1::1"]) throws -> Bool {
        try node.kernel.updateRoutes(
          in: pod.namespace, interface: "eth0", gateways: gateways.map { IPAddress($0)! }, to: texts.map(prefix))
      }
      let before = listed()
      // Two make one; what somebody has a route for himself, or is connected to, stays his.
      let all = ["10.2.0.0/24", "10.2.1.0/24", "10.50.0.0/24", "10.70.0.0/24", "fd00:2::/64"]
      Sandbox.expectEqual(try update(all), true)
      let after = listed()
      for line in before.split(separator: "\n") where !after.contains(line) { Issue.record("\(line) is gone") }
      for part in ["10.2.0.0/23 via 10.1.0.1 dev eth0 proto 196", "fd00:2::/64 via fd00:1::1 dev eth0 proto 196"]
      where !after.contains(part) { Issue.record("\(part) is missing: \(after)") }
      for (target, output) in [("10.70.0.9", "other"), ("10.2.0.9", "via 10.1.0.1 dev eth0")] {
        let route = pod.run { Sandbox.run("ip", "route", "get", target) }
        if !route.contains(output) { Issue.record("\(route)") }
      }
      Sandbox.expectEqual(try update(all), false)
      Sandbox.expectEqual(try update(["10.2.1.0/24"]), true)
      if listed().contains("10.2.0.0") || !listed().contains("10.2.1.0/24") { Issue.record("\(listed())") }
      // Without a gateway of the family there is no way.
      Sandbox.expectEqual(try update(["10.2.1.0/24", "fd00:2::/64"], gateways: ["10.1.0.1"]), false)
      Sandbox.expectEqual(try update([]), true)
      Sandbox.expectEqual(listed(), before)
    }
  }

  /// ADD makes the same routes, but for the families whose default route is there.
  @Test(arguments: [[], ["10.1.0.1"], ["10.1.0.1", "fd00:1::1"]]) func atAttachment(_ defaults: [String]) async {
    await #expect(processExitsWith: .success) { [defaults = defaults as [String]] in
      let node = try TransitNode([1])
      let port = node.members[1]!.pod.port
      let other = try node.attach(
        Port(
          name: "net1", hostName: "vmi0000000000a", mac: MACAddress("02:00:00:00:00:0a")!,
          hostMAC: MACAddress("06:00:00:00:00:0a")!, mtu: 1500, group: 7, alias: "",
          addresses: [InterfaceAddress("10.1.0.10/24")!, InterfaceAddress("fd00:1::10/64")!],
          gateways: defaults.map { IPAddress($0)! }, routers: port.routers,
          imported: ["10.2.0.0/24", "10.2.1.0/24", "fd00:2::/64"].map(prefix)), to: 1)
      let routes = Sandbox.inside(other.path) { Sandbox.run("sh", "-c", "ip route; ip -6 route") }
      Sandbox.expectEqual(routes.contains("10.2.0.0/23 via 10.1.0.1 dev net1 proto 196"), defaults.isEmpty)
      Sandbox.expectEqual(routes.contains("fd00:2::/64 via fd00:1::1 dev net1 proto 196"), defaults.count < 2)
    }
  }
}
