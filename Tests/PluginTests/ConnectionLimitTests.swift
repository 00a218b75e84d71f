import Glibc
import JSON
import Testing

/// The table of connections is one for a namespace: no port fills it for the others.
@Suite struct ConnectionLimitTests {
  /// A pod that sends to more ports than it may have connections is remembered with as many as it may; its neighbour opens
  /// its own all the same. Both families count together. Without a limit everything is remembered.
  @Test("A port holds as many connections as it may", arguments: [1024, 0], ["default", "fabricSNAT"])
  func open(_ limit: Int, _ network: String) throws {
    try withNode { node in
      try node.apply(labNamespace, definition("n1", ["ipamV4Subnet": "172.16.1.0/24", "fabricSNAT": true]))
      let isDefault = network == "default"
      var configuration = isDefault ? node.configuration() : node.configuration(networks: "n1")
      configuration = configuration.setting("contrail.connection-limit", .integer(Int64(limit)))
      let pods = [try node.makePod(), try node.makePod()]
      for pod in pods { try node.add(pod, configuration) }
      try node.settle()
      let place = isDefault ? node.namespace : node.instance("lab.n1")
      let gateways = isDefault ? ["10.32.0.1", "fd00:10:32::1"] : ["172.16.1.1"]
      let before = try connections(in: place)
      try sendToPorts(2400, of: gateways, from: pods[0])
      let first = try connections(in: place) - before
      // What opens connections by itself, as an interface that looks for its neighbours, is few.
      #expect(limit == 0 ? first >= 2400 : (1000...1050).contains(first), "\(first)")
      try sendToPorts(300, of: gateways, from: pods[1])
      #expect(try connections(in: place) - before - first >= 300)
    }
  }

  /// A closed TCP connection is remembered, and does not count as open: who closes at once would fill the table.
  @Test("A port opens as many connections in a second as it may", arguments: [1, 0])
  func rate(_ limit: Int) throws {
    try withNode { node in
      let configuration = node.configuration().setting("contrail.connection-limit", 1024)
        .setting("contrail.connection-rate", .integer(Int64(limit)))
      let pod = try node.makePod()
      try node.add(pod, configuration)
      try node.settle()
      let begin = Monotonic.now()
      // Where nobody listens, the answer closes the connection.
      try pod.namespace.entering {
        for port in 1...3000 { connectAndClose("10.32.0.1", UInt16(port)) }
      }
      let seconds = Int(Monotonic.now() - begin) + 1
      let text = try Shell.run(["nft", "list", "chain", "inet", "contrail", "port-connections"], in: node.namespace)
      let refused = text.lines.first { $0.contains("opens connections too fast") }
      let count = refused?.split(separator: " ").split(separator: "packets").last?.first.flatMap { Int($0) }
      if limit == 0 {
        #expect(refused == nil)
      } else {
        #expect(try #require(count) >= 3000 - 1024 - seconds, "\(text)")
      }
    }
  }

  /// What comes from other networks is not known by its port: all of it together has a limit.
  @Test("Other networks do not fill a network's table", arguments: [1024, 0])
  func fromOtherNetworks(_ limit: Int) throws {
    try withNode { node in
      try node.apply(
        labNamespace,
        definition("n1", ["ipamV4Subnet": "172.16.1.0/24", "routeTargetList": ["target:23:1"]]),
        definition(
          "n2", ["ipamV4Subnet": "172.16.2.0/24", "routeTargetList": ["target:23:1"], "fabricSNAT": true]))
      let pods = [try node.makePod(), try node.makePod()]
      for (pod, name) in zip(pods, ["n1", "n2"]) {
        let configuration = node.configuration(networks: name)
          .setting("contrail.connection-limit", .integer(Int64(limit)))
        try node.add(pod, configuration)
      }
      try node.settle()
      try sendToPorts(9600, of: ["172.16.2.2"], from: pods[0])
      let count = try connections(in: node.instance("lab.n2"))
      #expect(limit == 0 ? count >= 9600 : (7000...8250).contains(count), "\(count)")
    }
  }

  // MARK: Helpers

  private func connections(in namespace: NetworkNamespace) throws -> Int {
    let text = try Shell.run(["cat", "/proc/sys/net/netfilter/nf_conntrack_count"], in: namespace).lines
    return try #require(text.first.flatMap { Int($0) })
  }

  /// One datagram to each port, as many to each address.
  private func sendToPorts(_ count: Int, of addresses: [String], from pod: Pod) throws {
    for address in addresses {
      let sender = try DatagramSocket(in: pod.namespace, family: address.contains(":") ? .v6 : .v4)
      for port in 1...count / addresses.count { try sender.send("x", to: address, port: UInt16(port)) }
    }
  }

  private func connectAndClose(_ address: String, _ port: UInt16) {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(AF_INET, kind, 0)
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = port.bigEndian
    inet_pton(AF_INET, address, &target.sin_addr)
    withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    close(descriptor)
  }
}
