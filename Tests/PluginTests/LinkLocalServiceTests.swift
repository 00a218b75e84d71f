import Glibc
import JSON
import Testing

/// Link-local destinations are the node's own business: pods reach none of them, on the node or behind it, but those
/// that the configuration lists.
@Suite struct LinkLocalServiceTests {
  static let metadata = "169.254.169.254"

  enum Place: String, CaseIterable, Sendable {
    case node
    case outside
  }

  @Test("The metadata address: closed, and open where it is listed", arguments: Place.allCases, [false, true])
  func metadataAddress(_ place: Place, _ listed: Bool) throws {
    try withNode { node in
      let outside = try Outside(of: node)
      let host = place == .node ? node.namespace : outside.namespace
      try Shell.run(["ip", "addr", "add", Self.metadata + "/32", "dev", "lo"], in: host)
      if place == .outside {
        try Shell.run(["ip", "route", "add", Self.metadata, "via", Outside.ipv4], in: node.namespace)
      }
      let pod = try node.makePod()
      var configuration = node.configuration(contrail: "pod-network.fabricSNAT", true)
      if listed {
        configuration = configuration.setting("contrail.link-local-services", [.string(Self.metadata)])
      }
      try node.add(pod, configuration)
      let server = try DatagramSocket(in: host, port: 8080)
      try node.settle()
      let client = try DatagramSocket(in: pod.namespace, family: .v4)
      try client.send("metadata", to: Self.metadata, port: 8080)
      usleep(20_000)
      try client.send("control", to: place == .node ? "10.32.0.1" : Outside.ipv4, port: 8080)
      #expect(server.receive() == (listed ? "metadata" : "control"))
    }
  }

  @Test("The node's link-local IPv6 addresses but the gateway's")
  func linkLocalIPv6() throws {
    try withNode { node in
      let pod = try node.makePod()
      let end = try Endpoint(node.add(pod))
      try Shell.run(["ip", "addr", "add", "fe80::77/64", "dev", Node.bridge, "nodad"], in: node.namespace)
      let server = try DatagramSocket(in: node.namespace, port: 8080)
      try node.settle()
      let sender = try PacketSocket("eth0", in: pod.namespace)
      for (text, address) in [("forbidden", "fe80::77"), ("control", "fe80::1")] {
        let packet = Packet.udp6(from: end.linkLocal, to: octets(address), port: 8080, Array(text.utf8))
        try sender.send(
          Frame(destination: Endpoint.gatewayMAC, source: end.mac, etherType: Packet.ipv6, payload: packet))
        usleep(20_000)
      }
      #expect(server.receive() == "control")
    }
  }
}
