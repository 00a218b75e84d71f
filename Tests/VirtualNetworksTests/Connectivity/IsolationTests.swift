import ContrailIPAM
import JSON
import NetworkAddresses
import NetworkAttachments
import Testing
import VirtualNetworks

private let clusterNamespace = "contrail-k8s-kubemanager-mk-contrail"

private func namespace(_ name: String, _ annotations: [String: String] = [:], labels: [String: String] = [:])
  -> APIObject
{
  APIObject(.namespace, ObjectMetadata(name: name, labels: labels, annotations: annotations))
}

extension Cluster {
  fileprivate var connectivity: Connectivity {
    get throws {
      let objects = state.objects.values
      let networks = objects.filter { $0.kind == .virtualNetwork }.map { network in
        NetworkNode(
          network,
          instance: state.object(
            ObjectKey(.routingInstance, namespace: network.metadata.namespace, network.metadata.name)),
          prefixes: NetworkFacts(network) { state.object($0) }.subnets.map(\.subnet.prefix))
      }
      let namespaces = objects.filter { $0.kind == .namespace }.map {
        ($0.metadata.name, $0.effectiveLabels(clusterName: settings.clusterName))
      }
      return Connectivity(
        networks: networks, routers: try objects.filter { $0.kind == .virtualNetworkRouter }.map { try RouterNode($0) },
        namespaces: Dictionary(namespaces) { $1 })
    }
  }
}

/// Isolated namespaces.
struct IsolationTests {
  private let isolated = ["opencontrail.org/isolation": "true"]

  @Test(arguments: [
    namespace("blue", ["opencontrail.org/isolation": "True"]),
    namespace("blue", labels: ["core.juniper.net/isolated-namespace": "true"]),
  ]) func ownNetworks(manifest: APIObject) throws {
    let cluster = try Cluster()
    let before = cluster.state
    try cluster.apply(manifest)
    let network = try cluster.object(.virtualNetwork, "default-podnetwork", namespace: "blue")
    let shared = try cluster.object(.virtualNetwork, "default-podnetwork", namespace: clusterNamespace)
    #expect(network.networkRole == .isolatedPods && shared.networkRole == .clusterPods)
    let facts = NetworkFacts(network) { cluster.state.object($0) }
    #expect(facts.subnets == NetworkFacts(shared) { cluster.state.object($0) }.subnets)
    #expect(facts.subnets.map(\.path) == ["\(clusterNamespace)/default-podnetwork-v4"])
    #expect(facts.vni == 5 && facts.podNetwork)
    #expect(
      try cluster.object(.routingInstance, "default-podnetwork", namespace: "blue")
        .text("status", "defaultRouteTargetReference", "name") == "target-64512-8000009")
    let services = try cluster.object(.virtualNetwork, "default-servicenetwork", namespace: "blue")
    #expect(services.networkRole == .isolatedServices)
    #expect(try cluster.apply(manifest).outcome == .unchanged)
    // Switched off, and gone altogether.
    try cluster.apply(namespace("blue"))
    #expect(!cluster.has(.virtualNetwork, "default-podnetwork", namespace: "blue"))
    #expect(!cluster.has(.virtualNetworkRouter, "IsolatedNamespacePodServiceNetwork", namespace: "blue"))
    #expect(cluster.state.taken == before.taken)
    try cluster.apply(manifest)
    try cluster.delete(.namespace, "blue")
    #expect(cluster.state.objects == before.objects && cluster.state.taken == before.taken)
  }

  /// The decisions about the cluster's own networks: who imports whom, both ways.
  @Test func whoReachesWhom() throws {
    let cluster = try Cluster()
    try cluster.apply(namespace("blue", isolated))
    try cluster.apply(namespace("red", labels: ["core.juniper.net/isolated-namespace": "true"]))
    try cluster.apply(definition("vn1", #"{"ipamV4Subnet": "172.16.10.0/24"}"#))
    let connectivity = try cluster.connectivity
    let pods = name("\(clusterNamespace)/default-podnetwork")
    let services = name("\(clusterNamespace)/default-servicenetwork")
    let blue = name("blue/default-podnetwork")
    let red = name("red/default-podnetwork")
    let user = name("default/vn1")
    let expected: [(NetworkName, NetworkName, Bool)] = [
      (pods, services, true), (pods, blue, false), (pods, name("blue/default-servicenetwork"), false),
      (blue, name("blue/default-servicenetwork"), true), (blue, services, true), (blue, red, false),
      (blue, name("red/default-servicenetwork"), false), (user, pods, false), (user, services, false),
      (user, blue, false), (pods, name("contrail/ip-fabric"), true), (blue, name("contrail/ip-fabric"), false),
      (services, red, true),
    ]
    for (one, other, isConnected) in expected {
      #expect(connectivity.exchangePackets(one, other) == isConnected, "\(one), \(other)")
      #expect(connectivity.imports(of: one).contains { $0.exporter.name == other } == isConnected, "\(one), \(other)")
      #expect(connectivity.imports(of: other).contains { $0.exporter.name == one } == isConnected, "\(one), \(other)")
    }
    #expect(connectivity.refusals.allSatisfy { $0.isEmpty } as Bool)
    for router in connectivity.routers.indices {
      #expect(connectivity.routerStatus(ofRouterAt: router).state == "Success")
    }
  }

  /// Two isolated namespaces cannot be joined: they have the same addresses, and so has the cluster's pod network.
  @Test func isolatedNamespacesStayApart() throws {
    let cluster = try Cluster()
    for name in ["blue", "red"] {
      try cluster.apply(namespace(name, isolated, labels: ["vn": "pods"]))
      try cluster.apply(
        """
        {"apiVersion": "core.contrail.juniper.net/v1alpha1", "kind": "VirtualNetworkRouter",
         "metadata": {"name": "r", "namespace": "\(name)", "labels": {"r": "1"}},
         "spec": {"type": "mesh", "virtualNetworkSelector": {"matchLabels": {"vn": "pods"}}, "import":
          {"virtualNetworkRouters": [{"virtualNetworkRouterSelector": {"matchLabels": {"r": "1"}},
           "namespaceSelector": {}}]}}}
        """)
    }
    let connectivity = try cluster.connectivity
    let position = try #require(connectivity.position(name("blue/default-podnetwork")))
    #expect(!connectivity.exchangePackets(name("blue/default-podnetwork"), name("red/default-podnetwork")))
    #expect(
      connectivity.instanceObservation(ofNetworkAt: position)
        == "does not import red/default-podnetwork: its 10.244.0.0/16 overlaps the network's own addresses")
  }

  /// A router may join an isolated namespace's pods with a network of users: the namespace's labels are its networks'.
  @Test func isolatedPodsWithUserNetwork() throws {
    let cluster = try Cluster()
    try cluster.apply(namespace("blue", isolated, labels: ["vn": "web"]))
    var manifest = definition("n", namespace: "blue", #"{"ipamV4Subnet": "172.16.10.0/24"}"#)
    manifest.metadata.labels = ["vn": "web"]
    try cluster.apply(manifest)
    try cluster.apply(
      """
      {"apiVersion": "core.contrail.juniper.net/v1alpha1", "kind": "VirtualNetworkRouter",
       "metadata": {"name": "r", "namespace": "blue"},
       "spec": {"type": "mesh", "virtualNetworkSelector": {"matchLabels": {"vn": "web"}}}}
      """)
    #expect(try cluster.connectivity.exchangePackets(name("blue/default-podnetwork"), name("blue/n")))
  }

  @Test(
    arguments: [
      ([:], false, false), (["opencontrail.org/ip_fabric_snat": "True"], true, false),
      (["opencontrail.org/ip_fabric_forwarding": "true", "opencontrail.org/ip_fabric_snat": "true"], false, true),
      (["core.juniper.net/forwarding-mode": "fabric-snat"], true, false),
      (["core.juniper.net/forwarding-mode": "ip-fabric"], false, true),
    ] as [([String: String], Bool, Bool)])
  func forwarding(_ annotations: [String: String], _ snat: Bool, _ forwarding: Bool) throws {
    let cluster = try Cluster()
    #expect(try cluster.apply(namespace("blue", annotations + isolated)).warnings.isEmpty)
    let spec = try cluster.object(.virtualNetwork, "default-podnetwork", namespace: "blue").spec
    #expect(spec["fabricSNAT"] == .bool(snat) && (spec["fabricForwarding"] == true) == forwarding)
    #expect(try cluster.apply(namespace("green", annotations)).warnings.isEmpty == annotations.isEmpty)
  }

  @Test(arguments: ["core.juniper.net/forwarding-mode", "opencontrail.org/ip_fabric_snat"])
  func badForwarding(key: String) throws {
    let error = #expect(throws: ObjectError.self) { try Cluster().apply(namespace("blue", [key: "sideways"])) }
    #expect(error?.field == "metadata.annotations[\(key)]")
  }

  /// The cluster's settings are the isolated networks' too, unless their namespace says otherwise.
  @Test func configurationChanges() throws {
    let cluster = try Cluster()
    try cluster.apply(namespace("blue", isolated))
    try cluster.apply(namespace("red", isolated + ["opencontrail.org/ip_fabric_snat": "false"]))
    cluster.settings.fabricSNAT = true
    cluster.settings.podSubnets.append(try Subnet(parsing: "fd00::/64"))
    try cluster.perform { try $0.systemObjects() }
    let blue = try cluster.object(.virtualNetwork, "default-podnetwork", namespace: "blue")
    #expect(blue.spec["fabricSNAT"] == true)
    #expect(NetworkFacts(blue) { cluster.state.object($0) }.subnets.count == 2)
    #expect(try cluster.object(.virtualNetwork, "default-podnetwork", namespace: "red").spec["fabricSNAT"] == false)
    #expect(try cluster.perform { try $0.systemObjects() }.writes.isEmpty)
  }

  /// What the system makes for the namespace is the system's, and a network of that name is in the way.
  @Test func madeForTheNamespace() throws {
    let cluster = try Cluster()
    try cluster.apply(namespace("blue", isolated))
    let network = try cluster.object(.virtualNetwork, "default-podnetwork", namespace: "blue")
    let router = try cluster.object(.virtualNetworkRouter, "IsolatedNamespacePodServiceNetwork", namespace: "blue")
    for object in [network, router] {
      for change in [{ try cluster.apply(object) }, { try cluster.perform { try $0.delete(object.key) } }] {
        let error = #expect(throws: ObjectError.self) { try change() }
        #expect(error?.description.contains("isolated Namespace blue") == true)
      }
    }
    try cluster.apply(namespace("green"))
    try cluster.apply(
      definition("default-podnetwork", namespace: "green", #"{"ipamV4Subnet": "172.16.10.0/24"}"#))
    let error = #expect(throws: ObjectError.self) { try cluster.apply(namespace("green", isolated)) }
    #expect(error?.description.contains("VirtualNetwork green/default-podnetwork") == true)
  }

  /// Pods keep what they have when isolation is switched off, and a person is told which.
  @Test func podsWhenSwitchedOff() throws {
    let cluster = try Cluster()
    try cluster.apply(namespace("blue", isolated))
    let key = ObjectKey(.virtualNetwork, namespace: "blue", "default-podnetwork")
    cluster.use.interfaces[key] = [InterfaceInUse(pod: "blue/p", interface: "eth0", addresses: [])]
    let warnings = try cluster.apply(namespace("blue")).warnings
    #expect(warnings.count == 1 && warnings[0].contains("blue/p (eth0)"))
  }
}
