import Glibc
import JSON
import Testing

/// What people may write about allowed address pairs, and what comes of it while pods run.
@Suite struct AllowedAddressPairTests {
  private static func shared(_ prefixes: String...) -> String {
    selection("[" + prefixes.map { #"{"ip":"\#($0)","addressMode":"active-active"}"# }.joined(separator: ",") + "]")
  }

  /// Answers each datagram with its own number.
  private final class Holder {
    let sockets: [DatagramSocket]
    var count = 0

    init(_ pod: Pod, _ addresses: [String]) throws {
      for address in addresses {
        let width = address.contains(":") ? 128 : 32
        try Shell.run(["ip", "addr", "add", "\(address)/\(width)", "dev", "lo"], in: pod.namespace)
      }
      sockets = [try DatagramSocket(in: pod.namespace, port: 7777)]
    }

    /// Whether that datagram has arrived; earlier ones are passed over.
    func has(_ text: String) -> Bool {
      while let arrived = sockets[0].receive(within: 0.001) {
        if arrived == text { return true }
      }
      return false
    }
  }

  /// A prefix that several pods have is reached through all of them, from pods of the network and of others; the flows of
  /// a pod that goes are taken over by the others, and theirs stay.
  @Test("Flows to a prefix are spread over two and three pods", arguments: [2, 3])
  func spreading(count: Int) throws {
    try VirtualRouterTests.withNetworks { node in
      let addresses = ["172.16.10.129", "10.99.0.1", "fd00:99::1"]
      let pods = try (0..<count).map { _ in
        try VirtualRouterTests.add(node, Self.shared("172.16.10.128/28", "10.99.0.0/24", "fd00:99::/64"))
      }
      let holders = try pods.map { try Holder($0, addresses) }
      let clients = try ["a", "b"].map { try VirtualRouterTests.add(node, $0) }
      try node.settle()
      // A pod that is added gets flows that were idle for a while.
      Monotonic.sleep(11)
      func flows(_ client: Pod, _ address: String, to holders: [Holder]) throws -> [Int] {
        try (0..<40).map { number in
          let socket = try DatagramSocket(in: client.namespace, port: UInt16(20000 + number))
          let target = address.contains(":") ? address : "::ffff:\(address)"
          var place: Int?
          // The first one of a flow may be lost while its pod is looked for.
          for attempt in 0..<3 where place == nil {
            let text = "\(client.name) \(number) \(attempt)"
            try socket.send(text, to: target, port: 7777)
            Monotonic.wait(atMost: 1) {
              place = holders.firstIndex { $0.has(text) }
              return place != nil
            }
          }
          return place ?? -1
        }
      }
      for client in clients {
        for address in addresses {
          let places = try flows(client, address, to: holders)
          for place in holders.indices {
            #expect(places.count { $0 == place } > 0, "\(address): \(places) of \(count) pods")
          }
          #expect(!places.contains(-1), "\(address): \(places)")
        }
      }
      let before = try flows(clients[1], addresses[1], to: holders)
      try node.delete(pods[0])
      let after = try flows(clients[1], addresses[1], to: Array(holders.dropFirst()))
      for (old, new) in zip(before, after) where old > 0 { #expect(new == old - 1, "a flow that had to stay moved") }
      #expect(!after.contains(-1))
    }
  }

  /// A manifest adds, changes and takes pairs on a running pod, whose other traffic goes on; the views show them, CHECK
  /// knows them, and with the pod they are forgotten.
  @Test("Pairs come and go on a running pod")
  func manifests() throws {
    try VirtualRouterTests.withNetworks { node in
      let pod = try node.makePod()
      let configuration = node.configuration(networks: "a")
      let result = try node.add(pod, configuration)
      let client = try VirtualRouterTests.add(node, "a")
      let own = try #require(result.status("eth1")?["ips"]?.array?.first?.string)
      try Shell.run(["ip", "addr", "add", "172.16.10.77/32", "dev", "eth1"], in: pod.namespace)
      let prober = Prober(namespace: client.namespace)
      #expect(try !prober.answers("172.16.10.77"))
      let name = try node.interfaceView("eth1", of: pod)
      let outage = try prober.outage(
        own,
        while: {
          try node.apply(
            pairManifest(name, [["ip": ["ipPrefix": "172.16.10.77", "ipPrefixLen": 32], "addressMode": ""]]))
        }, rest: 0.5)
      #expect(outage.lost == 0, "\(outage)")
      #expect(try prober.reaches("172.16.10.77"))
      #expect(
        try node.contrailctl("get", "vmi", name, "-n", "lab", "-o", "wide").standardOutput.contains("172.16.10.77"))
      #expect(try node.contrailctl("describe", "vmi", name, "-n", "lab").standardOutput.contains("172.16.10.77"))
      expectSilentSuccess(try node.check(pod, result, configuration))
      try Shell.run(
        ["nft", "flush", "set", "bridge", "contrail", "pair4"], in: node.instance("lab.a"))
      #expect(try !node.check(pod, result, configuration).succeeded)
      try node.apply(pairManifest(name, []))
      #expect(try !prober.answers("172.16.10.77"))
      try node.delete(pod, configuration)
      let gone = try node.contrailctl("apply", "-f", "-", input: pairManifest(name, []).text())
      #expect(gone.standardError.contains("NotFound"))
    }
  }

  /// An address that pods share is nobody's own.
  @Test("An address of a pair is not given to another pod")
  func allocation() throws {
    try VirtualRouterTests.withNetworks { node in
      _ = try VirtualRouterTests.add(node, selection(#"[{"ip":"172.16.10.3"}]"#))
      let pod = try VirtualRouterTests.add(node, "a")
      #expect(try #require(try pod.namespace.link("eth1")).addresses.contains("172.16.10.4/24"))
    }
  }
}
