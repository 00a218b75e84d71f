import ContrailIPAM
import Glibc
import JSON
import NetworkAddresses
import NetworkAttachments
import ObjectStore
import SQLite
import Testing
import VirtualNetworks

/// What the plugin reads of the definitions.
struct DefinitionFactsTests {
  /// No database: nothing is defined, and nothing is made by asking.
  @Test func missingDatabase() throws {
    let directory = try ObjectDirectory()
    try directory.definitions.read { (reader: ObjectReader) throws -> Void in
      #expect(try reader.virtualNetwork(namespace: "default", name: "vn1") == nil)
      #expect(try reader.namespace("default") == nil)
      #expect(try reader.pod(namespace: "default", name: "p") == nil)
      #expect(try reader.objects(of: .virtualNetwork).isEmpty)
    }
    #expect(try !directory.definitions.hasNamespace("default"))
    #expect(access(directory.path, F_OK) != 0)
  }

  @Test func factsForThePlugin() throws {
    let directory = try ObjectDirectory()
    try directory.apply(
      definition(
        "vn1",
        #"""
        {"ipamV4Subnet": "172.16.10.0/24", "ipamV4Gateway": "172.16.10.254", "ipamV6Subnet": "2001:db8::/64",
         "allocation": "descending", "fabricSNAT": true,
         "virtualNetworkProperties": {"forwardingMode": "l3", "rpf": "disable"}}
        """#))
    let network = try #require(
      try directory.definitions.read { try $0.virtualNetwork(namespace: "default", name: "vn1") })
    let object = try #require(
      try directory.database.read { try $0.object(ObjectKey(.virtualNetwork, namespace: "default", "vn1")) })
    #expect(
      network
        == NetworkFacts(
          name: NetworkName(namespace: "default", name: "vn1"), uid: object.metadata.uid, vni: 5,
          subnets: [
            .init(
              path: "default/vn1-v4", subnet: try Subnet(parsing: "172.16.10.0/24", gateway: "172.16.10.254"),
              isDescending: true),
            .init(path: "default/vn1-v6", subnet: try Subnet(parsing: "2001:db8::/64"), isDescending: true),
          ], forwardingMode: .l3, reversePathForwarding: .disable, fabricSNAT: true, fabricForwarding: false,
          podNetwork: false))
    #expect(object.metadata.uid.utf8.count == 36)
    #expect(object.metadata.creationTimestamp.utf8.count == 20)
  }

  /// The facts follow the objects, subnets that are applied separately included.
  @Test func factsFollow() throws {
    let directory = try ObjectDirectory()
    func subnets(_ name: String) throws -> [String]? {
      try directory.definitions.read {
        try $0.virtualNetwork(namespace: "default", name: name)?.subnets.map(\.subnet.prefix.description)
      }
    }
    let reference: JSONObject = ["v4SubnetReference": ["kind": "Subnet", "name": "s", "namespace": "default"]]
    try directory.apply(APIObject(.virtualNetwork, ObjectMetadata(name: "n", namespace: "default"), spec: reference))
    #expect(try subnets("n") == [])
    let metadata = ObjectMetadata(name: "s", namespace: "default")
    try directory.apply(APIObject(.subnet, metadata, spec: ["cidr": "10.9.0.0/24"]))
    #expect(try subnets("n") == ["10.9.0.0/24"])
    try directory.apply(APIObject(.subnet, metadata, spec: ["cidr": "10.8.0.0/24"]))
    #expect(try subnets("n") == ["10.8.0.0/24"])
    try directory.delete(.virtualNetwork, "n")
    #expect(try subnets("n") == nil)
  }

  /// A definition that stands for another network leads to it.
  @Test func alias() throws {
    let directory = try ObjectDirectory()
    var alias = definition("alias", "")
    alias.metadata.annotations = [
      "opencontrail.org/network": #"{"domain": "default-domain", "project": "default", "name": "vn1"}"#
    ]
    try directory.apply(definition("vn1", plain), alias)
    let network = try directory.definitions.read { try $0.virtualNetwork(namespace: "default", name: "alias") }
    #expect(network?.name == NetworkName(namespace: "default", name: "vn1"))
    try directory.delete(.networkAttachmentDefinition, "vn1")
    #expect(try directory.vni("alias") == nil)
  }

  @Test func annotationsOfPodsAndNamespaces() throws {
    let directory = try ObjectDirectory()
    try directory.apply(
      APIObject(.namespace, ObjectMetadata(name: "blue", labels: ["a": "b"], annotations: ["c": "d"])),
      APIObject(.pod, ObjectMetadata(name: "p", namespace: "blue", annotations: ["e": "f"])))
    try directory.definitions.read { (reader: ObjectReader) throws -> Void in
      let namespace = try reader.namespace("blue")
      #expect(namespace?.labels == ["a": "b"] && namespace?.annotations == ["c": "d"])
      #expect(try reader.pod(namespace: "blue", name: "p")?.annotations == ["e": "f"])
      #expect(try reader.pod(namespace: "default", name: "p") == nil)
    }
    #expect(try directory.definitions.hasNamespace("blue"))
    #expect(try !directory.definitions.hasNamespace("green"))
  }
}
