import JSON
import Testing
import VirtualNetworks

/// What a definition may be called.
struct DefinitionNameTests {
  /// Two objects that would share a name are refused.
  @Test func namesThatAreTaken() throws {
    let cluster = try Cluster()
    #expect(try cluster.apply(definition("default", plain)).failure?.reason == .conflict)
    #expect(!cluster.has(.virtualNetwork, "default"))
    try cluster.apply(
      APIObject(
        .namespace, ObjectMetadata(name: "blue", labels: ["core.juniper.net/isolated-namespace": "true"])))
    for name in ["blue", "default-podnetwork", "default-servicenetwork"] {
      #expect(try cluster.apply(definition(name, namespace: "blue", plain)).failure?.reason == .conflict)
    }
    #expect(try cluster.apply(definition("default", namespace: "blue", plain)).failure == nil)
    try cluster.apply(APIObject(.namespace, ObjectMetadata(name: "green")))
    try cluster.apply(definition("green", namespace: "green", plain))
    #expect(throws: ObjectError.self) {
      try cluster.apply(
        APIObject(.namespace, ObjectMetadata(name: "green", annotations: ["opencontrail.org/isolation": "True"])))
    }
    try cluster.apply(
      APIObject(.subnet, ObjectMetadata(name: "x-v4", namespace: "default"), spec: ["cidr": "10.0.0.0/8"]))
    #expect(try cluster.apply(definition("x", plain)).failure?.reason == .conflict)
  }

  /// A network may not be called what Contrail calls another one: each spelling has one meaning. The message names both.
  @Test(arguments: [
    ("vn1", "k8s-vn1-pod-network"), ("k8s-vn1-pod-network", "vn1"),
    ("k8s-k8s-a-pod-network-pod-network", "k8s-a-pod-network"),
  ])
  func contrailNames(_ first: String, _ second: String) throws {
    let cluster = try Cluster(name: "k8s")
    #expect(try cluster.apply(definition(first, plain)).failure == nil)
    let other = #"{"ipamV4Subnet": "172.16.11.0/24"}"#
    let failure = try cluster.apply(definition(second, other)).failure
    #expect(failure?.reason == .conflict)
    for name in [first, second] { #expect(failure?.detail.contains("default/\(name)") == true) }
    #expect(!cluster.has(.virtualNetwork, second))
    // In another namespace it is another network, and so it is when the first one is gone.
    try cluster.apply(APIObject(.namespace, ObjectMetadata(name: "blue")))
    #expect(try cluster.apply(definition(second, namespace: "blue", other)).failure == nil)
    try cluster.perform { try $0.delete(ObjectKey(.networkAttachmentDefinition, namespace: "default", first)) }
    #expect(try cluster.apply(definition(second, other)).failure == nil)
    // Applied again it is still itself.
    #expect(try cluster.apply(definition(second, other)).failure == nil)
  }

  /// The names of the networks that are always there, in every namespace, and of an isolated namespace's own.
  @Test func contrailNamesOfSystemNetworks() throws {
    let cluster = try Cluster(name: "k8s")
    try cluster.apply(APIObject(.namespace, ObjectMetadata(name: "blue")))
    for name in ["k8s-default-pod-network", "k8s-default-service-network"] {
      #expect(try cluster.apply(definition(name, namespace: "blue", plain)).failure?.reason == .conflict)
    }
    let isolated = APIObject(
      .namespace, ObjectMetadata(name: "blue", labels: ["core.juniper.net/isolated-namespace": "true"]))
    for name in ["k8s-blue-pod-network", "k8s-blue-service-network"] {
      #expect(try cluster.apply(definition(name, namespace: "blue", plain)).failure == nil)
      let error = #expect(throws: ObjectError.self) { try cluster.apply(isolated) }
      #expect(error?.detail.contains("blue/\(name)") == true)
      try cluster.perform { try $0.delete(ObjectKey(.networkAttachmentDefinition, namespace: "blue", name)) }
      try cluster.apply(isolated)
      #expect(try cluster.apply(definition(name, namespace: "blue", plain)).failure?.reason == .conflict)
      try cluster.perform { try $0.delete(ObjectKey(.networkAttachmentDefinition, namespace: "blue", name)) }
      try cluster.apply(APIObject(.namespace, ObjectMetadata(name: "blue")))
    }
  }

  @Test func unknownNamespace() throws {
    let error = #expect(throws: ObjectError.self) {
      try Cluster().apply(definition("vn1", namespace: "nowhere", plain))
    }
    #expect(error?.description == #"Error from server (NotFound): namespaces "nowhere" not found"#)
  }

  @Test(arguments: ["", "Vn1", "-a", "a_b", String(repeating: "a", count: 192)])
  func badNames(name: String) throws {
    let error = #expect(throws: ObjectError.self) { try Cluster().apply(definition(name, plain)) }
    #expect(error?.field == "metadata.name")
  }
}
