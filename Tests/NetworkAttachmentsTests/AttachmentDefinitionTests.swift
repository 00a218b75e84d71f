import JSON
import NetworkAddresses
import NetworkAttachments
import Testing

private let ourConfig: JSONValue = #"{"cniVersion": "0.3.1", "type": "contrail-k8s-cni"}"#

private func definition(_ annotations: JSONObject, config: JSONValue? = ourConfig) throws -> NetworkAttachmentDefinition
{
  let spec: JSONObject = config.map { ["config": $0] } ?? [:]
  return try NetworkAttachmentDefinition(
    manifest: ["metadata": ["name": "vn1", "annotations": .object(annotations)], "spec": .object(spec)])
}

private func network(_ annotations: JSONObject) throws -> NetworkDefinition {
  try definition(annotations).networkDefinition()
}

private func network(juniper: String) throws -> NetworkDefinition {
  try network(["juniper.net/networks": .string(juniper)])
}

@Suite struct AttachmentDefinitionTests {
  static let configurations: [(JSONValue?, String?, String)] = [
    (ourConfig, nil, "vn1"), (#"{"type":"contrail-k8s-cni","name":"other"}"#, nil, "other"),
    (#"{"name":"list","plugins":[{"type":"contrail-k8s-cni"},{"type":"tuning"}]}"#, nil, "list"),
    (#"{"plugins":[{"type":"contrail-k8s-cni"}],"name":""}"#, nil, "vn1"),
    (#"{"plugins":[{"type":"tuning"},{"type":"contrail-k8s-cni"}]}"#, "for the plugin tuning", "vn1"),
    (#"{"type":"macvlan"}"#, "for the plugin macvlan", "vn1"), ("{}", "no type", "vn1"),
    (#"{"type":1}"#, "no type", "vn1"),
    (nil, "absent", "vn1"), ("", "not valid JSON: line 1", "vn1"), ("{'type'", "not valid JSON", "vn1"),
    (["type": "contrail-k8s-cni"], "not a string", "vn1"), ("[]", "no type", "vn1"),
  ]

  /// A definition is ours when the first plugin of its configuration is.
  @Test(arguments: configurations) func ownership(config: JSONValue?, reason: String?, name: String) throws {
    let definition = try definition([:], config: config)
    #expect(definition.configurationName == name)
    switch definition.ownership {
    case .ours: #expect(reason == nil)
    case .foreign(let text): #expect(text.hasPrefix("spec.config ") && text.contains(reason ?? "?"))
    }
  }

  static let manifests: [(String, String)] = [
    ("{}", "metadata.name is null"), (#"{"metadata":{"name":"A"}}"#, "metadata.name is \"A\""),
    ("[]", "expected an object"),
    (#"{"metadata":{"name":"a","namespace":"b/c"}}"#, "metadata.namespace"), ("{", "not valid JSON: line 1, column 2"),
    (#"{"metadata":{"name":"a","annotations":{"x":1}}}"#, "metadata.annotations.x is 1, expected a string"),
  ]

  @Test(arguments: manifests) func badManifest(text: String, reason: String) throws {
    let error = try #require(throws: ManifestError.self) { try NetworkAttachmentDefinition(parsing: text) }
    #expect(error.description.contains(reason))
  }

  @Test func namespaces() throws {
    let given = try NetworkAttachmentDefinition(parsing: #"{"metadata":{"name":"a","namespace":"x"}}"#, namespace: "y")
    let implied = try NetworkAttachmentDefinition(parsing: #"{"metadata":{"name":"a"}}"#, namespace: "y")
    #expect(given.name.description == "x/a" && implied.name.description == "y/a")
  }

  @Test func everyKey() throws {
    var annotations: JSONObject = [
      "core.juniper.net/display-name": "Blue", "core.juniper.net/description": "A network",
    ]
    annotations["juniper.net/networks"] = .string(
      """
      {"ipamV4Subnet":"10.0.0.0/24","ipamV4Gateway":"10.0.0.254","ipamV6Subnet":"fd00::/64","ipamV6Gateway":"fd00::ff",
       "fabricSNAT":true,"podNetwork":true,"fabricForwarding":false,"allocation":"descending",
       "virtualNetworkProperties":{"forwardingMode":"l3","rpf":"disable","maxFlows":1},"color":"blue"}
      """)
    let read = try network(annotations)
    #expect(read.subnets.map(\.prefix.description) == ["10.0.0.0/24", "fd00::/64"])
    #expect(read.subnets.compactMap(\.gateway?.description) == ["10.0.0.254", "fd00::ff"])
    #expect(read.subnet(.v6)?.prefix.description == "fd00::/64" && read.subnet(.v4)?.prefix.family == .v4)
    #expect(read.fabricSNAT && read.podNetwork && !read.fabricForwarding && read.allocation == .descending)
    #expect(read.forwardingMode == .l3 && read.reversePathForwarding == .disable)
    #expect(read.displayName == "Blue" && read.details == "A network")
    #expect(read.unknownKeys == ["color", "virtualNetworkProperties.maxFlows"])
    #expect(
      read.warnings == ["unknown keys of juniper.net/networks are ignored: color, virtualNetworkProperties.maxFlows"])
    #expect(read.status == "success creating VirtualNetwork vn1 v4Subnet: 10.0.0.0/24 v6Subnet: fd00::/64 ")
  }

  @Test func onlyIPv6() throws {
    let read = try network(juniper: #"{"ipamV6Subnet":"2001:db8::/64"}"#)
    #expect(read.status == "success creating VirtualNetwork vn1 v6Subnet: 2001:db8::/64 ")
  }

  static let cidrs: [(JSONObject, [String])] = [
    (["opencontrail.org/cidr": "101.101.101.0/24"], ["101.101.101.0/24"]),
    (["opencontrail.org/cidr": "fd00::/64"], ["fd00::/64"]),
    (
      ["opencontrail.org/cidr": "10.0.0.0/24", "juniper.net/networks": #"{"ipamV4Subnet":"10.0.0.0/24"}"#],
      ["10.0.0.0/24"]
    ),
    (
      ["opencontrail.org/cidr": "10.0.0.0/24", "juniper.net/networks": #"{"ipamV6Subnet":"fd00::/64"}"#],
      ["10.0.0.0/24", "fd00::/64"]
    ),
  ]

  @Test(arguments: cidrs) func cidr(annotations: JSONObject, subnets: [String]) throws {
    #expect(try network(annotations).subnets.map(\.prefix.description) == subnets)
  }

  static let fabrics: [(String, JSONValue?, JSONValue?, Bool, Bool)] = [
    ("", nil, nil, false, false), ("", "true", nil, true, false), ("", "TRUE", "False", true, false),
    ("", "true", "True", false, true), (#","fabricSNAT":true,"fabricForwarding":true"#, nil, nil, false, true),
    (#","fabricSNAT":false"#, "true", nil, false, false), (#","fabricForwarding":false"#, "true", "true", true, false),
    (#","fabricForwarding":true"#, "true", nil, false, true), ("", "", "", false, false),
  ]

  /// Forwarding makes translation meaningless: both are never on. CN2's key decides over Tungsten Fabric's.
  @Test(arguments: fabrics)
  func fabric(keys: String, snat: JSONValue?, forwarding: JSONValue?, translates: Bool, forwards: Bool) throws {
    var annotations: JSONObject = ["juniper.net/networks": .string(#"{"ipamV4Subnet":"10.0.0.0/24"\#(keys)}"#)]
    annotations["opencontrail.org/ip_fabric_snat"] = snat
    annotations["opencontrail.org/ip_fabric_forwarding"] = forwarding
    let read = try network(annotations)
    #expect(read.fabricSNAT == translates && read.fabricForwarding == forwards)
    #expect(read.warnings.allSatisfy { $0.contains("fabricSNAT has no effect") })
  }

  @Test(arguments: [
    "{'domain': 'default-domain', 'project': 'k8s-ns', 'name': 'k8s-vn-pod-network'}",
    #"{"domain":"default-domain","project":"k8s-ns","name":"k8s-vn-pod-network"}"#,
    "{u'project': u'k8s-ns', u'name': u'k8s-vn-pod-network'}",
  ])
  func existing(text: String) throws {
    let read = try network(["opencontrail.org/network": .string(text)])
    #expect(read.existing == .qualified(domain: "default-domain", project: "k8s-ns", name: "k8s-vn-pod-network"))
    #expect(read.subnets.isEmpty)
    #expect(read.status == "success attaching to VirtualNetwork default-domain:k8s-ns:k8s-vn-pod-network ")
  }

  static let errors: [(JSONObject, String, String)] = [
    ([:], "juniper.net/networks is null", "opencontrail.org/cidr"),
    (["juniper.net/networks": "{}"], "is {}", "ipamV4Subnet"),
    (["juniper.net/networks": "{"], "is \"{\"", "line 1, column 2 (byte 1)"),
    (["juniper.net/networks": "[]"], "is \"[]\"", "a JSON object"),
    (["opencontrail.org/cidr": "10.0.0.0"], "opencontrail.org/cidr is \"10.0.0.0\"", "ADDRESS/LENGTH"),
    (["opencontrail.org/cidr": "10.0.0.1/24"], "opencontrail.org/cidr is", "10.0.0.0/24: host bits"),
    (["opencontrail.org/cidr": "10.0.0.0/31"], "opencontrail.org/cidr is", "no room"),
    (
      ["opencontrail.org/cidr": "10.0.0.0/24", "juniper.net/networks": #"{"ipamV4Subnet":"10.0.1.0/24"}"#],
      "opencontrail.org/cidr is \"10.0.0.0/24\"", "10.0.1.0/24, as juniper.net/networks.ipamV4Subnet says"
    ),
    (
      ["opencontrail.org/cidr": "10.0.0.0/24", "opencontrail.org/network": "{'project':'p','name':'n'}"],
      "opencontrail.org/network is \"default-domain:p:n\"", "no network that exists beside a subnet"
    ),
    (["opencontrail.org/network": "{'project':'p'}"], "opencontrail.org/network.name is null", "a network's name"),
    (
      ["opencontrail.org/cidr": "10.0.0.0/24", "opencontrail.org/ip_fabric_snat": "yes"], "ip_fabric_snat is \"yes\"",
      "true or false"
    ),
  ]

  @Test(arguments: errors) func error(annotations: JSONObject, reason: String, expected: String) throws {
    try expectError(annotations, reason, expected)
  }

  static let keys: [(String, String, String)] = [
    (#""ipamV4Subnet":"10.0.0.0/31""#, "ipamV4Subnet is", "no room"),
    (#""ipamV4Subnet":"fd00::/64""#, "ipamV4Subnet is", "an IPv4 network, not IPv6"),
    (#""ipamV4Subnet":"10.0.0.5/24""#, "ipamV4Subnet is", "10.0.0.0/24"),
    (#""ipamV4Subnet":"224.0.0.0/24""#, "ipamV4Subnet is", "multicast"),
    (#""ipamV6Subnet":"2001:db8:24:19ff::/63""#, "ipamV6Subnet is", "2001:db8:24:19fe::/63"),
    (#""ipamV4Subnet":7"#, "ipamV4Subnet is 7", "a string"),
    (#""ipamV6Subnet":"fd00::/127""#, "ipamV6Subnet is", "no room"),
    (#""ipamV4Gateway":"10.0.0.1""#, "ipamV4Gateway is", "no such subnet"),
    (#""ipamV4Subnet":"10.0.0.0/24","ipamV4Gateway":"10.0.1.1""#, "ipamV4Gateway is", "an address in 10.0.0.0/24"),
    (#""ipamV4Subnet":"10.0.0.0/24","ipamV4Gateway":"10.0.0.255""#, "ipamV4Gateway is", "a host can have"),
    (#""ipamV4Subnet":"10.0.0.0/24","ipamV4Gateway":"fd00::1""#, "ipamV4Gateway is", "10.0.0.0/24"),
  ]
  static let settings: [(String, String, String)] = [
    (#""routeTargetList":["target:1:1","1:1"]"#, "routeTargetList[1] is \"1:1\"", "target:<asn or IPv4>:<number>"),
    (#""importRouteTargetList":"target:1:1""#, "importRouteTargetList is", "an array"),
    (#""exportRouteTargetList":[1]"#, "exportRouteTargetList[0] is 1", "target:"),
    (#""fabricSNAT":"true""#, "fabricSNAT is \"true\"", "true or false"),
    (#""fabricForwarding":1"#, "fabricForwarding is 1", "true or false"),
    (#""podNetwork":"x""#, "podNetwork is", "true or false"),
    (#""allocation":"random""#, "allocation is \"random\"", "ascending or descending"),
    (
      #""virtualNetworkProperties":{"forwardingMode":"l4"}"#, "virtualNetworkProperties.forwardingMode is \"l4\"",
      "l2_l3 or l3 or l2"
    ),
    (#""virtualNetworkProperties":{"rpf":true}"#, "virtualNetworkProperties.rpf is true", "enable or disable"),
    (#""virtualNetworkProperties":[]"#, "virtualNetworkProperties is []", "an object"),
  ]

  @Test(arguments: keys + settings.map { (#""ipamV4Subnet":"10.0.0.0/24","# + $0.0, $0.1, $0.2) })
  func key(text: String, reason: String, expected: String) throws {
    try expectError(["juniper.net/networks": .string("{\(text)}")], "juniper.net/networks." + reason, expected)
  }

  /// The status says that it failed, about which network, which key and value, and what would be right.
  private func expectError(_ annotations: JSONObject, _ reason: String, _ expected: String) throws {
    let error = try #require(throws: NetworkDefinitionError.self) { try network(annotations) }
    #expect(error.status == "failed creating VirtualNetwork vn1: " + error.reason)
    #expect(error.reason.contains(reason))
    #expect(error.reason.contains("expected ") && error.reason.contains(expected))
  }
}
