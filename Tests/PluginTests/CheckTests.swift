import JSON
import Testing

/// CHECK: nothing to complain about right after ADD, and a word for each thing that is missing (31–33).
@Suite struct CheckTests {
  @Test("31: CHECK directly after ADD", arguments: ["0.4.0", "1.0.0", "1.1.0"])
  func afterAdd(_ version: String) throws {
    try withNode { node in
      let pod = try node.makePod()
      let configuration = node.configuration(version: version)
      let result = try node.add(pod, configuration)
      try expectUnchanged(node) { expectSilentSuccess(try node.check(pod, result, configuration)) }
    }
  }

  static let damages: [Damage] = [
    .init(testDescription: "32: IPv4 address deleted", command: "ip addr del V4/12 dev eth0", word: "V4"),
    .init(testDescription: "32: IPv6 address deleted", command: "ip addr del V6/64 dev eth0", word: "V6"),
    .init(testDescription: "32: default route deleted", command: "ip route del default", word: "default"),
    .init(testDescription: "32: IPv6 default route deleted", command: "ip -6 route del default", word: "default"),
    .init(testDescription: "32: link down", command: "ip link set eth0 down", word: "eth0"),
    .init(testDescription: "link gone", command: "ip link del eth0", word: "eth0"),
    .init(testDescription: "another MAC", command: "ip link set eth0 address 02:00:00:00:00:99", word: "02:"),
    .init(testDescription: "host end down", atHostEnd: true, command: "ip link set VMI down", word: "VMI"),
    .init(
      testDescription: "host end off the bridge", atHostEnd: true, command: "ip link set VMI nomaster", word: "VMI"),
    .init(testDescription: "bridge down", atHostEnd: true, command: "ip link set contrail0 down", word: "contrail0"),
    .init(
      testDescription: "gateway address gone", atHostEnd: true, command: "ip addr del 10.32.0.1/12 dev contrail0",
      word: "10.32.0.1"),
    .init(
      testDescription: "source filter gone", atHostEnd: true, command: "nft delete table bridge contrail",
      word: "bridge"),
  ]

  @Test("Damage is found and named", arguments: damages)
  func damaged(_ damage: Damage) throws {
    try withNode { node in
      let pod = try node.makePod()
      let result = try node.add(pod)
      let hostEnd = try #require(try node.hostEnds().first)
      let replacements = ["VMI": hostEnd, "V4": result.ipv4, "V6": result.ipv6]
      try damage.expectNamed(pod, hostEndIn: node.namespace, replacements) { try node.check(pod, result) }
    }
  }

  @Test("CHECK tolerates what a later plugin of the chain changed")
  func laterPlugins() throws {
    try withNode { node in
      let pod = try node.makePod()
      var result = try node.add(pod)
      try Shell.run(["sh", "-c", "ip link set eth0 mtu 1400; ip route add 203.0.113.0/24 dev eth0"], in: pod.namespace)
      let added = result["interfaces"]!.array! + [["name": "bwp0123456789a", "mac": "96:8b:ed:d1:5a:cc"]]
      result = result.setting("interfaces", .array(added))
      result = result.setting("routes", .array(result["routes"]!.array! + [["dst": "203.0.113.0/24"]]))
      expectSilentSuccess(try node.check(pod, result))
    }
  }

  @Test("CHECK of what was never added is an error")
  func unknown() throws {
    try withNode { node in
      let added = try node.makePod()
      let other = try node.makePod()
      let result = try node.add(added)
      let outcome = try node.check(other, result)
      #expect(!outcome.succeeded && parse(outcome.standardOutput)?["code"] != nil, "\(outcome)")
    }
  }
}
