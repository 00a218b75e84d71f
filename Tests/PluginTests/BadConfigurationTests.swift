import Glibc
import JSON
import Testing

/// Configurations and machines that an ADD refuses: one error object with the right code, key and value in `msg`, a hint
/// in `details`, and nothing changed.
@Suite struct BadConfigurationTests {
  struct BadValue: Sendable, CustomTestStringConvertible {
    /// The key below `contrail`.
    let key: String
    let value: JSONValue
    var code: Int64 = 7
    var testDescription: String { "\(key) = \(value)" }
  }

  static let values: [BadValue] = [
    // Subnets and gateways.
    .init(key: "pod-network.ipamV4Subnet", value: "10.32.0.5/12"),
    .init(key: "pod-network.ipamV4Subnet", value: "fd00::/64"),
    .init(key: "pod-network.ipamV4Subnet", value: "10.32.0.0/33"),
    .init(key: "pod-network.ipamV4Subnet", value: "10.32.0.0/31"),
    .init(key: "pod-network.ipamV6Subnet", value: "10.40.0.0/16"),
    .init(key: "pod-network.ipamV6Subnet", value: "2001:db8:24:19ff::/63"),
    .init(key: "pod-network.ipamV6Subnet", value: "2001:db8::/127"),
    .init(key: "pod-network.ipamV4Gateway", value: "10.64.0.1"),
    .init(key: "pod-network.ipamV4Gateway", value: "10.32.0.0"),
    .init(key: "pod-network.ipamV4Gateway", value: "fd00:10:32::1"),
    .init(key: "pod-network.ipamV6Gateway", value: "fd00:10:33::1"),
    .init(key: "service-network.ipamV4Subnet", value: "10.40.0.0/16"),
    .init(key: "service-network.ipamV4Subnet", value: "10.96.0.1/12"),
    .init(key: "service-network.ipamV6Subnet", value: "fd00:10:32::/112"),
    // Interfaces.
    .init(key: "mtu", value: 1279),
    .init(key: "mtu", value: -1),
    .init(key: "mtu", value: 70000),
    .init(key: "vif-type", value: "tap", code: 2),
    // Words.
    .init(key: "unknown-namespace", value: "maybe"),
    .init(key: "log-level", value: "loud"),
    .init(key: "log-level", value: 8),
    .init(key: "cluster-name", value: "a b"),
    .init(key: "run-dir", value: "relative/path"),
    .init(key: "state-dir", value: "relative/path"),
    .init(key: "log-file", value: "relative.log"),
    .init(key: "lock-timeout", value: -1),
  ]

  /// A value of another JSON type for every key.
  static let wrongTypes: [BadValue] = [
    .init(key: "cluster-name", value: 5), .init(key: "pod-network", value: "10.32.0.0/12"),
    .init(key: "pod-network.ipamV4Subnet", value: 10), .init(key: "pod-network.ipamV4Gateway", value: true),
    .init(key: "pod-network.ipamV6Subnet", value: ["fd00::/64"]), .init(key: "pod-network.ipamV6Gateway", value: [:]),
    .init(key: "pod-network.fabricSNAT", value: "true"), .init(key: "service-network", value: []),
    .init(key: "service-network.ipamV4Subnet", value: 1.5), .init(key: "service-network.ipamV6Subnet", value: false),
    .init(key: "mtu", value: "1500"), .init(key: "mtu", value: 1500.5), .init(key: "state-dir", value: 1),
    .init(key: "run-dir", value: ["/run"]), .init(key: "lock-timeout", value: "30"),
    .init(key: "unknown-namespace", value: 0), .init(key: "log-file", value: false),
    .init(key: "log-level", value: ["info"]), .init(key: "network", value: 1),
  ]

  @Test("A bad value", arguments: values)
  func badValue(_ bad: BadValue) throws { try expectRefused(bad) }

  @Test("A wrong type, for every key", arguments: wrongTypes)
  func wrongType(_ bad: BadValue) throws { try expectRefused(bad) }

  @Test("The contrail object itself must be one", arguments: ["contrail", []] as [JSONValue])
  func noObject(_ value: JSONValue) throws {
    try withNode { node in
      let configuration = node.configuration().setting("contrail", value)
      expectError(7, naming: ["contrail", value.text()], try node.run("ADD", node.makePod(), configuration))
    }
  }

  private func expectRefused(_ bad: BadValue) throws {
    try withNode { node in
      let pod = try node.makePod()
      let configuration = node.configuration(contrail: bad.key, bad.value)
      // STATUS meets the same configuration: it cannot serve an ADD.
      for verb in ["ADD", "STATUS"] {
        try expectUnchanged(node) {
          let outcome = try node.run(verb, verb == "ADD" ? pod : nil, configuration)
          let value = bad.value.string ?? bad.value.text()
          let error = parse(outcome.standardOutput)
          #expect([bad.code, verb == "ADD" ? bad.code : 50].contains(error?["code"]?.integer), "\(verb): \(outcome)")
          #expect(error?["msg"]?.string?.contains("contrail." + bad.key) == true, "\(verb): \(outcome)")
          #expect(error?["msg"]?.string?.contains(value) == true, "\(verb): \(outcome)")
          #expect(error?["details"]?.string?.isEmpty == false, "\(verb) gives a hint: \(outcome)")
        }
      }
    }
  }

  @Test("A subnet with host bits: the hint is the network that was probably meant")
  func hostBits() throws {
    try withNode { node in
      let configuration = node.configuration(contrail: "pod-network.ipamV6Subnet", "2001:db8:24:19ff::/63")
      let error = expectError(7, try node.run("ADD", node.makePod(), configuration))
      #expect(error?["details"]?.string?.contains("2001:db8:24:19fe::/63") == true)
    }
  }

  @Test("An MTU below 1280 is fine without IPv6")
  func smallMTU() throws {
    try withNode { node in
      let pod = try node.makePod()
      let configuration = node.configuration(contrail: "pod-network.ipamV6Subnet", nil).setting("contrail.mtu", 1000)
      try node.add(pod, configuration)
      #expect(try pod.namespace.link("eth0")?.mtu == 1000)
    }
  }
}
