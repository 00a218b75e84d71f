import CNI
import JSON
import NetworkAddresses
import Testing

func configuration(_ text: String) throws(CNIError) -> NetworkConfiguration {
  try NetworkConfiguration(parsing: Array(text.utf8))
}

/// A configuration with these further members.
func configuration(with members: String) throws(CNIError) -> NetworkConfiguration {
  try configuration(#"{"cniVersion":"1.1.0","name":"net","type":"contrail-k8s-cni",\#(members)}"#)
}

/// What every verb needs of the configuration, and the code for what is wrong with it.
@Suite struct NetworkConfigurationTests {
  @Test(arguments: [
    ("", 6), ("  ", 6), ("[]", 6), ("null", 6), ("\"x\"", 6), (#"{"name":"#, 6), (#"{"name":"a","name":"b"}"#, 6),
    (#"{"cniVersion":1,"name":"a","type":"t"}"#, 6), (#"{"cniVersion":null,"name":"a","type":"t"}"#, 6),
    (#"{"cniVersion":"1.0","name":"a","type":"t"}"#, 1), (#"{"cniVersion":"9.9.9","name":"a","type":"t"}"#, 1),
    (#"{"cniVersion":"9.9.9"}"#, 1),
    (#"{"cniVersion":"1.0.0","type":"t"}"#, 7), (#"{"cniVersion":"1.0.0","type":"t","name":""}"#, 7),
    (#"{"cniVersion":"1.0.0","type":"t","name":"te%%st"}"#, 7), (#"{"cniVersion":"1.0.0","type":"t","name":"a\n"}"#, 7),
    (#"{"cniVersion":"1.0.0","type":"t","name":"-a"}"#, 7), (#"{"cniVersion":"1.0.0","type":"t","name":1}"#, 7),
    (#"{"cniVersion":"1.0.0","name":"a"}"#, 7),
  ])
  func refused(text: String, code: Int) throws {
    let error = try #require(throws: CNIError.self) { try configuration(text) }
    #expect(error.code.rawValue == code)
  }

  @Test func syntaxErrorIsPlaced() throws {
    let error = try #require(throws: CNIError.self) { try configuration("{\n'a':1}") }
    #expect(error.details == "line 2, column 1 (byte 2): found ''', expected a key in double quotes")
  }

  @Test(arguments: [(#""cniVersion":"0.3.1","#, "0.3.1"), ("", "0.1.0"), (#""cniVersion":"","#, "0.1.0")])
  func version(member: String, version: String) throws {
    #expect(try configuration(#"{\#(member)"name":"a.b-c_d","type":"t"}"#).version.text == version)
  }

  /// Unknown keys are kept.
  @Test func unknownKeys() throws {
    let read = try configuration(with: #""x":{"y":[1]}"#)
    #expect(read.object["x"] == ["y": [1]])
    #expect(read.name == "net")
    #expect(read.type == "contrail-k8s-cni")
    #expect(try read.runtimeConfig().podAnnotations() == nil)
    #expect(try read.previousResult() == nil)
    #expect(try read.validAttachments() == nil)
    #expect(try read.capabilities() == [])
  }

  @Test func capabilities() throws {
    let read = try configuration(with: #""capabilities":{"ips":true,"mac":false,"dns":true}"#)
    #expect(try read.capabilities() == ["ips", "dns"])
  }

  /// GC: an absent key says nothing, `null` and the empty list say that everything is stale.
  @Test(
    arguments: [
      ("\"x\":1", nil), (#""cni.dev/valid-attachments":null"#, 0), (#""cni.dev/valid-attachments":[]"#, 0),
      (#""cni.dev/valid-attachments":[{"containerID":"a","ifname":"eth0"}]"#, 1),
      (#""cni.dev/attachments":[{"containerID":"a","ifname":"eth0"}]"#, 1), (#""cni.dev/attachments":null"#, 0),
      (
        #""cni.dev/attachments":[{"containerID":"a","ifname":"eth0"}],"#
          + #""cni.dev/valid-attachments":[{"containerID":"a","ifname":"eth0"},{"containerID":"b","ifname":"eth0"}]"#, 2
      ),
      (#""cni.dev/attachments":[{"containerID":"a","ifname":"eth0"}],"cni.dev/valid-attachments":null"#, 1),
    ] as [(String, Int?)])
  func validAttachments(members: String, count: Int?) throws {
    let attachments = try configuration(with: members).validAttachments()
    #expect(attachments?.count == count)
    if let first = attachments?.first { #expect(first == AttachmentReference(containerID: "a", interfaceName: "eth0")) }
  }

  /// A list that cannot be read must not count as an empty one.
  @Test(arguments: [
    #"{}"#, #""x""#, #"[1]"#, #"[{}]"#, #"[{"containerID":"a"}]"#, #"[{"containerID":"","ifname":"x"}]"#,
    #"[{"containerID":1,"ifname":"x"}]"#, "false",
  ])
  func malformedAttachments(list: String) throws {
    let read = try configuration(with: #""cni.dev/valid-attachments":\#(list)"#)
    let error = try #require(throws: CNIError.self) { try read.validAttachments() }
    #expect(error.code == .invalidConfiguration)
    #expect(error.message.contains("cni.dev/valid-attachments"))
  }
}

/// What the caller asks for in several places: `runtimeConfig` over `args.cni` over `CNI_ARGS`.
@Suite struct RequestTests {
  static let runtime = #""runtimeConfig":{"mac":"02:00:00:00:00:03","ips":["10.0.0.3/24","fd00::3"]}"#
  static let args = #""args":{"cni":{"mac":"02:00:00:00:00:02","ips":["10.0.0.2"],"labels":[{"key":"a","value":"b"}]}}"#
  static let environment = "MAC=02:00:00:00:00:01;IP=10.0.0.1,fd00::1/64"

  @Test(
    arguments: [
      ("\"x\":1", "", nil, 0), ("\"x\":1", environment, 1, 2), (args, environment, 2, 1),
      ("\(args),\(runtime)", environment, 3, 2), (runtime, "", 3, 2),
      (#""runtimeConfig":{"MAC":"02:00:00:00:00:04"}"#, "", 4, 0),
      (#""runtimeConfig":{"mac":"","ips":[]}"#, environment, 1, 2),
      (#""runtimeConfig":null,"args":null"#, environment, 1, 2), (#""args":{"cni":null}"#, environment, 1, 2),
    ] as [(String, String, Int?, Int)])
  func precedence(members: String, arguments: String, mac: Int?, addresses: Int) throws {
    let read = try configuration(with: members)
    let pairs = CNIArguments(arguments)
    #expect(try read.requestedMAC(pairs)?.bytes.last.map { Int($0) } == mac)
    let requested = try read.requestedAddresses(pairs)
    #expect(requested.count == addresses)
    if let mac, addresses > 0 { #expect(requested[0].address == IPAddress("10.0.0.\(mac)")) }
  }

  @Test func prefixLengths() throws {
    let requested = try configuration(with: Self.runtime).requestedAddresses(CNIArguments(""))
    #expect(requested.map(\.prefixLength) == [24, nil])
  }

  @Test func labels() throws {
    #expect(try configuration(with: Self.args).labels().map { "\($0.key)=\($0.value)" } == ["a=b"])
  }

  /// Neither a group address nor zero can be an interface's.
  @Test(arguments: ["x", "02:00:00:00:00", "01:00:00:00:00:01", "00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"])
  func badMAC(text: String) throws {
    for (members, arguments) in [
      (#""runtimeConfig":{"mac":"\#(text)"}"#, ""), (#""args":{"cni":{"mac":"\#(text)"}}"#, ""),
      ("\"x\":1", "MAC=\(text)"),
    ] {
      let read = try configuration(with: members)
      let error = try #require(throws: CNIError.self) { try read.requestedMAC(CNIArguments(arguments)) }
      #expect(error.code == .invalidConfiguration)
      #expect(error.message.contains(text))
    }
  }

  @Test(arguments: ["x", "10.0.0", "10.0.0.1/33", "10.0.0.1/", "fd00::1%eth0"]) func badAddress(text: String) throws {
    for (members, arguments) in [
      (#""runtimeConfig":{"ips":["\#(text)"]}"#, ""), (#""args":{"cni":{"ips":["\#(text)"]}}"#, ""),
      ("\"x\":1", "IP=\(text)"),
    ] {
      let read = try configuration(with: members)
      let error = try #require(throws: CNIError.self) { try read.requestedAddresses(CNIArguments(arguments)) }
      #expect(error.code == .invalidConfiguration)
      #expect(error.message.contains(text))
    }
  }
}
