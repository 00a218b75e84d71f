import ContrailIPAM
import JSON
import Testing
import VirtualNetworks

private let manifest = """
  {"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
   "metadata": {"name": "vn1", "namespace": "default", "annotations": {"juniper.net/networks":
     "{\\"ipamV4Subnet\\": \\"172.16.10.0/24\\", \\"routeTargetList\\": [\\"target:23:4561\\"], \
  \\"importRouteTargetList\\": [\\"target:10.2.2.2:561\\"], \\"exportRouteTargetList\\": [\\"target:10.1.1.1:561\\"]}"}},
   "spec": {"config": "{ \\"cniVersion\\": \\"0.3.1\\", \\"name\\": \\"vn1\\", \\"type\\": \\"contrail-k8s-cni\\" }"}}
  """

/// The walk-through's objects, member for member; only identities and times are ours.
struct WalkThroughTests {
  private func cluster() throws -> Cluster {
    let cluster = try Cluster()
    let plan = try cluster.apply(manifest)
    #expect(plan.outcome == .created)
    #expect(plan.warnings.isEmpty)
    #expect(plan.failure == nil)
    return cluster
  }

  @Test func definitionsStatus() throws {
    let definition = try cluster().object(.networkAttachmentDefinition, "vn1")
    #expect(
      definition.metadata.annotations["juniper.net/networks-status"]
        == "success creating VirtualNetwork vn1 v4Subnet: 172.16.10.0/24 ")
    #expect(definition.metadata.generation == 1)
  }

  @Test func virtualNetwork() throws {
    let cluster = try cluster()
    let network = try cluster.object(.virtualNetwork, "vn1")
    let subnet = try cluster.object(.subnet, "vn1-v4")
    let backReference = "back-reference.core.juniper.net/c6dbefed51ec7143c19e3d9285d04ea8f7343de4632174839c9549f1"
    #expect(network.metadata.labels == [backReference: "Subnet_default_vn1-v4"])
    #expect(
      network.metadata.annotations == [
        "juniper.net/nad-cluster-name": "contrail-k8s-kubemanager-mk", "juniper.net/nad-name": "vn1",
        "juniper.net/nad-namespace": "default",
      ])
    #expect(
      network.spec == [
        "exportRouteTargetList": ["target:10.1.1.1:561"], "fabricSNAT": false,
        "fqName": ["default-domain", "default", "vn1"], "importRouteTargetList": ["target:10.2.2.2:561"],
        "routeTargetList": ["target:23:4561"],
        "v4SubnetReference": [
          "apiVersion": "core.contrail.juniper.net/v1alpha1", "fqName": ["default-domain", "default", "vn1-v4"],
          "kind": "Subnet", "name": "vn1-v4", "namespace": "default", "uid": .string(subnet.metadata.uid),
        ],
        "virtualNetworkProperties": ["forwardingMode": "l2_l3", "rpf": "enable"],
      ])
    #expect(network.status == ["observation": "", "state": "Success", "virtualNetworkNetworkId": 5])
  }

  @Test func subnet() throws {
    let subnet = try cluster().object(.subnet, "vn1-v4")
    #expect(subnet.metadata.labels.isEmpty && subnet.metadata.annotations.isEmpty)
    #expect(
      subnet.spec == [
        "cidr": "172.16.10.0/24", "defaultGateway": "172.16.10.1", "fqName": ["default-domain", "default", "vn1-v4"],
      ])
    let prefix = try #require(subnet.subnet).prefix
    #expect(
      subnet.showing(Usage(of: prefix, allocated: 1)).status == [
        "allocationUsage": "1.56%", "ipCount": 4, "observation": "", "state": "Success",
      ])
  }

  @Test func routingInstance() throws {
    let cluster = try cluster()
    let instance = try cluster.object(.routingInstance, "vn1")
    let network = try cluster.object(.virtualNetwork, "vn1")
    let prefix = "back-reference.core.juniper.net/"
    #expect(
      instance.metadata.labels == [
        prefix + "35c179a1e4e94f04e84921a626afd044d12e08c31c0c16f2e2b759cd": "RouteTarget_target-10.2.2.2-561",
        prefix + "3acfef9839cb888c5103a243eb04c2b34931b92c32a156257cd0d501": "RouteTarget_target-64512-8000009",
        prefix + "583035cccdfe4b1ce3d00ad2bb7120ab63890eccc91f4509152b7127": "RouteTarget_target-10.1.1.1-561",
        prefix + "b876e04fdbe627b791a246ddf58db3af64535c18af924e1c5229e5e6": "RouteTarget_target-23-4561",
        "core.juniper.net/parent": "2b292ddea1bd7937355c5b143bfd86b1aa46500d307ae7655af90db4",
      ])
    #expect(
      instance.metadata.ownerReferences == [
        OwnerReference(
          apiVersion: "core.contrail.juniper.net/v1alpha1", kind: "VirtualNetwork", name: "vn1",
          uid: network.metadata.uid)
      ])
    func reference(_ name: String, _ attributes: JSONObject) throws -> JSONObject {
      [
        "apiVersion": "core.contrail.juniper.net/v1alpha1", "attributes": .object(attributes),
        "fqName": [.string(name)], "kind": "RouteTarget", "name": .string(name),
        "uid": .string(try cluster.object(.routeTarget, name).metadata.uid),
      ]
    }
    #expect(
      instance.spec == [
        "fqName": ["default-domain", "default", "vn1", "vn1"],
        "parent": [
          "apiVersion": "core.contrail.juniper.net/v1alpha1", "kind": "VirtualNetwork", "name": "vn1",
          "namespace": "default", "uid": .string(network.metadata.uid),
        ],
        "routeTargetReferences": [
          .object(try reference("target-10.1.1.1-561", ["importExport": "export"])),
          .object(try reference("target-10.2.2.2-561", ["importExport": "import"])),
          .object(try reference("target-23-4561", [:])),
        ],
      ])
    #expect(
      instance.status == [
        "defaultRouteTargetReference": .object(try reference("target-64512-8000009", [:])), "isDefault": true,
        "observation": "", "state": "Success",
      ])
  }

  @Test func routeTargets() throws {
    let cluster = try cluster()
    #expect(
      cluster.state.names(of: .routeTarget, namespace: "")
        == ["target-10.1.1.1-561", "target-10.2.2.2-561", "target-23-4561"]
        + (0...9).map { "target-64512-800000\($0)" })
    let target = try cluster.object(.routeTarget, "target-64512-8000009")
    #expect(target.metadata.labels == ["core.juniper.net/systemrt": "true"])
    #expect(target.spec == ["fqName": ["target-64512-8000009"]])
    #expect(target.status == ["observation": "", "state": "Success"])
    #expect(try cluster.object(.routeTarget, "target-23-4561").metadata.labels.isEmpty)
  }

  @Test func routers() throws {
    let cluster = try cluster()
    let namespace = "contrail-k8s-kubemanager-mk-contrail"
    let types = ["DefaultPodServiceIPFabricNetwork", "DefaultPodServiceNetwork", "DefaultServiceNetwork"].map {
      try? cluster.object(.virtualNetworkRouter, $0, namespace: namespace).text("spec", "type")
    }
    #expect(types == ["spoke", "mesh", "hub"])
    #expect(
      try cluster.object(.virtualNetworkRouter, "DefaultIPFabricNetwork", namespace: "contrail").text("spec", "type")
        == "hub")
    let router = try cluster.object(.virtualNetworkRouter, "DefaultServiceNetwork", namespace: namespace)
    #expect(
      router.metadata.labels == ["core.juniper.net/virtualnetworkrouter": "default-service-network"])
    #expect(
      router.metadata.annotations == [
        "core.juniper.net/description":
          "Enables connectivity between Default Service virtualnetwork and Pod virtualnetwork of isolated-namespace",
        "core.juniper.net/display-name": "DefaultServiceNetwork",
      ])
    #expect(
      router.spec == [
        "fqName": ["default-domain", .string(namespace), "DefaultServiceNetwork"],
        "import": [
          "virtualNetworkRouters": [
            [
              "namespaceSelector": [
                "matchLabels": [
                  "core.juniper.net/clusterName": "contrail-k8s-kubemanager-mk",
                  "core.juniper.net/isolated-namespace": "true",
                ]
              ],
              "virtualNetworkRouterSelector": [
                "matchLabels": [
                  "core.juniper.net/virtualnetworkrouter": "isolated-namespace-pod-to-default-service-network"
                ]
              ],
            ]
          ]
        ],
        "type": "hub",
        "virtualNetworkSelector": ["matchLabels": ["core.juniper.net/virtualnetwork": "default-servicenetwork"]],
      ])
    #expect(router.status == ["observation": "", "state": "Success"])
  }

  /// `delete vn vn1`: it is there again with its number, the subnet untouched.
  @Test func deletedNetworkComesBack() throws {
    let cluster = try cluster()
    let (before, subnet) = (try cluster.object(.virtualNetwork, "vn1"), try cluster.object(.subnet, "vn1-v4"))
    let target = try cluster.target("vn1")
    #expect(try cluster.delete(.virtualNetwork, "vn1").outcome == .deleted)
    let after = try cluster.object(.virtualNetwork, "vn1")
    #expect(after.metadata.uid != before.metadata.uid)
    #expect(after.metadata.creationTimestamp > before.metadata.creationTimestamp)
    #expect((after.spec, after.status) == (before.spec, before.status))
    #expect(try cluster.object(.subnet, "vn1-v4") == subnet)
    #expect(try cluster.target("vn1") == target)
    #expect(
      try cluster.object(.routingInstance, "vn1").metadata.ownerReferences.map(\.uid) == [after.metadata.uid])
  }

  /// `delete net-attach-def vn1`, with a pod attached: everything of it is gone, and the warning names the pod.
  @Test func deletedDefinitionTakesAllAlong() throws {
    let cluster = try cluster()
    try cluster.use.attach("default/vn1-pod", to: "vn1", "172.16.10.2/24", gateway: "172.16.10.1")
    let plan = try cluster.delete(.networkAttachmentDefinition, "vn1")
    #expect(plan.warnings.count == 1)
    #expect(plan.warnings.first?.contains("default/vn1-pod (eth1)") == true)
    for kind in [Kind.networkAttachmentDefinition, .virtualNetwork, .subnet, .routingInstance] {
      #expect(cluster.state.names(of: kind, namespace: "default").isEmpty, "\(kind)")
    }
    #expect(cluster.state.names(of: .routeTarget, namespace: "") == (0...8).map { "target-64512-800000\($0)" })
    #expect(cluster.state.taken[.vni] == [1, 2, 3, 4])
    #expect(cluster.state.taken[.routeTarget] == Set(8_000_000...8_000_008))
  }

  @Test func systemNetworks() throws {
    let cluster = try Cluster()
    let own = "contrail-k8s-kubemanager-mk-contrail"
    let numbers = [
      ("contrail", "ip-fabric"), ("contrail", "link-local"), (own, "default-podnetwork"),
      (own, "default-servicenetwork"),
    ].map { try? cluster.object(.virtualNetwork, $0.1, namespace: $0.0).text("status", "virtualNetworkNetworkId") }
    #expect(numbers == ["1", "2", "3", "4"])
    let subnet = try cluster.object(.subnet, "default-podnetwork-v4", namespace: own)
    #expect(subnet.text("spec", "cidr") == "10.244.0.0/16")
  }
}
