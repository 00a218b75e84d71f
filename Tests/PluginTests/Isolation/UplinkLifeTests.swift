import Glibc
import JSON
import Testing

/// Uplinks come and go with the pods that need them, are mended by the next ADD, and outlive a change of definitions.
@Suite struct UplinkLifeTests {
  private func withTenant(_ body: (Node) throws -> Void) throws {
    try withNode { node in
      try node.apply(labNamespace, Reachability.isolated("tenant"))
      let pod = try node.makePod(in: "tenant")
      try node.add(pod)
      try node.delete(pod)
      node.destroy(pod)
      try body(node)
    }
  }

  private func uplinks(_ node: Node) throws -> [String] { try node.namespace.linkNames().filter { $0.hasPrefix("ct") } }

  @Test("ADD, CHECK and DEL of two isolated pods leave nothing")
  func leavesNothing() throws {
    try withTenant { node in
      try expectUnchanged(node) {
        let pods = [try node.makePod(in: "tenant"), try node.makePod(in: "tenant")]
        for pod in pods { expectSilentSuccess(try node.check(pod, try node.add(pod))) }
        #expect(try uplinks(node) == ["ctsvc5"])
        for pod in pods {
          try node.delete(pod)
          node.destroy(pod)
        }
      }
      #expect(try uplinks(node).isEmpty && node.locks().isEmpty)
    }
  }

  static let damages = [
    "ip link del ctsvc5", "ip link set ctsvc5 down", "ip route flush proto 196; ip -6 route flush proto 196",
    "ip addr flush dev ctsvc5",
  ]

  @Test("What is lost on the node is found by CHECK, and the next ADD in the network mends it", arguments: damages)
  func mended(_ damage: String) throws {
    try withTenant { node in
      let pod = try node.makePod(in: "tenant")
      let result = try node.add(pod)
      try expectReached(result, node)
      try Shell.run(["sh", "-c", damage], in: node.namespace)
      expectError(102, try node.check(pod, result))
      try expectReached(try node.add(try node.makePod(in: "tenant")), node)
      // Where only its own routes were missing, nobody knew.
      if !damage.hasPrefix("ip route") { expectSilentSuccess(try node.check(pod, result)) }
      for pod in node.pods { try node.delete(pod) }
      let left = try uplinks(node)
      #expect(left.isEmpty)
    }
  }

  private func expectReached(_ result: JSONValue, _ node: Node) throws {
    for address in [result.ipv4, result.ipv6] {
      let isReached = try node.ping(from: node.namespace, address)
      #expect(isReached, "\(address)")
    }
  }

  @Test("A killed ADD of the first isolated pod: DEL leads to the baseline")
  func killed() throws {
    try withTenant { node in
      let pod = try node.makePod(in: "tenant")
      let input = Child.Input.text(node.configuration().text())
      let before = try Snapshot(of: node)
      let points = try KillPoint.all(of: node.environment("ADD", pod), input, on: node)
      try node.delete(pod)
      for (index, point) in points.enumerated() where index % 3 == 0 {
        _ = try point.run(node.environment("ADD", pod), input, on: node)
        try node.delete(pod)
        expectEqual(try Snapshot(of: node), before, "killed before \(point)")
        #expect(try node.pins().isEmpty && uplinks(node).isEmpty, "killed before \(point)")
      }
    }
  }

  @Test("Isolation switched on and off: what runs stays where it is, new pods are where the namespace says")
  func switched() throws {
    try withNode { node in
      func apply(_ isIsolated: Bool) throws {
        try node.apply(
          isIsolated
            ? Reachability.isolated("tenant")
            : ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "tenant"]])
      }
      try node.apply(labNamespace)
      let neighbour = try node.makePod()
      try node.add(neighbour)
      try apply(false)
      let shared = try node.makePod(in: "tenant")
      let sharedResult = try node.add(shared)
      try apply(true)
      let isolated = [try node.makePod(in: "tenant"), try node.makePod(in: "tenant")]
      let results = try isolated.map { try node.add($0) }
      // Before and after it is switched off again.
      for isOn in [true, false] {
        try apply(isOn)
        #expect(try node.ping(from: neighbour.namespace, sharedResult.ipv4), "\(isOn)")
        #expect(try node.ping(from: isolated[0].namespace, results[1].ipv6), "\(isOn)")
        #expect(try !node.ping(from: neighbour.namespace, results[0].ipv4, seconds: 2), "\(isOn)")
        #expect(try !node.ping(from: isolated[0].namespace, sharedResult.ipv4, seconds: 2), "\(isOn)")
        #expect(try node.ping(from: node.namespace, results[0].ipv4), "\(isOn)")
        for (pod, result) in zip(isolated, results) { expectSilentSuccess(try node.check(pod, result)) }
      }
      let later = try node.makePod(in: "tenant")
      #expect(try node.ping(from: neighbour.namespace, try node.add(later).ipv4))
      for pod in isolated { try node.delete(pod) }
      #expect(try node.pins().isEmpty && uplinks(node).isEmpty)
    }
  }
}
