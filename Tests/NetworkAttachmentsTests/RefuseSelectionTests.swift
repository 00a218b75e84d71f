import CNI
import JSON
import NetworkAttachments
import Testing

/// A pod that asks for other networks is refused by the key with which it asks; one that asks for none is not.
@Suite struct RefuseSelectionTests {
  static let keys = [
    "k8s.v1.cni.cncf.io/networks", "v1.multus-cni.io/default-network", "net.juniper.contrail.podnetwork",
    "opencontrail.org/network",
  ]

  @Test(arguments: keys, ["net1", " a , b ", #"[{"name":"net1"}]"#, "{}", "[ ] x"])
  func refused(key: String, value: String) throws {
    let annotations: JSONObject = ["a": "b", key: .string(value)]
    let error = try #require(throws: CNIError.self) { try refuseNetworkSelection(in: annotations) }
    #expect(error.code == .invalidConfiguration)
    #expect(error.message.contains(key))
    #expect(error.message.contains(JSONValue.string(value).text()))
  }

  @Test(arguments: keys, ["", " ", "\n\t ", "[]", " [ ] "]) func nothingAsked(key: String, value: String) throws {
    try refuseNetworkSelection(in: [key: .string(value)])
  }

  @Test func otherAnnotations() throws {
    try refuseNetworkSelection(in: ["k8s.v1.cni.cncf.io/network-status": "[{}]", "opencontrail.org/isolation": "true"])
  }
}
