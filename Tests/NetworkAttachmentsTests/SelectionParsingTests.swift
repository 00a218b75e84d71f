import CNI
import JSON
import NetworkAddresses
import NetworkAttachments
import Testing

func select(_ text: String) throws(NetworkSelectionError) -> NetworkSelection { try NetworkSelection(parsing: text) }

/// Elements come in the order of the text, none is lost, and the same network twice is two elements.
@Suite struct SelectionParsingTests {
  static let shortForms: [(String, [String])] = [
    ("vn1", ["vn1"]), ("vn1,vn2", ["vn1", "vn2"]), (" vn1 ,\n ns/vn2\t", ["vn1", "ns/vn2"]), ("a,a", ["a", "a"]),
    ("a,b@x1,a", ["a", "b@x1", "a"]), ("ns/name@eth7", ["ns/name@eth7"]), ("a @ x , b", ["a@x", "b"]),
    ("my.net-1", ["my.net-1"]),
    ("default-domain:k8s-ns:k8s-vn-pod-network@x", ["default-domain:k8s-ns:k8s-vn-pod-network@x"]),
    ("My_Cluster-contrail/default-podnetwork", ["My_Cluster-contrail/default-podnetwork"]),
    ("", []), (" \n\t ", []), ("[]", []), (" [ ] ", []),
  ]

  @Test(arguments: shortForms) func shortForm(text: String, elements: [String]) throws {
    let selection = try select(text)
    #expect(selection.elements.map { $0.network.description + ($0.interface.map { "@" + $0 } ?? "") } == elements)
    #expect(selection.elements.map(\.index) == Array(elements.indices))
    #expect(selection.annotation == "k8s.v1.cni.cncf.io/networks")
  }

  /// Both forms of one wish are one selection.
  @Test(arguments: [
    ("vn1", #"[{"name":"vn1"}]"#),
    ("ns/vn1@x, vn1", #"[{"name":"vn1","namespace":"ns","interface":"x"},{"name":"vn1"}]"#),
    ("vn1", #" [ { "NAME" : "vn1", "namespace": "", "interface": null, "mac": "" } ] "#),
    ("d:p:n", #"[{"name":"d:p:n"}]"#),
  ])
  func bothForms(short: String, json: String) throws {
    #expect(try select(short) == select(json))
  }

  @Test func everyKey() throws {
    let element = try #require(
      try select(
        """
        [{"name":"vn1","namespace":"blue","interface":"net0","ips":["10.0.0.7","2001:db8::7/64"],
          "mac":"02-00-00-00-00-07","default-route":["10.0.0.1","2001:db8::1"],
          "cni-args":{"net.juniper.contrail.allowedAddressPairs":[{"ip":"10.9.9.9"}],
                      "core.juniper.net/health-check":{"type":"Ping"},"x":null,"y":1}}]
        """
      ).elements.first)
    #expect(element.network == .named("vn1", namespace: "blue"))
    #expect(element.interface == "net0")
    #expect(element.ips.map(\.address.description) == ["10.0.0.7", "2001:db8::7"])
    #expect(element.ips.map(\.prefixLength) == [nil, 64])
    #expect(element.mac == MACAddress("02:00:00:00:00:07"))
    #expect(element.defaultRoute?.map(\.description) == ["10.0.0.1", "2001:db8::1"])
    #expect(element.allowedAddressPairs.map(\.prefix.description) == ["10.9.9.9/32"])
    #expect(element.unhandledArguments == ["core.juniper.net/health-check", "y"])
    #expect(element.arguments.keys.count == 4)
    #expect(try JSONValue(parsing: element.argumentsText) == .object(element.arguments))
    #expect(element.unsupported.isEmpty)
  }

  /// An empty list claims the default route; no list does not.
  @Test(arguments: [("[]", true), ("null", false)]) func emptyDefaultRoute(value: String, claims: Bool) throws {
    let element = try #require(try select(#"[{"name":"a","default-route":\#(value)}]"#).elements.first)
    #expect((element.defaultRoute != nil) == claims)
    #expect(element.defaultRoute?.isEmpty ?? true)
  }

  static let refused: [(String, [String])] = [
    (#"{"name":"a","bandwidth":{"ingressRate":1}}"#, ["bandwidth"]),
    (#"{"name":"a","bandwidth":{"egressRate":8,"egressBurst":4}}"#, ["bandwidth"]),
    (#"{"name":"a","portMappings":[{"hostPort":80,"containerPort":8080,"protocol":"TCP"}]}"#, ["portMappings"]),
    (#"{"name":"a","portMappings":[]}"#, []),
    (#"{"name":"a","infiniband-guid":"00:11:22:33:44:55:66:fF"}"#, ["infiniband-guid"]),
    (#"{"name":"a","ipam-claim-reference":"c"}"#, ["ipam-claim-reference"]),
    (#"{"name":"a","ipam-claim-reference":"","infiniband-guid":"","bandwidth":null}"#, []),
    (
      #"{"name":"a","cni-args":{"net.juniper.contrail.vlan":"100","net.juniper.contrail.interfacegroup":"eth1"}}"#,
      ["cni-args.net.juniper.contrail.vlan", "cni-args.net.juniper.contrail.interfacegroup"]
    ),
    (#"{"name":"a","mtu":9000,"Name":"b","z":null}"#, ["mtu", "Name"]),
  ]

  /// What cannot be honoured is named with its value, and the rest of the element is read all the same.
  @Test(arguments: refused) func unsupported(text: String, keys: [String]) throws {
    let selection = try select("[\(text)]")
    let element = try #require(selection.elements.first)
    #expect(element.network == .named("a", namespace: nil))
    #expect(element.unsupported.map(\.key) == keys)
    for request in element.unsupported {
      let error = CNIError(request, of: element, in: selection.annotation)
      #expect(error.code == .unsupportedField)
      #expect(
        error.message
          == "annotation k8s.v1.cni.cncf.io/networks[0] (a): \(request.key): \(request.value) cannot be honoured")
      let isUnknown = error.details.hasPrefix("unknown key")
      #expect(!error.details.isEmpty && (isUnknown ? request.value == "(not shown)" : text.contains(request.value)))
    }
  }
}
