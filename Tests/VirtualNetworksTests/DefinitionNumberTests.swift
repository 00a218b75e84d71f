import Testing
import VirtualNetworks

/// The numbers and targets that a definition's network gets, and whose they are.
struct DefinitionNumberTests {
  /// Lowest free numbers, kept while the network lives.
  @Test func numbers() throws {
    let cluster = try Cluster()
    for name in ["a", "b", "c"] { try cluster.apply(definition(name, plain)) }
    #expect(try ["a", "b", "c"].map { try cluster.vni($0) } == ["5", "6", "7"])
    try cluster.delete(.networkAttachmentDefinition, "b")
    try cluster.apply(definition("d", plain))
    #expect(try cluster.vni("d") == "6")
    #expect(try cluster.target("d") == "target-64512-8000010")
    #expect(try (cluster.vni("a"), cluster.vni("c")) == ("5", "7"))
  }

  /// Who names another's own target connects to it without its asking: once, and only then, the owner is named.
  @Test func targetsOfOthersAreNoted() throws {
    let cluster = try Cluster()
    func importing(_ number: Int) -> APIObject {
      definition(
        "evil",
        #"{"ipamV4Subnet": "10.3.0.0/24", "importRouteTargetList": ["target:23:1", "target:64512:800000\#(number)"]}"#)
    }
    let warnings = try cluster.apply(importing(2)).warnings
    #expect(
      warnings == [
        "target:64512:8000002 is the own target of contrail-k8s-kubemanager-mk-contrail/default-podnetwork: "
          + "whoever names it shares routes with that network"
      ])
    #expect(try cluster.apply(importing(2)).warnings == [])
    // Its own it may name.
    #expect(try cluster.target("evil") == "target-64512-8000009")
    #expect(try cluster.apply(importing(9)).warnings == [])
    #expect(try cluster.apply(definition("b", plain)).warnings == [])
  }

  /// A target that somebody's definition names is not given to another network.
  @Test func automaticTargetsAreNobodysElse() throws {
    let cluster = try Cluster()
    try cluster.apply(
      definition("a", #"{"ipamV4Subnet": "10.1.0.0/24", "importRouteTargetList": ["target:64512:8000010"]}"#))
    try cluster.apply(definition("b", plain))
    #expect(try cluster.target("a") == "target-64512-8000009")
    #expect(try cluster.target("b") == "target-64512-8000011")
    // The target of a network that went stays, without the system's label, while another one imports it.
    try cluster.apply(
      definition("c", #"{"ipamV4Subnet": "10.2.0.0/24", "importRouteTargetList": ["target:64512:8000011"]}"#))
    try cluster.delete(.networkAttachmentDefinition, "b")
    #expect(try cluster.object(.routeTarget, "target-64512-8000011").metadata.labels.isEmpty)
    try cluster.apply(definition("d", plain))
    #expect(try cluster.target("d") != "target-64512-8000011")
    try cluster.delete(.networkAttachmentDefinition, "c")
    #expect(!cluster.has(.routeTarget, "target-64512-8000011"))
  }
}
