import Glibc
import JSON
import Testing

/// What killed calls and lost files leave is taken away by those who come later, and nothing that somebody still needs.
@Suite struct LeftoverTests {
  @Test("GC removes the lock files of what nothing is recorded of, and no other")
  func lockFiles() throws {
    try withLab { node in
      let pod = try node.makePod()
      try node.add(pod, node.configuration(networks: "a"))
      let before = try node.locks()
      for name in ["container-dead", "transit", "uplinks", "pairs-lab.a", "instance-lab.gone"] {
        try writeFile("\(node.runDirectory)/locks/\(name)", "process 4711")
      }
      let valid: JSONValue = [["containerID": .string(pod.container), "ifname": "eth0"]]
      let configuration = node.configuration().settingMember("cni.dev/valid-attachments", valid)
      expectSilentSuccess(try node.run("GC", nil, configuration))
      #expect(try node.locks() == before)
      try node.delete(pod)
    }
  }

  @Test("An uplink that goes while others stay leaves nothing in the node's rules")
  func uplink() throws {
    try withNode { node in
      try node.apply(labNamespace)
      for number in 1...2 {
        try node.apply(
          definition("s\(number)", ["ipamV4Subnet": .string("172.16.\(number).0/24"), "fabricSNAT": true]))
      }
      let pods = [try node.makePod(), try node.makePod()]
      try node.add(pods[0], node.configuration(networks: "s1"))
      let before = try Snapshot(of: node.namespace)
      try node.add(pods[1], node.configuration(networks: "s2"))
      try node.delete(pods[1])
      expectEqual(try Snapshot(of: node.namespace), before, "after the second one's DEL")
      try node.delete(pods[0])
    }
  }

  @Test("A lost store: the transit stays while networks of which nothing is recorded have pods")
  func forgottenTransit() throws {
    try withNode { node in
      try node.apply(labNamespace)
      for number in 1...2 {
        try node.apply(
          definition(
            "n\(number)", ["ipamV4Subnet": .string("172.16.\(number).0/24"), "routeTargetList": ["target:1:1"]]))
      }
      let pods = [try node.makePod(), try node.makePod()]
      for (pod, name) in zip(pods, ["n1", "n2"]) { try node.add(pod, node.configuration(networks: name)) }
      try Shell.run(["sh", "-c", "rm \(node.runDirectory)/attachments.db*"])
      try node.delete(try node.makePod())
      #expect(try node.ping(from: pods[0].namespace, "172.16.2.2"))
      for pod in pods { try node.delete(pod) }
      #expect(try node.pins() == [] && node.locks() == [])
    }
  }

  @Test("A network's pools go with its definition or, where a pod has an address, with the next change; others stay")
  func pools() throws {
    try withNode { node in
      let red = definition("red", ["ipamV4Subnet": "172.16.1.0/24", "ipamV6Subnet": "fd00:1::/64"])
      try node.apply(labNamespace, red, definition("blue", ["ipamV4Subnet": "172.16.2.0/24"]))
      func numbers(_ pod: Pod) throws -> [String] {
        try node.add(pod, node.configuration(networks: "red,blue"))
        return try Store(node).lastOctets()
      }
      func expectPools(_ expected: [String], _ comment: Comment) throws {
        let pools = try Store(node).pools()
        #expect(pools.filter { $0.hasPrefix("lab/") } == expected, comment)
        #expect(pools.count == expected.count + 2, "the pod network's: \(pools)")
      }
      let (red4, both) = (["lab/red-v4", "lab/red-v6"], ["lab/blue-v4", "lab/red-v4", "lab/red-v6"])
      let pod = try node.makePod()
      #expect(try numbers(pod) == ["02", "02", "02", "02", "02"])
      try node.delete(pod)
      try expectPools(both, "after the last pod")
      #expect(try node.contrailctl("delete", "net-attach-def", "blue", "-n", "lab").succeeded)
      try expectPools(red4, "blue is deleted, of which nobody has an address")
      try node.apply(definition("blue", ["ipamV4Subnet": "172.16.2.0/24"]))
      #expect(try numbers(pod) == ["02", "03", "03", "03", "03"], "what red and the pod network gave out rests")
      #expect(try node.contrailctl("delete", "net-attach-def", "red", "-n", "lab").succeeded)
      try expectPools(both, "red is deleted, but a pod has its addresses")
      try node.delete(pod)
      try node.apply(labNamespace)
      try expectPools(["lab/blue-v4"], "after the next change")
      expectSilentSuccess(try node.run("GC", nil, node.configuration().settingMember("cni.dev/valid-attachments", [])))
      #expect(try node.contrailctl("doctor").succeeded)
    }
  }

  @Test("The directory of the lock files is lost under running pods: every command makes it anew")
  func lostLocks() throws {
    try withLab { node in
      let pod = try node.makePod()
      try node.add(pod, node.configuration(networks: "a"))
      for arguments in [["doctor", "--fix"], ["apply", "-f", "-"]] {
        try Shell.run(["rm", "-r", "\(node.runDirectory)/locks"])
        let outcome = try node.contrailctl(arguments: arguments, input: labNamespace.text())
        #expect(outcome.succeeded, "\(arguments): \(outcome)")
      }
      try node.delete(pod)
    }
  }
}
