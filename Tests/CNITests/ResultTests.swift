import CNI
import JSON
import NetworkAddresses
import Testing

private func address(_ text: String) throws -> InterfaceAddress { try #require(InterfaceAddress(text)) }

private func sample() throws -> CNIResult {
  CNIResult(
    interfaces: [.init(name: "eth0", mac: "02:00:00:00:00:01", mtu: 1450, sandbox: "/run/netns/x")],
    ips: [
      .init(try address("10.32.0.2/12"), gateway: IPAddress("10.32.0.1"), interface: 0),
      .init(try address("fd00::2/64"), gateway: IPAddress("fd00::1"), interface: 0),
    ],
    routes: [
      .init(try IPPrefix(parsing: "0.0.0.0/0"), gateway: IPAddress("10.32.0.1")),
      .init(
        try IPPrefix(parsing: "::/0"), gateway: IPAddress("fd00::1"), mtu: 1400, advertisedMSS: 1340, priority: 7,
        table: 254, scope: 0),
    ],
    dns: DNS(nameservers: ["10.96.0.10"], search: ["svc"]))
}

/// A result has the shape of the version that the configuration asks for.
@Suite struct ResultShapes {
  static let dns = #""dns":{"nameservers":["10.96.0.10"],"search":["svc"]}"#
  static let perFamily =
    #""ip4":{"ip":"10.32.0.2/12","gateway":"10.32.0.1","routes":[{"dst":"0.0.0.0/0","gw":"10.32.0.1"}]},"#
    + #""ip6":{"ip":"fd00::2/64","gateway":"fd00::1","routes":[{"dst":"::/0","gw":"fd00::1"}]},\#(dns)"#
  static let interfaces = #""interfaces":[{"name":"eth0","mac":"02:00:00:00:00:01","sandbox":"/run/netns/x"}]"#
  static let routes = #""routes":[{"dst":"0.0.0.0/0","gw":"10.32.0.1"},{"dst":"::/0","gw":"fd00::1"}]"#
  static let ips =
    #""interface":0,"address":"10.32.0.2/12","gateway":"10.32.0.1"},{FAMILY6"interface":0,"address":"fd00::2/64","gateway":"fd00::1"}]"#
  static let withFamily =
    #"\#(interfaces),"ips":[{"version":"4",\#(ips.replacingFamily(#""version":"6","#)),\#(routes),\#(dns)"#
  static let plain = #"\#(interfaces),"ips":[{\#(ips.replacingFamily("")),\#(routes),\#(dns)"#
  static let detailed =
    #""interfaces":[{"name":"eth0","mac":"02:00:00:00:00:01","mtu":1450,"sandbox":"/run/netns/x"}],"#
    + #""ips":[{\#(ips.replacingFamily("")),"routes":[{"dst":"0.0.0.0/0","gw":"10.32.0.1"},"#
    + #"{"dst":"::/0","gw":"fd00::1","mtu":1400,"advmss":1340,"priority":7,"table":254,"scope":0}],\#(dns)"#

  @Test(arguments: [
    ("0.1.0", perFamily), ("0.2.0", perFamily), ("0.3.0", withFamily), ("0.3.1", withFamily), ("0.4.0", withFamily),
    ("1.0.0", plain), ("1.1.0", detailed),
  ])
  func shape(version: String, members: String) throws {
    let encoded = try sample().json(version: try #require(CNIVersion(version)))
    #expect(encoded.text() == #"{"cniVersion":"\#(version)",\#(members)}"#)
  }

  /// What a version can tell survives encoding and reading.
  @Test(arguments: CNIVersion.all) func roundTrip(version: CNIVersion) throws {
    var expected = try sample()
    if !version.hasLinkDetails {
      expected.interfaces[0].mtu = nil
      expected.routes[1] = .init(expected.routes[1].destination, gateway: expected.routes[1].gateway)
    }
    if version.resultShape == .addressPerFamily {
      expected.interfaces = []
      for index in expected.ips.indices { expected.ips[index].interface = nil }
    }
    let read = try configuration(with: "\"prevResult\":\(try sample().json(version: version))").previousResult()
    #expect(read == expected)
  }

  /// The oldest shape has one address per family, the first, and no way to tell of none.
  @Test(arguments: ["0.1.0", "0.2.0"]) func oldest(version: String) throws {
    let version = try #require(CNIVersion(version))
    var result = CNIResult(interfaces: [.init(name: "eth0")])
    #expect(throws: CNIError.self) { try result.json(version: version) }
    result.ips = [.init(try address("fd00::2/64")), .init(try address("fd00::3/64"))]
    #expect(try result.json(version: version).text() == #"{"cniVersion":"\#(version)","ip6":{"ip":"fd00::2/64"}}"#)
  }

  @Test func empty() throws {
    #expect(try CNIResult().json(version: .latest).text() == #"{"cniVersion":"1.1.0"}"#)
  }
}

extension String {
  fileprivate func replacingFamily(_ text: String) -> String {
    guard let start = firstIndex(of: "F") else { return self }
    return self[..<start] + text + self[index(start, offsetBy: 7)...]
  }
}

/// `prevResult`, of whatever version and plugin.
@Suite struct PreviousResultTests {
  @Test(arguments: ["null", "{}"]) func none(text: String) throws {
    #expect(try configuration(with: "\"prevResult\":\(text)").previousResult() == nil)
  }

  /// Host bits in a route and empty optional texts are other plugins' habits.
  @Test func habits() throws {
    let text =
      #"{"interfaces":[{"name":"br0","mac":"","sandbox":""}],"routes":[{"dst":"10.1.2.3/8","gw":""}],"dns":{}}"#
    let read = try #require(try configuration(with: "\"prevResult\":\(text)").previousResult())
    #expect(read.interfaces == [.init(name: "br0")])
    #expect(read.routes == [.init(try IPPrefix(parsing: "10.0.0.0/8"))])
  }

  @Test(arguments: [
    "[]", "\"x\"", #"{"cniVersion":"7.0.0"}"#, #"{"cniVersion":1}"#, #"{"interfaces":{}}"#, #"{"interfaces":[{}]}"#,
    #"{"ips":[{}]}"#, #"{"ips":[{"address":"10.0.0.1"}]}"#, #"{"ips":[{"address":"10.0.0.1/24","gateway":"x"}]}"#,
    #"{"ips":[{"address":"10.0.0.1/24","interface":0}]}"#, #"{"ips":[{"address":"10.0.0.1/24","interface":-1}]}"#,
    #"{"routes":[{"gw":"10.0.0.1"}]}"#, #"{"routes":[{"dst":"default"}]}"#, #"{"dns":[]}"#, #"{"ip4":{}}"#,
  ])
  func malformed(text: String) throws {
    let read = try configuration(with: "\"prevResult\":\(text)")
    let error = try #require(throws: CNIError.self) { try read.previousResult() }
    #expect(error.code == .invalidConfiguration)
    #expect(error.message.hasPrefix("prevResult"))
  }

  /// In a chain our interfaces follow the earlier ones, and our addresses point at ours.
  @Test func merging() throws {
    let earlier = CNIResult(
      interfaces: [.init(name: "br0"), .init(name: "lo", sandbox: "/x")],
      ips: [.init(try address("127.0.0.1/8"), interface: 1)], dns: DNS(domain: "d"))
    let merged = earlier.merging(try sample())
    #expect(merged.interfaces.map(\.name) == ["br0", "lo", "eth0"])
    #expect(merged.ips.map(\.interface) == [1, 2, 2])
    #expect(merged.routes == (try sample().routes))
    #expect(merged.dns == DNS(domain: "d"))
    #expect(CNIResult().merging(try sample()) == (try sample()))
  }
}
