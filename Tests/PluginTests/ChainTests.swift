import JSON
import Testing

/// Our plugin at the head of a chain with the reference plugins of Debian, run by cnitool.
@Suite struct ChainTests {
  static let portmap: JSONValue = ["type": "portmap", "capabilities": ["portMappings": true], "snat": true]
  static let tuning: JSONValue = ["type": "tuning", "sysctl": ["net.ipv4.conf.eth0.arp_filter": "1"], "mtu": 1400]
  static let firewall: JSONValue = ["type": "firewall", "backend": "iptables"]
  static let bandwidth: JSONValue = [
    "type": "bandwidth", "ingressRate": 100_000_000, "ingressBurst": 10_000_000,
    "egressRate": 100_000_000, "egressBurst": 10_000_000,
  ]

  @Test(
    "ADD, CHECK, DEL in a chain",
    arguments: [
      ("portmap", [portmap]), ("tuning", [tuning]), ("firewall", [firewall]), ("bandwidth", [bandwidth]),
      ("all four", [tuning, firewall, bandwidth, portmap]),
    ])
  func chain(_ title: String, _ others: [JSONValue]) throws {
    try withNode { node in
      let pod = try node.makePod()
      let tool = try Cnitool(node, pod, contrail: node.contrail, followedBy: others)
      let mappings: JSONValue = ["portMappings": [["hostPort": 18080, "containerPort": 8080, "protocol": "tcp"]]]
      let result = try tool.add(capabilities: mappings)
      #expect(result.addresses == ["10.32.0.2/12", "fd00:10:32::2/64"], "\(title)")
      #expect(try node.ping(from: node.namespace, result.ipv4))
      let check = try tool.run("check", capabilities: mappings)
      // portmap 1.1.1 looks for the rules of each family in both: its CHECK fails on every node that has ip6tables. It
      // is the last of its chain, so the others passed.
      let failedInPortmap = others.last == Self.portmap && check.standardError.hasPrefix("could not check ipv6 dnat")
      #expect(check.succeeded || failedInPortmap, "\(title): \(check)")
      let deletion = try tool.run("del", capabilities: mappings)
      #expect(deletion.succeeded, "\(title): \(deletion)")
      #expect(try node.hostEnds().isEmpty && !node.namespace.linkNames().contains(Node.bridge))
      #expect(try pod.namespace.linkNames() == ["lo"])
    }
  }

  @Test("portmap leads to the pod, from the outside too")
  func portMapping() throws {
    try withNode { node in
      let outside = try Outside(of: node)
      let pod = try node.makePod()
      let tool = try Cnitool(node, pod, contrail: node.contrail, followedBy: [Self.portmap])
      let mappings: JSONValue = ["portMappings": [["hostPort": 18080, "containerPort": 8080, "protocol": "udp"]]]
      _ = try tool.add(capabilities: mappings)
      let server = try DatagramSocket(in: pod.namespace, port: 8080)
      try node.settle()
      try DatagramSocket(in: outside.namespace, family: .v4).send("hello", to: Outside.node4, port: 18080)
      #expect(server.receive() == "hello")
      _ = try tool.run("del", capabilities: mappings)
    }
  }

  /// Accept in our table cannot override another's drop: all the plugin can do is to name the chain.
  @Test(
    "A node whose FORWARD policy is DROP: the log names the chain, and `firewall` in the chain cures it",
    arguments: [false, true])
  func forwardDrop(_ withFirewall: Bool) throws {
    try withNode { node in
      _ = try Outside(of: node)
      let pod = try node.makePod()
      for tool in ["iptables", "ip6tables"] { try Shell.run([tool, "-P", "FORWARD", "DROP"], in: node.namespace) }
      let contrail = node.contrail.setting("pod-network.fabricSNAT", true)
      let tool = try Cnitool(node, pod, contrail: contrail, followedBy: withFirewall ? [Self.firewall] : [])
      _ = try tool.add()
      for chain in ["ip filter FORWARD", "ip6 filter FORWARD"] {
        #expect(node.log.contains(chain), "the ADD's log: \(node.log)")
      }
      for address in [Outside.ipv4, Outside.ipv6] {
        #expect(
          try node.ping(from: pod.namespace, address, seconds: withFirewall ? 10 : 2) == withFirewall, "\(address)")
      }

      try writeFile(node.logFile, "")
      expectSilentSuccess(try node.run("STATUS", nil, node.configuration().setting("contrail", contrail)))
      // What leads to the chain of the firewall plugin is cured.
      #expect(node.log.contains("ip filter FORWARD") == !withFirewall, "STATUS's log: \(node.log)")
      #expect(try tool.run("del").succeeded)
    }
  }

  @Test("No chain is blamed where none blocks")
  func nothingBlocks() throws {
    try withNode { node in
      let pod = try node.makePod()
      for tool in ["iptables", "ip6tables"] { try Shell.run([tool, "-P", "FORWARD", "ACCEPT"], in: node.namespace) }
      try node.add(pod)
      #expect(!node.log.contains("FORWARD"), "\(node.log)")
    }
  }
}
