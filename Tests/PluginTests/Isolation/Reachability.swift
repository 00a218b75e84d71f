import JSON
import Testing

/// A node with everything that the contract's table of reachability names, and services in front of it.
///
/// Isolated namespaces: `tenant` with two pods, `other`, and `way-out`, whose pods reach the outside.
final class Reachability {
  let node: Node
  let outside: Outside
  private(set) var stations: [String: Station] = [:]
  private(set) var pods: [String: Pod] = [:]
  private(set) var results: [String: JSONValue] = [:]

  static let services: [(name: String, number: Int, station: String)] = [
    ("shared service", 10, "shared-2"), ("tenant's service", 20, "tenant-2"),
    ("tenant's own pod as a service", 21, "tenant-1"),
    ("other's service", 30, "other"), ("API service", 1, "node"), ("service outside", 2, "outside"),
  ]

  init(_ node: Node, _ mode: KubeProxy.Mode) throws {
    self.node = node
    outside = try Outside(of: node)
    try outside.addRoutesToPods()
    for (family, network, router) in [
      ("-4", "172.16.0.0/12", Outside.node4), ("-4", "100.64.0.0/16", Outside.node4),
      ("-6", "fd00::/16", Outside.node6),
    ] { try Shell.run(["ip", family, "route", "add", network, "via", router], in: outside.namespace) }
    try node.apply(labNamespace, Self.namespace("lab-2"))
    for name in ["tenant", "other"] { try node.apply(Self.isolated(name)) }
    let annotations: JSONValue = ["opencontrail.org/isolation": "True", "opencontrail.org/ip_fabric_snat": "true"]
    try node.apply(Self.namespace("way-out").setting("metadata.annotations", annotations))
    let pair: JSONValue = ["ipamV4Subnet": "172.16.10.0/24", "ipamV6Subnet": "fd00:a::/64"]
    try node.apply(definition("user", pair))
    let custom: JSONValue = ["ipamV4Subnet": "172.16.20.0/24", "ipamV6Subnet": "fd00:20::/64", "podNetwork": true]
    try node.apply(definition("custom", custom))
    for (name, project) in [
      ("shared-1", "lab"), ("shared-2", "lab-2"), ("tenant-1", "tenant"), ("tenant-2", "tenant"), ("other", "other"),
      ("way-out", "way-out"),
    ] { try attach(name, in: project) }
    for name in ["custom-1", "custom-2"] {
      try attach(name, in: "lab", ["net.juniper.contrail.podnetwork": "lab/custom"])
    }
    stations["node"] = try Station(node.namespace, addresses: [Outside.node4, Outside.node6], counting: nil)
    stations["outside"] = try Station(
      outside.namespace, addresses: [Outside.ipv4, Outside.ipv6], counting: "out0")
    for name in ["user-1", "user-2"] { try attachUser(name, in: name == "user-1" ? "lab" : "lab-2") }
    try KubeProxy(
      mode: mode,
      services: Self.services.flatMap { service in
        zip([4, 6], stations[service.station]!.addresses).map {
          KubeProxy.Service(address: Self.serviceAddress(service.number, $0), backend: $1)
        }
      }
    ).install(on: node)
    try node.settle()
  }

  private static func namespace(_ name: String) -> JSONValue {
    ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]
  }

  static func isolated(_ name: String) -> JSONValue {
    namespace(name).setting("metadata.labels", ["core.juniper.net/isolated-namespace": "true"])
  }

  private static func serviceAddress(_ number: Int, _ family: Int) -> String {
    family == 4 ? "10.96.0.\(number)" : "fd00:10:96::\(number)"
  }

  private func attach(_ name: String, in project: String, _ annotations: JSONValue = [:]) throws {
    let pod = try node.makePod(in: project)
    let result = try node.add(pod, node.configuration(annotations: annotations))
    pods[name] = pod
    results[name] = result
    stations[name] = try Station(pod.namespace, addresses: [result.ipv4, result.ipv6])
  }

  /// A pod of which only the interface in the user's network counts here.
  private func attachUser(_ name: String, in project: String) throws {
    let pod = try node.makePod(in: project)
    let result = try node.add(pod, node.configuration(networks: "lab/user"))
    let addresses = try #require(result.status("eth1"))["ips"]!.strings
    pods[name] = pod
    stations[name] = try Station(pod.namespace, addresses: addresses, counting: "eth1")
  }

  // MARK: Cells

  /// Who is asked: a station by its own addresses, or a service in front of it.
  func addresses(of target: String) -> [String] {
    guard let service = Self.services.first(where: { $0.name == target }) else { return stations[target]!.addresses }
    return [4, 6].map { Self.serviceAddress(service.number, $0) }
  }

  func station(behind target: String) -> String {
    Self.services.first { $0.name == target }?.station ?? target
  }

  /// Tries everything from one to the other.
  ///
  /// - Parameters:
  ///   - wait: for answers, in seconds.
  ///   - kinds: the answers to wait for, in the order of what is returned.
  /// - Returns: what was answered and what arrived there: pings, TCP, UDP over IPv4, then the same over IPv6.
  func attempt(
    _ from: String, _ addresses: [String], at target: String, wait: Double = 0.12,
    for kinds: [Bool] = [Bool](repeating: true, count: 6)
  ) throws -> (answered: [Bool], arrived: [Bool]) {
    let station = stations[target]!
    let before = try station.arrivals()
    let attempts = try addresses.flatMap { address in
      try Attempt.Kind.allCases.map { try Attempt($0, from: stations[from]!.namespace, to: address) }
    }
    let end = Monotonic.now() + wait
    while Monotonic.now() < end, !zip(attempts, kinds).allSatisfy({ $0.isAnswered || !$1 }) {
      station.answer()
      for attempt in attempts { attempt.look() }
      Monotonic.sleep(0.002)
    }
    return (attempts.map(\.isAnswered), zip(try station.arrivals(), before).map { $0 > $1 })
  }

  /// A cell of the table.
  func expect(
    _ from: String, _ to: String, _ isReached: Bool, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let isService = Self.services.contains { $0.name == to }
    // Nobody translates a ping to a service.
    let kinds = (0..<6).map { !isService || $0 % 3 != 0 }
    let target = station(behind: to)
    let found = try attempt(from, addresses(of: to), at: target, wait: isReached ? 20 : 0.12, for: kinds)
    let comment: Comment = "\(from) → \(to): answered \(found.answered), arrived \(found.arrived)"
    #expect(zip(found.answered, kinds).allSatisfy { !$1 || $0 == isReached }, comment, sourceLocation: sourceLocation)
    #expect(zip(found.arrived, kinds).allSatisfy { !$1 || $0 == isReached }, comment, sourceLocation: sourceLocation)
  }

  /// Whether TCP or UDP gets there, or even back. Pings that went through before are known to the kernel.
  func passes(_ from: String, _ to: String, andBack: Bool, within seconds: Double) throws -> Bool {
    try Monotonic.wait(atMost: seconds) {
      let found = try attempt(from, addresses(of: to), at: station(behind: to), wait: 0.4)
      let flags = andBack ? found.answered : found.arrived
      return (0..<6).contains { $0 % 3 != 0 && flags[$0] }
    }
  }
}
