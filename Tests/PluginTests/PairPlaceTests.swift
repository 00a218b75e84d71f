import Glibc
import JSON
import Testing

/// Allowed address pairs in networks of other kinds: the default one, where pods share no segment and the node reaches them
/// too, and one of forwarding mode `l3`; and for the interfaces that a meta-plugin asks for.
@Suite struct PairPlaceTests {
  private static let key = "net.juniper.contrail.allowedAddressPairs"

  /// Two pods of the default network share an address: VRRP is heard between them, and a third pod and the node reach the
  /// master, wherever it is.
  @Test(
    "In the default network a virtual address is where its master is",
    arguments: ["10.32.99.9", "192.168.99.9", "fd00:10:32::99", "fd00:99::9"], [false, true])
  func defaultNetwork(address: String, usesRouterMAC: Bool) throws {
    try withNode { node in
      let mac = address.contains(":") ? "00:00:5e:00:02:33" : "00:00:5e:00:01:33"
      let pair = usesRouterMAC ? #"{"ip":"\#(address)","mac":"\#(mac)"}"# : #"{"ip":"\#(address)"}"#
      let configuration = node.configuration(annotations: [
        "net.juniper.contrail.podnetwork.cni-args": .string(#"{"\#(Self.key)":[\#(pair)]}"#)
      ])
      let client = try node.makePod()
      try node.add(client)
      let routers = [try node.makePod(), try node.makePod()]
      let daemons = try zip(routers, [200, 100]).map { pod, priority in
        try node.add(pod, configuration)
        return try Keepalived(
          in: pod, of: node, priority: priority, addresses: [address], usesRouterMAC: usesRouterMAC, interface: "eth0")
      }
      func expectReached(_ comment: String) throws {
        for (name, place) in [("pod", client.namespace), ("node", node.namespace)] {
          #expect(try Prober(namespace: place).reaches(address), "\(comment): the \(name) does not reach \(address)")
        }
      }
      try expectReached("from the start")
      #expect(try Monotonic.wait { try daemons[0].holds(address) })
      daemons[0].stop(SIGTERM)
      try expectReached("after a stop")
      #expect(try Monotonic.wait { try daemons[1].holds(address) && !daemons[0].holds(address) })
      for pod in routers { try node.delete(pod, configuration) }
      #expect(try !Prober(namespace: client.namespace).answers(address, within: 0.3))
      #expect(try !Shell.run(["ip", "route", "show", "table", "all"], in: node.namespace).contains(address))
    }
  }

  /// Where only the gateway forwards, it finds the pod that has the address by asking; one that several have is spread. In
  /// either case a pod without the pair is not reached.
  @Test("In a network of mode l3", arguments: ["active-standby", "active-active"])
  func routed(mode: String) throws {
    try withNode { node in
      try node.apply(
        labNamespace,
        definition(
          "a",
          [
            "ipamV4Subnet": "172.16.5.0/24", "ipamV6Subnet": "fd00:5::/64",
            "virtualNetworkProperties": ["forwardingMode": "l3", "rpf": "enable"],
          ]))
      let addresses = ["172.16.5.77", "10.77.0.7", "fd00:5::77", "fd00:77::7"]
      let pairs = addresses.map { #"{"ip":"\#($0)","addressMode":"\#(mode)"}"# }.joined(separator: ",")
      let client = try VirtualRouterTests.add(node, "a")
      let pods = [try VirtualRouterTests.add(node, selection("[\(pairs)]")), try VirtualRouterTests.add(node, "a")]
      let prober = Prober(namespace: client.namespace)
      for (pod, isReached) in zip(pods, [true, false]) {
        for address in addresses {
          let width = address.contains(":") ? ["128", "nodad"] : ["32"]
          try Shell.run(
            ["ip", "addr", "add", "\(address)/\(width[0])", "dev", "eth1"] + width.dropFirst(), in: pod.namespace)
        }
        try node.settleAddresses()
        for address in addresses {
          #expect(try isReached ? prober.reaches(address) : !prober.answers(address, within: 0.3), "\(address)")
        }
        try node.delete(pod, node.configuration(networks: "a"))
      }
    }
  }

  /// A meta-plugin passes a selection's `cni-args` on as `args.cni`; nothing of it is dropped silently.
  @Test("What a meta-plugin passes on counts for the interface that it asks for")
  func delegated() throws {
    try withLab { node in
      func configuration(_ arguments: JSONValue) -> JSONValue {
        node.configuration(name: "a").setting("args", ["cni": arguments])
      }
      let pod = try node.makePod()
      try node.add(pod)
      var second = pod
      second.interface = "net1"
      let client = try VirtualRouterTests.add(node, "a")
      try node.settleAddresses()
      try expectUnchanged(node) {
        let bad = try node.run("ADD", second, configuration([Self.key: [["ip": "10.0.0.0/16"]]]))
        expectError(7, naming: ["args.cni.\(Self.key)[0].ip", "10.0.0.0/16"], bad)
        let gateway = try node.run("ADD", second, configuration([Self.key: [["ip": "172.16.10.1"]]]))
        expectError(7, naming: ["args.cni", "172.16.10.1"], gateway)
        let misspelt = try node.run("ADD", second, configuration(["net.juniper.contrail.allowedAddressPair": []]))
        expectError(7, naming: ["args.cni.net.juniper.contrail.allowedAddressPair"], misspelt)
        let vlan = try node.run("ADD", second, configuration(["net.juniper.contrail.vlan": "100"]))
        expectError(2, naming: ["args.cni.net.juniper.contrail.vlan"], vlan)
      }
      // As a list, or as a text that holds one.
      let forms: [(String, JSONValue)] = [
        ("172.16.10.77", [["ip": "172.16.10.77"]]), ("172.16.10.78", .string(#"[{"ip":"172.16.10.78"}]"#)),
      ]
      for (address, pairs) in forms {
        let configuration = configuration([Self.key: pairs, "labels": [], "other": 1])
        let result = try node.add(second, configuration)
        try Shell.run(["ip", "addr", "add", "\(address)/32", "dev", "net1"], in: pod.namespace)
        #expect(try Prober(namespace: client.namespace).reaches(address))
        expectSilentSuccess(try node.check(second, result, configuration))
        try node.delete(second, configuration)
      }
    }
  }
}
