import CNI
import JSON
import NetworkAddresses
import NetworkAttachments
import Testing

func contrail(_ text: String) throws(CNIError) -> ContrailConfiguration {
  let input = #"{"cniVersion":"1.1.0","name":"net","type":"contrail-k8s-cni","contrail":\#(text)}"#
  return try ContrailConfiguration(NetworkConfiguration(parsing: Array(input.utf8)))
}

/// Every key of the `contrail` object, its default and its values.
@Suite struct ConfigurationTests {
  @Test(arguments: ["{}", "null", #"{"pod-network":{},"service-network":null,"mtu":null}"#]) func defaults(text: String)
    throws
  {
    let read = try contrail(text)
    #expect(read == ContrailConfiguration())
    #expect(read.clusterName == "k8s")
    #expect(read.podNetwork.ipv4Subnet?.description == "10.32.0.0/12")
    #expect(
      read.podNetwork.ipv6Subnet == nil && read.podNetwork.ipv4Gateway == nil && read.podNetwork.ipv6Gateway == nil)
    #expect(!read.podNetwork.fabricSNAT)
    #expect(read.serviceNetwork.ipv4Subnet?.description == "10.96.0.0/12")
    #expect(read.serviceNetwork.ipv6Subnet == nil)
    #expect(read.mtu == 1500 && read.lockTimeout == 30)
    #expect(read.stateDirectory == "/var/lib/contrail" && read.runDirectory == "/run/contrail")
    #expect(read.unknownNamespace == .shared)
    #expect(read.logFile == "/var/log/contrail/cni/contrail-k8s-cni.log" && read.logLevel == .info)
    #expect(read.network == nil && read.linkLocalServices.isEmpty && read.warnings.isEmpty)
  }

  @Test func withoutObject() throws {
    let input = #"{"cniVersion":"1.1.0","name":"net","type":"contrail-k8s-cni"}"#
    #expect(try ContrailConfiguration(NetworkConfiguration(parsing: Array(input.utf8))) == ContrailConfiguration())
  }

  @Test func everyKey() throws {
    let read = try contrail(
      """
      {"cluster-name":"c1","mtu":9000,"state-dir":"/s","run-dir":"/r","lock-timeout":5,"unknown-namespace":"refuse",
       "log-file":"","log-level":"debug","network":"ns/vn","link-local-services":["169.254.169.254"],"vif-type":"veth",
       "connection-limit":0,"connection-rate":50,
       "pod-network":{"ipamV4Subnet":"10.1.0.0/16","ipamV4Gateway":"10.1.0.254","ipamV6Subnet":"fd00:1::/64",
                      "ipamV6Gateway":"fd00:1::ff","fabricSNAT":true},
       "service-network":{"ipamV4Subnet":"10.2.0.0/16","ipamV6Subnet":"fd00:2::/108"}}
      """)
    #expect(read.clusterName == "c1" && read.mtu == 9000 && read.lockTimeout == 5)
    #expect(read.stateDirectory == "/s" && read.runDirectory == "/r")
    #expect(read.unknownNamespace == .refuse && read.logFile == nil && read.logLevel == .debug)
    #expect(read.network == "ns/vn")
    #expect(read.linkLocalServices == [IPv4Address("169.254.169.254")])
    #expect(read.connectionLimit == 0 && read.connectionRate == 50)
    #expect(read.podNetwork.ipv4Subnet?.description == "10.1.0.0/16")
    #expect(read.podNetwork.ipv4Gateway == IPv4Address("10.1.0.254"))
    #expect(read.podNetwork.ipv6Subnet?.description == "fd00:1::/64")
    #expect(read.podNetwork.ipv6Gateway == IPv6Address("fd00:1::ff"))
    #expect(read.podNetwork.fabricSNAT)
    #expect(read.serviceNetwork.ipv4Subnet?.description == "10.2.0.0/16")
    #expect(read.serviceNetwork.ipv6Subnet?.description == "fd00:2::/108")
    #expect(read.warnings.isEmpty)
  }

  /// An empty text says that there is no such subnet or gateway.
  @Test func none() throws {
    let read = try contrail(
      """
      {"pod-network":{"ipamV4Subnet":"","ipamV4Gateway":"","ipamV6Subnet":"fd00::/64","ipamV6Gateway":""},
       "service-network":{"ipamV4Subnet":"","ipamV6Subnet":""},"network":""}
      """)
    #expect(read.podNetwork.ipv4Subnet == nil && read.podNetwork.ipv6Gateway == nil && read.network == nil)
    #expect(read.serviceNetwork.ipv4Subnet == nil && read.serviceNetwork.ipv6Subnet == nil)
  }

  @Test(
    arguments: [
      ("0", .emergency), ("4", .warning), ("7", .debug), ("\"4\"", .warning), ("\"7\"", .debug),
      ("\"emerg\"", .emergency),
      ("\"alert\"", .alert), ("\"crit\"", .critical), ("\"err\"", .error), ("\"error\"", .error), ("\"ERROR\"", .error),
      ("\"warn\"", .warning), ("\"warning\"", .warning), ("\"notice\"", .notice), ("\"info\"", .info),
      ("\"debug\"", .debug),
    ] as [(String, LogLevel)])
  func logLevel(text: String, level: LogLevel) throws {
    #expect(try contrail("{\"log-level\":\(text)}").logLevel == level)
  }

  @Test(arguments: LogLevel.allCases) func logLevelNames(level: LogLevel) {
    #expect(LogLevel(level.description) == level)
    #expect(LogLevel("\(level.rawValue)") == level)
  }

  @Test(arguments: ["0", "68", "1279", "1500", "65535"]) func mtu(text: String) throws {
    #expect(try contrail("{\"mtu\":\(text)}").mtu == Int(text))
  }

  /// The smallest MTU of IPv6 matters only where there is IPv6; 0 is measured later.
  @Test func mtuWithIPv6() throws {
    let network = #""pod-network":{"ipamV6Subnet":"fd00::/64"}"#
    #expect(try contrail(#"{"mtu":1280,\#(network)}"#).mtu == 1280)
    #expect(try contrail(#"{"mtu":0,\#(network)}"#).mtu == 0)
    let error = try #require(throws: CNIError.self) { try contrail(#"{"mtu":1279,\#(network)}"#) }
    #expect(error.message == "contrail.mtu: 1279 is not valid")
    #expect(error.details.contains("1280"))
  }

  /// Keys of the Go plugin, which generated configurations carry, cost one warning together, whatever their values.
  @Test func formerKeys() throws {
    let read = try contrail(
      """
      {"vrouter-ip":"127.0.0.1","vrouter-port":9091,"config-dir":"/c","poll-timeout":5,"poll-retries":15,
       "meta-plugin":"multus","mode":"k8s","parent-interface":["eth0"],"cluster-name":"k8s","log-level":"4"}
      """)
    #expect(
      read.warnings == [
        "keys of the vRouter agent's plugin are ignored: vrouter-ip, vrouter-port, config-dir, poll-timeout, "
          + "poll-retries, meta-plugin, mode, parent-interface"
      ])
  }

  @Test func unknownKeys() throws {
    let read = try contrail(#"{"x":1,"pod-network":{"y":1},"service-network":{"fabricSNAT":true}}"#)
    #expect(
      read.warnings == [
        "unknown keys are ignored: contrail.x, contrail.pod-network.y, contrail.service-network.fabricSNAT"
      ])
  }
}
