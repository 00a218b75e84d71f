import CLinux
import Dataplane
import Glibc
import KernelSandbox
import LinuxSystem
import NetworkAddresses
import Testing

/// A node in the exit test's process: its own network namespace and mounts, and the pods' namespaces.
final class DataplaneNode {
  let kernel: NodeKernel
  private(set) var pods: [DataplanePod] = []

  init() throws {
    Sandbox.enterNode()
    kernel = try NodeKernel()
  }

  static func instance(
    mtu: UInt32 = 1500, fabricSNAT: Bool = false, placement: RoutingInstance.Placement = .node
  ) -> RoutingInstance {
    RoutingInstance(
      name: "ns/net", placement: placement, mtu: mtu,
      subnets: [
        RoutingInstance.Subnet(prefix: prefix("10.32.0.0/24"), gateway: IPAddress("10.32.0.1")!),
        RoutingInstance.Subnet(prefix: prefix("fd00:32::/64"), gateway: IPAddress("fd00:32::1")!),
      ], fabricSNAT: fabricSNAT,
      internalNetworks: [prefix("10.32.0.0/24"), prefix("10.96.0.0/12"), prefix("fd00:32::/64")],
      linkLocalServices: [IPv4Address("169.254.20.10")!])
  }

  /// Makes a pod's namespace and says which port it is to have.
  func makePod(_ number: UInt8, before: () -> Void = {}) throws -> DataplanePod {
    let descriptor = Sandbox.makeNetwork(before)
    let gateways = [IPAddress("10.32.0.1")!, IPAddress("fd00:32::1")!]
    let pod = DataplanePod(
      descriptor: descriptor, namespace: try kernel.namespace(at: "/proc/self/fd/\(descriptor)"),
      port: Port(
        name: "eth0", hostName: "vmi0000000000\(number)", mac: MACAddress(rawValue: 0x0200_0000_0000 | UInt64(number)),
        hostMAC: MACAddress(rawValue: 0x0600_0000_0000 | UInt64(number)), mtu: 1500, group: 0x1000 + UInt32(number),
        alias: "container\(number)/eth0/uid\(number)",
        addresses: [InterfaceAddress("10.32.0.\(number)/24")!, InterfaceAddress("fd00:32::\(number)/64")!],
        gateways: gateways, routers: gateways))
    pods.append(pod)
    return pod
  }

  func attach(_ pod: DataplanePod, to instance: PlacedInstance) throws(DataplaneError) {
    try kernel.attach([PlacedPort(pod.port, in: instance)], in: pod.namespace)
  }

  func detach(_ pod: DataplanePod, from instance: PlacedInstance) throws(DataplaneError) {
    try kernel.detach([PlacedPort(pod.port, in: instance)], group: pod.port.group, pod: pod.namespace)
  }

  /// Everything of the node and its pods, without what changes by itself.
  func dump() throws -> String {
    var lines = observe("node") + lines(Sandbox.run("nft", "list", "ruleset"))
    lines += self.lines(Sandbox.run("bridge", "-d", "link", "show")) + self.lines(Sandbox.run("bridge", "fdb", "show"))
    for pod in pods { lines += pod.run { observe("pod \(pod.port.hostName)") } }
    return lines.joined(separator: "\n")
  }

  private func observe(_ place: String) -> [String] {
    let commands = "link show\naddr show\nneigh show\nroute show table all\n"
    return lines(Sandbox.run("ip", "-d", "-o", "-batch", "-", input: commands))
      + lines(Sandbox.run("ip", "-6", "-batch", "-", input: "route show table all\n"))
  }

  private func lines(_ text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      var words = line.split(separator: " ").map(String.init)
      words.removeAll { ["REACHABLE", "STALE", "DELAY", "PROBE", "linkdown"].contains($0) }
      for key in ["state", "packets", "bytes", "gc_timer", "hello_timer", "tcn_timer", "topology_change_timer"] {
        while let index = words.firstIndex(of: key), index + 1 < words.count { words.removeSubrange(index...index + 1) }
      }
      if words.contains("FAILED") || words.contains("INCOMPLETE") { return nil }
      // Learned, and forgotten, by itself; and addresses that nobody asked for.
      if words.contains("lladdr") && !words.contains("PERMANENT") || words.first == "anycast" { return nil }
      return words.map { $0.hasPrefix("<") ? $0.replacing(",LOWER_UP").replacing("NO-CARRIER,") : $0 }
        .joined(separator: " ")
    }.sorted()
  }

  /// Waits for what the kernel does a moment later: routes and memberships of a link that has its carrier.
  func expectDump(_ expected: String, _ comment: String = "") throws {
    var now = try dump()
    for _ in 0..<200 where now != expected {
      usleep(100_000)
      now = try dump()
    }
    if now == expected { return }
    let (old, new) = (Set(expected.split(separator: "\n")), Set(now.split(separator: "\n")))
    let difference = old.subtracting(new).map { "- \($0)" } + new.subtracting(old).map { "+ \($0)" }
    Issue.record("\(comment):\n\(difference.joined(separator: "\n"))")
  }

  /// Whether everybody reaches everybody.
  func expectTraffic(_ comment: String) throws {
    for pod in pods {
      let others = pods.filter { $0.port != pod.port }.flatMap(\.port.addresses).map(\.address)
      for target in pod.port.routers + others {
        let text = pod.run { Sandbox.ping(target) }
        if text.contains(" 0% packet loss") { continue }
        let state =
          try dump() + Sandbox.run("sh", "-c", "ip neigh; ip -6 route show table local")
          + pod.run { Sandbox.run("ip", "neigh") }
        Issue.record("\(comment): \(pod.port.hostName) to \(target):\n\(text)\n\(state)")
      }
    }
  }
}

struct DataplanePod {
  let descriptor: Int32
  let namespace: KernelNamespace
  let port: Port

  func run<Result>(_ body: () -> Result) -> Result { Sandbox.inside(descriptor, body) }
}

extension Sandbox {
  /// A bridge that is new takes part only when the kernel has noticed its carrier: some later packet has to arrive.
  static func ping(_ address: IPAddress) -> String {
    run("sh", "-c", "for i in 1 2 3 4 5 6; do ping -n -q -c 1 -W 1 \(address) && break; done; true")
  }
}

func prefix(_ text: String) -> IPPrefix {
  let parts = text.split(separator: "/")
  return IPPrefix(containing: IPAddress(String(parts[0]))!, length: Int(parts[1])!)
}

extension String {
  fileprivate func replacing(_ part: String) -> String {
    var rest = self[...]
    var result = ""
    while let range = rest.firstRange(of: part) {
      result += rest[..<range.lowerBound]
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
