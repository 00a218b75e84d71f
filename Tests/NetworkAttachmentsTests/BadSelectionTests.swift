import CNI
import NetworkAttachments
import Testing

/// A selection that cannot be followed is one error with code 7: it names annotation, element, key and value, and says
/// what would be right; for malformed text, where.
@Suite struct BadSelectionTests {
  static let shortForms: [(String, String, String)] = [
    ("a,,b", "[1]: \"\"", "(at byte 2)"), ("a,", "[1]: \"\"", "(at byte 2)"), (",", "[0]: \"\"", "(at byte 0)"),
    ("a, b c", "[1]: \"b c\"", "(at byte 3)"), ("A", "[0]: \"A\"", "lower-case"),
    ("-a", "[0]: \"-a\"", "lower-case"),
    ("a/b/c", "[0]: \"a/b/c\"", "[namespace/]name"), ("/a", "[0]: \"/a\"", "name"), ("a/", "[0]: \"a/\"", "name"),
    ("a:b", "[0]: \"a:b\"", "domain:project:name"), ("é", "[0]: \"é\"", "lower-case"),
    ("x,a@", "[1] (a): interface: \"\"", "1 to 15 bytes, not 0 (at byte 4)"),
    ("a@x@y:z", "[0] (a): interface: \"x@y:z\"", "no '/', ':'"),
    ("ns/a@sixteen-bytes-ab", "[0] (ns/a): interface: \"sixteen-bytes-ab\"", "1 to 15 bytes, not 16 (at byte 5)"),
    ("a@éééééééé", "[0] (a): interface: \"éééééééé\"", "not 16"), ("a@..", "[0] (a): interface: \"..\"", "other than"),
  ]

  static let elements: [(String, String, String)] = [
    ("1", ": 1", "an object"), ("null", ": null", "an object"), (#""vn1""#, #": "vn1""#, "an object"),
    ("{}", ": name: null", "name"),
    (#"{"name":""}"#, #": name: """#, "name"), (#"{"name":"ns/a"}"#, #": name: "ns/a""#, "a network's name"),
    (#"{"name":"a b"}"#, #": name: "a b""#, "a network's name"), (#"{"name":1}"#, ": name: 1", "a network's name"),
    (#"{"name":"a","namespace":"x y"}"#, #" (a): namespace: "x y""#, "namespace"),
    (#"{"name":"a","namespace":1}"#, " (a): namespace: 1", "namespace"),
    (#"{"name":"d:p:n","namespace":"x"}"#, #" (d:p:n): namespace: "x""#, "has a project"),
    (#"{"name":"a","interface":"a/b"}"#, #" (a): interface: "a/b""#, "no '/'"),
    (#"{"name":"a","interface":7}"#, " (a): interface: 7", "a string"),
    (#"{"name":"a","ips":[]}"#, " (a): ips: []", "at least one"),
    (#"{"name":"a","ips":"10.0.0.1"}"#, " (a): ips: \"10", "an array"),
    (#"{"name":"a","ips":["10.0.0.256"]}"#, #" (a): ips[0]: "10.0.0.256""#, "an IP address"),
    (
      #"{"name":"a","ips":["10.0.0.1","10.0.0.2"]}"#, " (a): ips: [\"10.0.0.1\",\"10.0.0.2\"]",
      "at most one IPv4 address"
    ),
    (#"{"name":"a","ips":["::1","1.1.1.1","::2/64"]}"#, " (a): ips: ", "at most one IPv6 address"),
    (#"{"name":"a","mac":"02:00:00:00:00"}"#, #" (a): mac: "02:00:00:00:00""#, "six octets"),
    (#"{"name":"a","mac":"01:00:00:00:00:01"}"#, " (a): mac: ", "group address"),
    (#"{"name":"a","default-route":"10.0.0.1"}"#, " (a): default-route: ", "an array"),
    (#"{"name":"a","default-route":["10.0.0.1/24"]}"#, " (a): default-route[0]: ", "a gateway"),
    (#"{"name":"a","default-route":["10.0.0.1","10.0.0.2"]}"#, " (a): default-route: ", "at most one IPv4 gateway"),
    (#"{"name":"a","cni-args":[]}"#, " (a): cni-args: []", "an object"),
    (#"{"name":"a","bandwidth":{}}"#, " (a): bandwidth: {}", "above 0"),
    (#"{"name":"a","bandwidth":{"ingressRate":0}}"#, " (a): bandwidth: ", "above 0"),
    (#"{"name":"a","bandwidth":{"ingressRate":1,"egressBurst":5}}"#, " (a): bandwidth.egressBurst: 5", "egressRate"),
    (#"{"name":"a","bandwidth":{"ingressRate":-1}}"#, " (a): bandwidth.ingressRate: -1", "0 to"),
    (#"{"name":"a","portMappings":[{"hostPort":0}]}"#, " (a): portMappings[0].hostPort: 0", "1 to 65535"),
    (#"{"name":"a","portMappings":[{"hostPort":1}]}"#, " (a): portMappings[0].containerPort: null", "65535"),
    (
      #"{"name":"a","portMappings":[{"hostPort":1,"containerPort":2,"protocol":"x"}]}"#,
      " (a): portMappings[0].protocol", "sctp"
    ),
    (#"{"name":"a","infiniband-guid":"00:11"}"#, " (a): infiniband-guid: ", "eight octets"),
    (#"{"name":"a","ipam-claim-reference":"c","ips":["::1"]}"#, #" (a): ipam-claim-reference: "c""#, "ips"),
    (
      #"{"name":"a","cni-args":{"net.juniper.contrail.allowedAddressPairs":[{"ip":"x"}]}}"#,
      " (a): cni-args.net.juniper.contrail.allowedAddressPairs[0].ip: \"x\"", "an IP address"
    ),
  ]

  @Test(arguments: shortForms) func shortForm(text: String, message: String, details: String) throws {
    try expectError(text, message, details)
  }

  @Test(arguments: elements, [0, 3]) func element(element: (String, String, String), index: Int) throws {
    let text = "[" + String(repeating: #"{"name":"x"},"#, count: index) + element.0 + "]"
    try expectError(text, "[\(index)]" + element.1, element.2)
  }

  private func expectError(_ text: String, _ message: String, _ details: String) throws {
    let error = CNIError(try #require(throws: NetworkSelectionError.self) { try select(text) })
    #expect(error.code == .invalidConfiguration)
    #expect(error.message.hasPrefix("annotation k8s.v1.cni.cncf.io/networks" + message))
    #expect(error.message.hasSuffix(" is not valid"))
    #expect(error.details.hasPrefix("expected ") && error.details.contains(details))
  }

  static let malformed: [(String, String)] = [
    ("[", "line 1, column 2 (byte 1)"), ("[{\"name\":\"a\"}\n,]", "line 2, column 2 (byte 15)"),
    (#"[{'name':'a'}]"#, "line 1, column 3 (byte 2)"), (#"[{"name":"a","name":"b"}]"#, "duplicate key \"name\""),
    (#"[{"name":"a"}] x"#, "byte 15"), ("vn1, [vn2]", "byte 0"),
  ]

  @Test(arguments: malformed) func notJSON(text: String, place: String) throws {
    let error = try #require(throws: NetworkSelectionError.self) { try select(text) }
    #expect(error.message == "annotation k8s.v1.cni.cncf.io/networks is not valid JSON")
    #expect(error.hint.contains(place))
  }

  @Test(arguments: [(#"{"name":"a"}"#, #"{"name":"a"}"#), (#""a""#, #""a""#)]) func notAList(
    text: String, shown: String
  ) throws {
    let error = try #require(throws: NetworkSelectionError.self) { try select(text) }
    #expect(error.message == "annotation k8s.v1.cni.cncf.io/networks: \(shown) is not valid")
    #expect(error.hint.contains("an array of objects") || error.hint.contains("JSON array"))
  }

  /// Two networks cannot both have the default route: the error names both.
  @Test(arguments: ["[]", #"["10.0.0.1"]"#]) func twoDefaultRoutes(value: String) throws {
    let error = try #require(throws: NetworkSelectionError.self) {
      try select(#"[{"name":"x"},{"name":"a","default-route":[]},{"name":"b","default-route":\#(value)}]"#)
    }
    #expect(error.message == "annotation k8s.v1.cni.cncf.io/networks[2] (b): default-route: \(value) is not valid")
    #expect(error.hint.contains("[1] (a)"))
  }

  static let huge: [String] = [
    String(repeating: "a,", count: 524_288), String(repeating: "a", count: 1_048_576),
    "a@" + String(repeating: "x", count: 1_048_576), String(repeating: " ", count: 1_048_575) + "A",
    "[" + String(repeating: "{},", count: 349_524) + "{}]", "[" + String(repeating: "[", count: 1_048_575),
    #"[{"name":""# + String(repeating: "A", count: 1_048_576) + #""}]"#,
    #"[{"name":"a","ips":["# + String(repeating: #""1.1.1.1","#, count: 104_857) + #""1.1.1.1"]}]"#,
  ]

  /// A megabyte of nonsense is refused in bounded time, by a message of bounded length.
  @Test(arguments: huge.indices) func oneMegabyte(index: Int) throws {
    let clock = ContinuousClock()
    var error: NetworkSelectionError?
    let elapsed = clock.measure {
      error = #expect(throws: NetworkSelectionError.self) { try select(Self.huge[index]) }
    }
    #expect(try #require(error).description.utf8.count < 2000)
    #expect(elapsed < .seconds(60))
  }

  /// The bound is on the number of networks, and it is exact.
  @Test(arguments: [1024, 1025]) func count(count: Int) throws {
    let short = Array(repeating: "a", count: count).joined(separator: ",")
    let json = "[" + Array(repeating: #"{"name":"a"}"#, count: count).joined(separator: ",") + "]"
    for text in [short, json] {
      let selected = try? select(text).elements.count
      #expect(selected == (count == 1024 ? 1024 : nil))
    }
  }
}
