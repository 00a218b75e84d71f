import CNI
import NetworkAttachments
import Testing

/// A configuration that cannot work is one error with code 7, which names key and value and says what would be right.
@Suite struct BadConfigurationTests {
  static let cases: [(String, String, String)] = [
    ("[]", "contrail: []", "an object"),
    (#"{"pod-network":{"ipamV4Subnet":"10.0.0.5/24"}}"#, #"pod-network.ipamV4Subnet: "10.0.0.5/24""#, "10.0.0.0/24"),
    (
      #"{"pod-network":{"ipamV6Subnet":"2001:db8:24:19ff::/63"}}"#,
      #"pod-network.ipamV6Subnet: "2001:db8:24:19ff::/63""#, "2001:db8:24:19fe::/63"
    ),
    (#"{"pod-network":{"ipamV4Subnet":"fd00::/64"}}"#, #"pod-network.ipamV4Subnet: "fd00::/64""#, "IPv4"),
    (#"{"pod-network":{"ipamV6Subnet":"10.0.0.0/24"}}"#, #"pod-network.ipamV6Subnet: "10.0.0.0/24""#, "IPv6"),
    (#"{"service-network":{"ipamV6Subnet":"10.0.0.0/24"}}"#, "service-network.ipamV6Subnet", "IPv6"),
    (#"{"pod-network":{"ipamV4Subnet":"10.0.0.0"}}"#, "ipamV4Subnet: \"10.0.0.0\"", "ADDRESS/LENGTH"),
    (#"{"pod-network":{"ipamV4Subnet":"10.0.0.0/33"}}"#, "ipamV4Subnet", "ADDRESS/LENGTH"),
    (#"{"pod-network":{"ipamV4Subnet":"10.0.0.0/31"}}"#, "ipamV4Subnet", "no room for gateway and pod"),
    (#"{"pod-network":{"ipamV6Subnet":"fd00::/127"}}"#, "ipamV6Subnet", "no room for gateway and pod"),
    (#"{"pod-network":{"ipamV4Subnet":"224.0.0.0/16"}}"#, "ipamV4Subnet", "multicast"),
    (#"{"pod-network":{"ipamV4Subnet":"0.0.0.0/0"}}"#, "ipamV4Subnet", "outside 0.0.0.0/8"),
    (#"{"pod-network":{"ipamV4Subnet":"127.1.0.0/16"}}"#, "ipamV4Subnet", "loopback"),
    (#"{"pod-network":{"ipamV4Subnet":"169.254.4.0/24"}}"#, "ipamV4Subnet", "link-local"),
    (#"{"pod-network":{"ipamV6Subnet":"fe80::/64"}}"#, "ipamV6Subnet", "link-local"),
    (#"{"service-network":{"ipamV6Subnet":"ff00::/64"}}"#, "service-network.ipamV6Subnet", "multicast"),
    (#"{"pod-network":{"ipamV4Gateway":"10.64.0.1"}}"#, #"ipamV4Gateway: "10.64.0.1""#, "10.32.0.0/12"),
    (#"{"pod-network":{"ipamV4Gateway":"10.32.0.0"}}"#, "ipamV4Gateway", "a host can have"),
    (#"{"pod-network":{"ipamV4Gateway":"10.47.255.255"}}"#, "ipamV4Gateway", "a host can have"),
    (#"{"pod-network":{"ipamV4Gateway":"fd00::1"}}"#, "ipamV4Gateway", "an IPv4 address"),
    (#"{"pod-network":{"ipamV6Gateway":"10.32.0.1"}}"#, "ipamV6Gateway", "an IPv6 address"),
    (#"{"pod-network":{"ipamV6Gateway":"fd00::1"}}"#, "ipamV6Gateway", "no such subnet"),
    (#"{"pod-network":{"ipamV6Subnet":"fd00::/64","ipamV6Gateway":"fd00::"}}"#, "ipamV6Gateway", "a host can have"),
    (#"{"pod-network":{"ipamV4Gateway":"10.32.0.1/12"}}"#, "ipamV4Gateway", "an IPv4 address"),
    (#"{"pod-network":{"ipamV4Subnet":""}}"#, "contrail.pod-network", "a subnet"),
    (#"{"pod-network":{"ipamV4Subnet":"10.96.8.0/24"}}"#, "pod-network.ipamV4Subnet", "10.96.0.0/12"),
    (#"{"service-network":{"ipamV4Subnet":"10.0.0.0/8"}}"#, "service-network.ipamV4Subnet", "10.32.0.0/12"),
    (
      #"{"pod-network":{"ipamV6Subnet":"fd00::/64"},"service-network":{"ipamV6Subnet":"fd00::/108"}}"#,
      "service-network.ipamV6Subnet", "fd00::/64"
    ),
    (#"{"mtu":67}"#, "contrail.mtu: 67", "68"), (#"{"mtu":65536}"#, "contrail.mtu: 65536", "65535"),
    (#"{"mtu":-1}"#, "contrail.mtu: -1", "65535"),
    (#"{"cluster-name":""}"#, "cluster-name", "1 to 63"), (#"{"cluster-name":"a/b"}"#, "cluster-name", "1 to 63"),
    (#"{"state-dir":"relative"}"#, "state-dir: \"relative\"", "absolute"),
    (#"{"state-dir":""}"#, "state-dir", "absolute"),
    (#"{"run-dir":"/a\u0000b"}"#, "run-dir", "absolute"), (#"{"log-file":"x.log"}"#, "log-file", "absolute"),
    (#"{"lock-timeout":-1}"#, "lock-timeout: -1", "0 to 3600"),
    (#"{"lock-timeout":3601}"#, "lock-timeout", "0 to 3600"),
    (#"{"unknown-namespace":"x"}"#, "unknown-namespace: \"x\"", "shared or refuse"),
    (#"{"log-level":8}"#, "log-level: 8", "0 to 7"), (#"{"log-level":-1}"#, "log-level: -1", "0 to 7"),
    (#"{"log-level":"loud"}"#, "log-level: \"loud\"", "debug"), (#"{"log-level":"04"}"#, "log-level", "debug"),
    (#"{"network":"vn"}"#, "network: \"vn\"", "NAMESPACE/NAME"), (#"{"network":"a/b/c"}"#, "network", "NAMESPACE/NAME"),
    (#"{"network":"/b"}"#, "network", "NAMESPACE/NAME"),
    (#"{"connection-limit":1023}"#, "connection-limit: 1023", "0 (no limit) or 1024 to 1048576"),
    (#"{"connection-limit":-1}"#, "connection-limit: -1", "1048576"),
    (#"{"connection-rate":1048577}"#, "connection-rate: 1048577", "1048576"),
    (#"{"link-local-services":["10.0.0.1"]}"#, "link-local-services[0]: \"10.0.0.1\"", "169.254.0.0/16"),
  ]

  @Test(arguments: cases) func refused(text: String, message: String, details: String) throws {
    let error = try #require(throws: CNIError.self) { try contrail(text) }
    #expect(error.code == .invalidConfiguration)
    #expect(error.message.contains("contrail"))
    #expect(error.message.contains(message))
    #expect(error.details.contains(details))
  }

  static let wrongTypes: [(String, [String])] = [
    ("cluster-name", ["1", "true", "[]", "{}"]), ("pod-network", ["1", "\"x\"", "[]", "false"]),
    ("service-network", ["1", "\"x\"", "[]", "false"]),
    ("mtu", ["\"1500\"", "1.5", "true", "[]", "{}", "18446744073709551615"]),
    ("state-dir", ["1", "{}"]), ("run-dir", ["1", "[]"]), ("lock-timeout", ["\"30\"", "1.5", "true"]),
    ("unknown-namespace", ["1", "true"]), ("log-file", ["1", "false", "[]"]), ("log-level", ["1.5", "true", "[]"]),
    ("network", ["1", "{}"]), ("link-local-services", ["\"169.254.169.254\"", "[1]", "{}"]),
  ]

  @Test(arguments: wrongTypes) func wrongType(key: String, values: [String]) throws {
    for value in values {
      let error = try #require(throws: CNIError.self) { try contrail("{\"\(key)\":\(value)}") }
      #expect(error.code == .invalidConfiguration)
      #expect(error.message.hasPrefix("contrail.\(key)"))
      #expect(error.message.hasSuffix(" is not valid"))
      #expect(!error.details.isEmpty)
    }
  }

  @Test(arguments: ["ipamV4Subnet", "ipamV4Gateway", "ipamV6Subnet", "ipamV6Gateway", "fabricSNAT"])
  func wrongTypeInPodNetwork(key: String) throws {
    for value in ["1", "[]", "{}", key == "fabricSNAT" ? "\"true\"" : "true"] {
      let error = try #require(throws: CNIError.self) { try contrail("{\"pod-network\":{\"\(key)\":\(value)}}") }
      #expect(error.code == .invalidConfiguration)
      #expect(error.message == "contrail.pod-network.\(key): \(value) is not valid")
    }
  }

  /// Other interface types would need another data plane: an unsupported field, code 2.
  @Test(arguments: ["\"macvlan\"", "\"VETH\"", "\"\"", "1"]) func interfaceType(value: String) throws {
    let error = try #require(throws: CNIError.self) { try contrail("{\"vif-type\":\(value)}") }
    #expect(error.code == .unsupportedField)
    #expect(error.message == "contrail.vif-type: \(value) is not valid")
  }
}
