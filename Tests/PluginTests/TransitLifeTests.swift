import JSON
import Testing

/// The transit is there while instances are connected, is made anew when it was lost, and stands in nobody's way: a DEL
/// never fails because of it.
@Suite struct TransitLifeTests {
  private func withPair(_ body: (Node, [Pod]) throws -> Void) throws {
    try withNode { node in
      let networks = (1...2).map { number in
        definition("n\(number)", ["ipamV4Subnet": .string("172.16.\(number).0/24"), "routeTargetList": ["target:1:1"]])
      }
      try node.apply(labNamespace, networks[0], networks[1])
      let pods = [try node.makePod(), try node.makePod()]
      for (pod, name) in zip(pods, ["n1", "n2"]) { try node.add(pod, node.configuration(networks: name)) }
      #expect(try node.ping(from: pods[0].namespace, "172.16.2.2"))
      try body(node, pods)
    }
  }

  private func lose(_ node: Node) throws {
    try Shell.run(["umount", "\(node.runDirectory)/netns/transit"])
  }

  private func names(_ node: Node) throws -> [String] {
    try Shell.run(["sh", "-c", "ls \(node.runDirectory)/netns \(node.runDirectory)/locks | grep -v :"]).lines.filter {
      !$0.isEmpty && $0 != "store"
    }
  }

  @Test("A transit whose pin is gone: DEL removes pods and all that is left")
  func lostBeforeDelete() throws {
    try withPair { node, pods in
      try lose(node)
      for pod in pods { try node.delete(pod) }
      #expect(try names(node) == [])
    }
  }

  @Test(
    "A transit whose pin is gone is made anew when something is connected, for all that were", arguments: [true, false])
  func lostAndMade(_ byAdd: Bool) throws {
    try withPair { node, pods in
      try lose(node)
      if byAdd {
        try node.apply(definition("n3", ["ipamV4Subnet": "172.16.3.0/24", "routeTargetList": ["target:1:1"]]))
        let third = try node.makePod()
        try node.add(third, node.configuration(networks: "n3"))
        #expect(try node.ping(from: third.namespace, "172.16.2.2"))
        try node.delete(third)
      } else {
        #expect(try node.contrailctl("doctor", "--fix").succeeded)
      }
      #expect(try node.ping(from: pods[0].namespace, "172.16.2.2"))
      for pod in pods { try node.delete(pod) }
      #expect(try names(node) == [])
    }
  }

  @Test("The last pods of connected networks go at the same time: nothing is left")
  func together() throws {
    try withPair { node, pods in
      var all = pods
      for number in 0..<14 {
        let pod = try node.makePod()
        try node.add(pod, node.configuration(networks: number % 2 == 0 ? "n1" : "n2"))
        all.append(pod)
      }
      let configuration = node.configuration()
      let children = try all.map { pod in
        try node.start(node.environment("DEL", pod), .text(configuration.text()))
      }
      for child in children { expectSilentSuccess(child.finish()) }
      #expect(try names(node) == [])
      #expect(try node.hostEnds().isEmpty)
      #expect(try !node.namespace.linkNames().contains(Node.bridge))
    }
  }

  /// Whoever is killed in the middle of connecting or parting networks leaves them to the next one, who sees that they
  /// are neither the one nor the other.
  @Test("contrailctl killed at any exchange with the kernel, connecting or parting: the next apply connects")
  func killed() throws {
    try withPair { node, pods in
      let file = "\(node.directory)/network.json"
      func network(_ target: String) -> JSONValue {
        definition("n2", ["ipamV4Subnet": "172.16.2.0/24", "routeTargetList": [.string(target)]])
      }
      for isParting in [true, false] {
        for number in stride(from: 1, through: 13, by: isParting ? 1 : 2) {
          try node.apply(network(isParting ? "target:1:1" : "target:1:2"))
          try writeFile(file, network(isParting ? "target:1:2" : "target:1:1").text())
          _ = try Shell.attempt(
            [
              "strace", "-f", "-o", "/dev/null", "-e", "trace=sendto",
              "-e", "inject=sendto:signal=KILL:when=\(number)", Programs.contrailctl(), "apply", "-f", file,
              "--conf", "\(node.directory)/conf.json",
            ], in: node.namespace)
          try node.apply(network("target:1:1"))
          #expect(
            try node.ping(from: pods[0].namespace, "172.16.2.2"), "killed at \(number), parting: \(isParting)")
        }
      }
      for pod in pods { try node.delete(pod) }
      #expect(try names(node) == [])
    }
  }
}
