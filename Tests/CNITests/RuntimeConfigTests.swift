import CNI
import JSON
import NetworkAddresses
import Testing

/// `runtimeConfig` reads alike whether Go wrote its keys with capitals or not.
@Suite struct RuntimeConfigTests {
  private func runtime(_ text: String) throws -> RuntimeConfig {
    try configuration(with: "\"runtimeConfig\":\(text)").runtimeConfig()
  }

  static let lower = """
    {"portMappings":[{"hostPort":8080,"containerPort":80,"protocol":"udp","hostIP":"127.0.0.1"},{"containerPort":81}],
     "bandwidth":{"ingressRate":1,"ingressBurst":2,"egressRate":3,"egressBurst":4},
     "dns":{"servers":["10.96.0.10"],"searches":["a","b"],"options":["ndots:5"]},
     "ipRanges":[[{"subnet":"10.1.0.0/16","rangeStart":"10.1.0.9","rangeEnd":"10.1.0.99","gateway":"10.1.0.1"}],[]],
     "ips":["10.1.0.9/16"],"mac":"02:00:00:00:00:01","aliases":{"net":["web","db"]},"cgroupPath":"/pods/p"}
    """
  static let capitals = """
    {"PortMappings":[{"HostPort":8080,"ContainerPort":80,"Protocol":"UDP","HostIP":"127.0.0.1"},{"ContainerPort":81}],
     "Bandwidth":{"IngressRate":1,"IngressBurst":2,"EgressRate":3,"EgressBurst":4},
     "DNS":{"Servers":["10.96.0.10"],"Searches":["a","b"],"Options":["ndots:5"]},
     "IPRanges":[[{"Subnet":"10.1.0.0/16","RangeStart":"10.1.0.9","RangeEnd":"10.1.0.99","Gateway":"10.1.0.1"}],[]],
     "IPs":["10.1.0.9/16"],"MAC":"02:00:00:00:00:01","Aliases":{"net":["web","db"]},"CgroupPath":"/pods/p"}
    """

  @Test(arguments: [lower, capitals]) func everything(text: String) throws {
    let read = try runtime(text)
    let ports = try read.portMappings()
    #expect(ports.count == 2)
    #expect(ports[0].hostPort == 8080 && ports[0].containerPort == 80)
    #expect(ports[0].networkProtocol == "udp" && ports[0].hostIP == IPAddress("127.0.0.1"))
    #expect(ports[1].hostPort == 0 && ports[1].networkProtocol == "tcp" && ports[1].hostIP == nil)
    let bandwidth = try #require(try read.bandwidth())
    #expect(
      [bandwidth.ingressRate, bandwidth.ingressBurst, bandwidth.egressRate, bandwidth.egressBurst] == [1, 2, 3, 4])
    #expect(try read.dns() == DNS(nameservers: ["10.96.0.10"], search: ["a", "b"], options: ["ndots:5"]))
    let ranges = try read.ipRanges()
    #expect(ranges.map(\.count) == [1, 0])
    #expect(ranges[0][0].subnet == (try IPPrefix(parsing: "10.1.0.0/16")))
    #expect(ranges[0][0].rangeStart == IPAddress("10.1.0.9") && ranges[0][0].rangeEnd == IPAddress("10.1.0.99"))
    #expect(ranges[0][0].gateway == IPAddress("10.1.0.1"))
    #expect(try read.ips() == [RequestedAddress(try #require(IPAddress("10.1.0.9")), prefixLength: 16)])
    #expect(try read.mac() == MACAddress("02:00:00:00:00:01"))
    #expect(try read.aliases() == ["net": ["web", "db"]])
    #expect(try read.cgroupPath() == "/pods/p")
  }

  @Test func nothing() throws {
    for text in ["{}", "null", #"{"portMappings":null,"dns":null,"ips":null,"mac":null,"bandwidth":null}"#] {
      let read = try runtime(text)
      #expect(
        try read.portMappings().isEmpty && read.ips().isEmpty && read.ipRanges().isEmpty && read.aliases().isEmpty)
      #expect(try read.dns() == nil && read.mac() == nil && read.bandwidth() == nil && read.cgroupPath() == nil)
    }
  }

  /// No annotations and no word about annotations are different things.
  @Test(
    arguments: [
      ("{}", nil), (#"{"io.kubernetes.cri.pod-annotations":{}}"#, 0),
      (#"{"io.kubernetes.cri.pod-annotations":null}"#, 0),
      (#"{"io.kubernetes.cri.pod-annotations":{"a":"b"}}"#, 1),
    ] as [(String, Int?)])
  func annotations(text: String, count: Int?) throws {
    #expect(try runtime(text).podAnnotations()?.members.count == count)
  }

  @Test func wrongTypes() throws {
    let read: (String) throws -> RuntimeConfig = { try runtime($0) }
    func code7(_ body: () throws -> Void) throws -> String {
      let error = try #require(throws: CNIError.self, performing: body)
      #expect(error.code == .invalidConfiguration)
      return error.message
    }
    #expect(try code7 { _ = try read("[]") } == "runtimeConfig: [] is not valid")
    #expect(
      try code7 { _ = try read(#"{"portMappings":[{"hostPort":"80","containerPort":80}]}"#).portMappings() }
        == #"runtimeConfig.portMappings[0].hostPort: "80" is not valid"#)
    #expect(try code7 { _ = try read(#"{"portMappings":[{"hostPort":80}]}"#).portMappings() }.contains("containerPort"))
    #expect(
      try code7 { _ = try read(#"{"portMappings":[{"containerPort":80,"protocol":"x"}]}"#).portMappings() }
        .contains("protocol"))
    #expect(try code7 { _ = try read(#"{"dns":{"servers":"a"}}"#).dns() }.contains("runtimeConfig.dns.servers"))
    #expect(try code7 { _ = try read(#"{"bandwidth":{"egressRate":-1}}"#).bandwidth() }.contains("egressRate"))
    #expect(
      try code7 { _ = try read(#"{"ipRanges":[[{"subnet":"10.1.0.1/16"}]]}"#).ipRanges() }.contains("10.1.0.1/16"))
    #expect(
      try code7 { _ = try read(#"{"io.kubernetes.cri.pod-annotations":{"a":1}}"#).podAnnotations() }
        == "runtimeConfig.io.kubernetes.cri.pod-annotations.a: 1 is not valid")
  }
}
