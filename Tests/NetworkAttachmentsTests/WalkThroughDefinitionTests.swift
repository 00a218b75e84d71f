import JSON
import NetworkAddresses
import NetworkAttachments
import Testing

/// The definition of CN2's documentation makes the network that the documentation shows.
@Suite struct WalkThroughDefinitionTests {
  static let manifest: JSONValue = [
    "apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
    "metadata": [
      "name": "vn1", "namespace": "default",
      "annotations": [
        "juniper.net/networks": """
        { "ipamV4Subnet": "172.16.10.0/24",
        "routeTargetList": ["target:23:4561"], "importRouteTargetList": ["target:10.2.2.2:561"], \
        "exportRouteTargetList": ["target:10.1.1.1:561"]
        }
        """
      ],
    ],
    "spec": ["config": #"{ "cniVersion": "0.3.1", "name": "vn1", "type": "contrail-k8s-cni" }"#],
  ]

  @Test func network() throws {
    let definition = try NetworkAttachmentDefinition(parsing: Self.manifest.text())
    #expect(definition.ownership == .ours && definition.configurationName == "vn1")
    let network = try definition.networkDefinition()
    #expect(network.name.description == "default/vn1")
    #expect(network.subnets.map(\.prefix.description) == ["172.16.10.0/24"] && network.subnets[0].gateway == nil)
    #expect(network.routeTargets.map(\.objectName) == ["target-23-4561"])
    #expect(network.importRouteTargets.map(\.objectName) == ["target-10.2.2.2-561"])
    #expect(network.exportRouteTargets.map(\.objectName) == ["target-10.1.1.1-561"])
    #expect(!network.fabricSNAT && !network.fabricForwarding && !network.podNetwork && network.existing == nil)
    #expect(network.forwardingMode.rawValue == "l2_l3" && network.reversePathForwarding.rawValue == "enable")
    #expect(network.allocation == .ascending && network.warnings.isEmpty)
    #expect(network.status == "success creating VirtualNetwork vn1 v4Subnet: 172.16.10.0/24 ")
  }
}
