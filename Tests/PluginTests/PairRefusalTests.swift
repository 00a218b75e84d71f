import JSON
import Testing

/// What is wrong about allowed address pairs is refused with a reason, at ADD and when a manifest gives them to a pod that
/// runs; and nothing is half done.
@Suite struct PairRefusalTests {
  struct Refusal: CustomStringConvertible, Sendable {
    let pairs: String
    let reason: String
    var network = "a"
    /// Whether a manifest can say it: what is no JSON is no manifest either.
    var isList = true
    var description: String { pairs }
  }

  static let refusals: [Refusal] = [
    .init(pairs: #"[{"ip":10.1.1.1}]"#, reason: "every address in quotes", isList: false),
    .init(pairs: #"[{"ip":"10.1.1.1" "mac":""}]"#, reason: "comma between", isList: false),
    .init(pairs: #"[{"ip":"10.0.0.0/16"}]"#, reason: "/24 or longer"),
    .init(pairs: #"[{"ip":"fd00:7::/119"}]"#, reason: "/120 or longer"),
    .init(pairs: #"[{"ip":"172.16.10.1"}]"#, reason: "gateway of network lab/a"),
    .init(pairs: #"[{"ip":"fd00:a::1"}]"#, reason: "gateway of network lab/a"),
    .init(pairs: #"[{"ip":"10.1.1.1","mac":"01:00:5e:00:00:01"}]"#, reason: "group address"),
    .init(pairs: #"[{"ip":"224.0.0.1"}]"#, reason: "multicast"),
    .init(pairs: #"[{"ip":"ff02::1"}]"#, reason: "multicast"),
    .init(pairs: #"[{"ip":"10.1.1.1","mac":"00:00:5e:00:01:00"}]"#, reason: "kept for gateways"),
    .init(pairs: #"[{"ip":"OTHER"}]"#, reason: "own address of pod lab/"),
    .init(pairs: #"[{"ip":"10.1.1.1","mac":"OTHERMAC"}]"#, reason: "MAC of pod lab/"),
    .init(pairs: #"[{"ip":"fd00:7::1"}]"#, reason: "network lab/four has no IPv6 subnet", network: "four"),
    .init(pairs: #"[{"ip":"10.1.1.1"}]"#, reason: "network lab/six has no IPv4 subnet", network: "six"),
    .init(pairs: #"[{"ip":"10.1.1.1","adressMode":"active-active"}]"#, reason: "a pair has ip, mac and addressMode"),
    .init(pairs: #"[{"ip":"10.1.1.1","addressMode":"active"}]"#, reason: "active-active or active-standby"),
  ]

  private static func withNetworks(_ body: (Node) throws -> Void) throws {
    try VirtualRouterTests.withNetworks { node in
      try node.apply(
        definition("four", ["ipamV4Subnet": "172.16.40.0/24"]), definition("six", ["ipamV6Subnet": "fd00:6::/64"]),
        definition(
          "open",
          [
            "ipamV4Subnet": "172.16.50.0/24",
            "virtualNetworkProperties": ["forwardingMode": "l2_l3", "rpf": "disable"],
          ]))
      try body(node)
    }
  }

  /// Pairs that name what another pod has, which is known only now.
  private static func written(_ refusal: Refusal, _ other: JSONValue) -> String {
    refusal.pairs.replacing("OTHERMAC", with: other["mac"]?.string ?? "")
      .replacing("OTHER", with: other["ips"]?.array?.first?.string ?? "")
  }

  @Test("An ADD that asks for bad pairs fails by name, and leaves nothing", arguments: refusals)
  func atAttachment(_ refusal: Refusal) throws {
    try Self.withNetworks { node in
      let other = try node.makePod()
      let network = refusal.network
      let status = try #require(try node.add(other, node.configuration(networks: network)).status("eth1"))
      try node.settleAddresses()
      let pod = try node.makePod()
      let configuration = node.configuration(networks: selection(Self.written(refusal, status), of: network))
      try expectUnchanged(node) {
        let error = expectError(7, naming: ["k8s.v1.cni.cncf.io/networks"], try node.run("ADD", pod, configuration))
        let text = "\(error?["msg"]?.string ?? "") \(error?["details"]?.string ?? "")"
        #expect(text.contains(refusal.reason), "\(text)")
      }
    }
  }

  @Test("A manifest with a good pair and a bad one changes nothing", arguments: refusals.filter(\.isList))
  func manifest(_ refusal: Refusal) throws {
    try Self.withNetworks { node in
      let network = refusal.network
      let other = try node.makePod()
      let status = try #require(try node.add(other, node.configuration(networks: network)).status("eth1"))
      let pod = try node.makePod()
      let (kept, good) = network == "six" ? ("fd00:6::77", "fd00:6::78") : ("172.16.99.77", "172.16.99.78")
      try node.add(pod, node.configuration(networks: selection(#"[{"ip":"\#(kept)"}]"#, of: network)))
      try node.settleAddresses()
      let views = try node.pairViews()
      #expect(views.contains { $0.contains(kept) })
      let name = try node.interfaceView("eth1", of: pod)
      try expectUnchanged(node) {
        let bad = try JSONValue(parsing: Self.written(refusal, status)).array ?? []
        let outcome = try node.contrailctl(
          "apply", "-f", "-", input: pairManifest(name, .array([["ip": .string(good)]] + bad)).text())
        #expect(!outcome.succeeded && outcome.standardError.contains(refusal.reason), "\(outcome)")
        #expect(outcome.standardError.contains("spec.allowedAddressPairs"), "\(outcome)")
      }
      #expect(try node.pairViews() == views)
    }
  }

  /// A pod must not start without its networks or pairs because of a typing error.
  @Test(
    "A misspelt key is refused with the right one",
    arguments: [
      ("k8s.v1.cncf.op/networks", "a", "the key k8s.v1.cni.cncf.io/networks"),
      ("k8s.v1.cni.cncf.op/networks", "a", "the key k8s.v1.cni.cncf.io/networks"),
      ("k8s.v1.cni.cncf.io/network", "a", "the key k8s.v1.cni.cncf.io/networks"),
      (
        "k8s.v1.cni.cncf.io/networks",
        #"[{"name":"a","cni-args":{"net.juniper.contrail.allowedAddressPair":[{"ip":"10.1.1.1"}]}}]"#,
        "the key net.juniper.contrail.allowedAddressPairs"
      ),
    ])
  func misspelt(key: String, value: String, hint: String) throws {
    try VirtualRouterTests.withNetworks { node in
      let pod = try node.makePod()
      let outcome = try node.run("ADD", pod, node.configuration(annotations: [key: .string(value)]))
      let error = expectError(7, naming: [key], outcome)
      #expect(error?["details"]?.string?.contains("expected \(hint)") == true, "\(outcome)")
    }
  }

  /// Where sources are not checked there is nothing to allow. The pair is kept all the same, and said to be without effect.
  @Test("A pair on a network with rpf: disable is accepted, and said to be without effect")
  func unchecked() throws {
    try Self.withNetworks { node in
      let warning = "network lab/open does not check sources (rpf: disable)"
      let pod = try node.makePod()
      let configuration = node.configuration(networks: selection(#"[{"ip":"172.16.50.77"}]"#, of: "open"))
      let result = try node.add(pod, configuration)
      #expect(node.log.contains(warning))
      expectSilentSuccess(try node.check(pod, result, configuration))
      let outcome = try node.contrailctl(
        "apply", "-f", "-",
        input: pairManifest(try node.interfaceView("eth1", of: pod), [["ip": "172.16.50.78"]]).text())
      #expect(outcome.succeeded && outcome.standardError.contains(warning), "\(outcome)")
      #expect(try node.pairViews().contains { $0.contains("172.16.50.78") })
    }
  }

  /// The bridge would send those frames to one port, whoever has announced itself; and an address would be two pods'.
  @Test("A new pod does not get the MAC of another pod's pair, nor its address unless it lists that pair too")
  func requested() throws {
    try Self.withNetworks { node in
      let holder = try VirtualRouterTests.add(
        node, selection(#"[{"ip":"172.16.10.100","mac":"00:00:5e:00:01:33"}]"#))
      try node.settleAddresses()
      let pods = [try node.makePod(), try node.makePod()]
      func add(_ member: String, to network: String = "a", _ pod: Pod) throws -> Outcome {
        try node.run("ADD", pod, node.configuration(networks: #"[{"name":"\#(network)",\#(member)}]"#))
      }
      try expectUnchanged(node) {
        let mac = try add(#""mac":"00:00:5e:00:01:33""#, pods[0])
        expectError(11, naming: ["mac: 00:00:5e:00:01:33", "allowed address pair of pod lab/\(holder.name)"], mac)
        let address = try add(#""ips":["172.16.10.100"]"#, pods[0])
        expectError(11, naming: ["ips: 172.16.10.100", "address pair of pod lab/\(holder.name)"], address)
      }
      let pair = #""cni-args":{"net.juniper.contrail.allowedAddressPairs":[{"ip":"172.16.10.100"}]}"#
      #expect(try add(#""ips":["172.16.10.100"],\#(pair)"#, pods[0]).succeeded)
      // Elsewhere the same MAC is another one.
      #expect(try add(#""mac":"00:00:5e:00:01:33""#, to: "b", pods[1]).succeeded)
    }
  }
}
