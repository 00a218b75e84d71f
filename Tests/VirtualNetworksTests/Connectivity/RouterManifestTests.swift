import JSON
import NetworkAttachments
import Testing
import VirtualNetworks

/// VirtualNetworkRouters that people apply.
struct RouterManifestTests {
  private func manifest(_ spec: String, name: String = "r", namespace: String = "default") throws -> APIObject {
    try APIObject(
      JSONValue(
        parsing: """
          {"apiVersion": "core.contrail.juniper.net/v1alpha1", "kind": "VirtualNetworkRouter",
           "metadata": {"name": "\(name)", "namespace": "\(namespace)", "labels": {"r": "1"}}, "spec": \(spec)}
          """))
  }

  private let mesh = #"{"type": "mesh", "virtualNetworkSelector": {"matchLabels": {"vn": "web"}}}"#

  @Test func applyAndDelete() throws {
    let cluster = try Cluster()
    let before = cluster.state
    #expect(try cluster.apply(manifest(mesh)).outcome == .created)
    let stored = try cluster.object(.virtualNetworkRouter, "r")
    #expect(stored.text("spec", "type") == "mesh" && stored.text("status", "state") == "Success")
    #expect(stored.spec["fqName"] == ["default-domain", "default", "r"])
    #expect(try cluster.apply(manifest(mesh)).outcome == .unchanged)
    let spoke = mesh.replacing("mesh", "spoke")
    #expect(try cluster.apply(manifest(spoke)).outcome == .configured)
    try cluster.delete(.virtualNetworkRouter, "r")
    #expect(cluster.state.objects == before.objects && cluster.state.taken == before.taken)
  }

  /// Applying again does not touch the state, which is what the connections are.
  @Test func stateIsKept() throws {
    let cluster = try Cluster()
    try cluster.apply(manifest(mesh))
    let router = try cluster.object(.virtualNetworkRouter, "r").showing(state: "Failure", observation: "so")
    var plan = ChangePlan(router.key, .configured)
    plan.writes = [.put(router)]
    cluster.state.perform(plan)
    #expect(try cluster.apply(manifest(mesh)).writes.isEmpty)
    try cluster.apply(manifest(mesh.replacing("web", "other")))
    #expect(try cluster.object(.virtualNetworkRouter, "r").status == router.status)
  }

  @Test(arguments: [
    (#"{"virtualNetworkSelector": {}}"#, "spec.type", "Required value"),
    (#"{"type": "ring", "virtualNetworkSelector": {}}"#, "spec.type", "mesh, hub, spoke"),
    (#"{"type": "mesh"}"#, "spec.virtualNetworkSelector", "Required value"),
    (#"{"type": "mesh", "virtualNetworkSelector": 5}"#, "spec.virtualNetworkSelector", "an object"),
    (
      #"{"type": "mesh", "virtualNetworkSelector": {"matchLabel": {}}}"#, "spec.virtualNetworkSelector.matchLabel",
      "matchLabels or matchExpressions"
    ),
    (
      #"{"type": "mesh", "virtualNetworkSelector": {"matchLabels": {"a": true}}}"#,
      "spec.virtualNetworkSelector.matchLabels.a", "quotes"
    ),
    (
      #"{"type": "mesh", "virtualNetworkSelector": {"matchExpressions": [{"key": "a", "operator": "Like"}]}}"#,
      "spec.virtualNetworkSelector.matchExpressions[0].operator", "In, NotIn, Exists or DoesNotExist"
    ),
    (
      #"{"type": "mesh", "virtualNetworkSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}"#,
      "spec.virtualNetworkSelector.matchExpressions[0].values", "Required value"
    ),
    (
      #"{"type": "mesh", "virtualNetworkSelector": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["x"]}]}}"#,
      "spec.virtualNetworkSelector.matchExpressions[0].values", "absent for Exists"
    ),
    (
      #"{"type": "mesh", "virtualNetworkSelector": {"matchExpressions": [{"operator": "Exists"}]}}"#,
      "spec.virtualNetworkSelector.matchExpressions[0].key", "Required value"
    ),
    (
      #"{"type": "mesh", "virtualNetworkSelector": {}, "import": {"routers": []}}"#, "spec.import.routers",
      "virtualNetworkRouters"
    ),
    (
      #"{"type": "mesh", "virtualNetworkSelector": {}, "import": {"virtualNetworkRouters": [{"namespaceSelector": {}}]}}"#,
      "spec.import.virtualNetworkRouters[0].virtualNetworkRouterSelector", "Required value"
    ),
    (
      #"{"type": "mesh", "virtualNetworkSelector": {}, "import": {"virtualNetworkRouters": [{"x": 1}]}}"#,
      "spec.import.virtualNetworkRouters[0].x", "namespaceSelector"
    ),
  ]) func badRouter(spec: String, field: String, hint: String) throws {
    let error = #expect(throws: ObjectError.self) { try Cluster().apply(manifest(spec)) }
    #expect(error?.field == field)
    #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
  }

  @Test func refusals() throws {
    let cluster = try Cluster()
    #expect(throws: ObjectError.self) { try cluster.apply(manifest(mesh, name: "Web")) }
    #expect(throws: ObjectError.self) { try cluster.apply(manifest(mesh, namespace: "nowhere")) }
    let unknown = #"{"type": "mesh", "virtualNetworkSelector": {}, "routingType": "evpn"}"#
    #expect(try cluster.apply(manifest(unknown)).warnings == ["unknown keys of spec have no effect: routingType"])
  }

  /// What selectors of Kubernetes mean.
  @Test(
    arguments: [
      (#"{}"#, true, true), (#"{"matchLabels": {"a": "1"}}"#, true, false),
      (#"{"matchLabels": {"a": "2"}}"#, false, false),
      (#"{"matchExpressions": [{"key": "a", "operator": "In", "values": ["1", "2"]}]}"#, true, false),
      (#"{"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}"#, false, true),
      (#"{"matchExpressions": [{"key": "a", "operator": "Exists"}]}"#, true, false),
      (#"{"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}"#, false, true),
      (
        #"{"matchLabels": {"a": "1"}, "matchExpressions": [{"key": "b", "operator": "Exists"}]}"#, false, false
      ),
    ] as [(String, Bool, Bool)])
  func selectors(_ text: String, _ withLabel: Bool, _ withoutLabels: Bool) throws {
    let selector = try ObjectSelector(JSONField(JSONValue(parsing: text)))
    #expect(selector.matches(["a": "1"]) == withLabel)
    #expect(selector.matches([:]) == withoutLabels)
  }

  /// A definition's labels are its network's, beside those that the network got itself.
  @Test func labelsOfDefinitions() throws {
    let cluster = try Cluster()
    func apply(_ labels: [String: String]) throws {
      var manifest = definition("n", #"{"ipamV4Subnet": "10.1.0.0/24"}"#)
      manifest.metadata.labels = labels
      try cluster.apply(manifest)
    }
    func labels() throws -> [String: String] {
      try cluster.object(.virtualNetwork, "n").metadata.labels.filter { $0.key.count < 10 }
    }
    try apply(["vn": "web"])
    #expect(try labels() == ["vn": "web"])
    var network = try cluster.object(.virtualNetwork, "n")
    network.metadata.labels = ["own": "1"]
    try cluster.apply(network)
    #expect(try labels() == ["vn": "web", "own": "1"])
    try apply(["vn": "other"])
    #expect(try labels() == ["vn": "other", "own": "1"])
    try cluster.delete(.virtualNetwork, "n")
    #expect(try labels() == ["vn": "other"])
    try apply([:])
    #expect(try labels() == [:])
  }
}

extension String {
  fileprivate func replacing(_ word: String, _ other: String) -> String {
    split(separator: word, omittingEmptySubsequences: false).joined(separator: other)
  }
}
