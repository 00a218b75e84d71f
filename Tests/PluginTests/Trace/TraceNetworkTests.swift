import JSON
import Testing

/// Traces in networks of every sort: the default one, of every forwarding mode, of isolated namespaces, and out of them.
@Suite struct TraceNetworkTests {
  @Test("In the default network: its bridge, its station maps and its forwarding entries; doctor --fix mends them")
  func defaultNetwork() throws {
    try withNode { node in
      try node.apply(labNamespace)
      let (one, other) = (try node.makePod(), try node.makePod())
      let mac = try #require(try [one, other].map { try node.add($0) }[1].container?["mac"]?.string)
      try node.settle()
      #expect(try faults(node.trace(one, "lab/\(other.name)")) == ["", ""])
      let instance = "instance k8s-contrail/default-podnetwork"
      let port = try #require(
        try node.namespace.links().last { $0.value["ifalias"]?.string?.hasPrefix(other.container) == true })
      let name = try #require(port.value["ifname"]?.string)
      let breaks: [(command: [String], faults: [String])] = [
        (["nft", "flush", "map", "bridge", "contrail", "station4"], ["\(instance) station", ""]),
        (
          ["bridge", "fdb", "del", mac, "dev", name, "master"],
          ["\(instance) forwardingEntry", "\(instance) forwardingEntry"]
        ),
        (["ip", "link", "del", "contrail0"], ["\(instance) bridge", "\(instance) bridge"]),
      ]
      for entry in breaks {
        try Shell.run(entry.command, in: node.namespace)
        #expect(try faults(node.trace(one, "lab/\(other.name)")) == entry.faults, "\(entry.command)")
        let repair = try node.contrailctl("doctor", "--fix")
        #expect(repair.succeeded, "\(repair)")
        #expect(try faults(node.trace(one, "lab/\(other.name)")) == ["", ""], "\(entry.command)")
      }
    }
  }

  @Test("In one network, whatever its forwarding mode", arguments: ["l2_l3", "l3", "l2"])
  func oneNetwork(_ mode: String) throws {
    try withNode { node in
      let properties: JSONObject = ["virtualNetworkProperties": ["forwardingMode": .string(mode)]]
      try node.apply(labNamespace, network(1, properties), network(2, ["routeTargetList": ["target:64512:8000009"]]))
      let pods = try node.addPods("n1", "n1", "n2")
      #expect(try faults(node.trace(pods[0], "lab/\(pods[1].name)", "--interface", "eth1")) == ["", ""])
      #expect(try node.ping(from: pods[0].namespace, "172.16.1.3"))
      // Into another network, which a network without gateway does not reach.
      #expect(
        try faults(node.trace(pods[2], "lab/\(pods[0].name)", "--interface", "eth1")).allSatisfy(\.isEmpty)
          == (mode != "l2"))
      #expect(try node.ping(from: pods[2].namespace, "172.16.1.2", seconds: mode == "l2" ? 2 : 10) == (mode != "l2"))
      guard mode == "l2_l3" else { return }
      for name in try node.hostEnds(in: "lab.n1") {
        try Shell.run(["bridge", "link", "set", "dev", name, "isolated", "on"], in: node.instance("lab.n1"))
      }
      let isolation = "instance lab/n1 isolation"
      #expect(try faults(node.trace(pods[0], "lab/\(pods[1].name)", "--interface", "eth1")) == [isolation, isolation])
    }
  }

  @Test("Between a pod of an isolated namespace and one that is not: no, and why")
  func isolatedNamespace() throws {
    try withNode { node in
      try node.apply(
        labNamespace,
        [
          "apiVersion": "v1", "kind": "Namespace",
          "metadata": ["name": "apart", "annotations": ["opencontrail.org/isolation": "true"]],
        ])
      let (one, other) = (try node.makePod(), try node.makePod())
      try node.add(one)
      var environment = node.environment("ADD", other)
      environment["CNI_ARGS"] = other.arguments.replacing("NAMESPACE=lab", with: "NAMESPACE=apart")
      #expect(try node.run(environment, .text(node.configuration().text())).succeeded)
      try node.settle()
      for words in [["lab/\(one.name)", "apart/\(other.name)"], ["apart/\(other.name)", "lab/\(one.name)"]] {
        let outcome = try node.contrailctl(arguments: ["trace"] + words)
        #expect(!outcome.succeeded && outcome.standardOutput.contains("isolated namespace"), "\(outcome)")
      }
    }
  }

  @Test("To an address that is no pod's: as far as the node's routes, through an uplink where the network has one")
  func outside() throws {
    try withNode { node in
      _ = try Outside(of: node)
      try node.apply(labNamespace, network(1, ["fabricSNAT": true]), network(2))
      for (name, isLedOut) in [("n1", true), ("n2", false), ("", true)] {
        let pod = try node.makePod()
        try node.add(
          pod,
          name.isEmpty
            ? node.configuration()
            : node.configuration(annotations: ["v1.multus-cni.io/default-network": .string(name)]))
        try node.settle()
        for address in [Outside.ipv4, Outside.ipv6] {
          let outcome = try node.contrailctl("trace", "lab/\(pod.name)", address)
          #expect(outcome.succeeded == isLedOut, "\(name): \(outcome)")
          #expect(outcome.standardOutput.contains(isLedOut ? "has a way" : "has no way"), "\(name): \(outcome)")
        }
      }
    }
  }
}
