import JSON
import Testing

// What people define on a node: they type contrailctl.

extension Node {
  /// Runs contrailctl on the node's stores.
  func contrailctl(_ arguments: String..., input: String = "") throws -> Outcome {
    try contrailctl(arguments: arguments, input: input)
  }

  func contrailctl(arguments: [String], input: String = "") throws -> Outcome {
    try startContrailctl(arguments, input: input).finish()
  }

  /// - Parameter wrapper: what it is started behind.
  func startContrailctl(_ arguments: [String], input: String = "", wrapper: [String] = []) throws -> Child {
    let configuration = "\(directory)/conf.json"
    try writeFile(configuration, self.configuration().text())
    let environment = ["CONTRAIL_CONF": configuration, "PATH": "/usr/bin:/bin"]
    return try Child(
      wrapper + [Programs.contrailctl()] + arguments, environment: environment, input: .text(input), in: namespace)
  }

  /// Applies manifests, one document each.
  func apply(_ manifests: JSONValue..., sourceLocation: SourceLocation = #_sourceLocation) throws {
    for manifest in manifests {
      let outcome = try contrailctl("apply", "-f", "-", input: manifest.text())
      try #require(outcome.succeeded, "apply: \(outcome)", sourceLocation: sourceLocation)
    }
  }

  /// The configuration of a pod that selects networks.
  func configuration(networks: String) -> JSONValue {
    configuration(annotations: ["k8s.v1.cni.cncf.io/networks": .string(networks)])
  }
}

/// The namespace of these tests' pods and networks.
let labNamespace: JSONValue = ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "lab"]]

/// A NetworkAttachmentDefinition as CN2's users write it.
func definition(_ name: String, in namespace: String = "lab", _ networks: JSONValue) -> JSONValue {
  [
    "apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition",
    "metadata": [
      "name": .string(name), "namespace": .string(namespace),
      "annotations": ["juniper.net/networks": .string(networks.text())],
    ],
    "spec": ["config": .string(#"{"cniVersion": "1.0.0", "name": "\#(name)", "type": "contrail-k8s-cni"}"#)],
  ]
}

/// A node with networks `a` (IPv4), `b` (IPv6) and `dual` in `lab`, where the pods are, and `far` in `other`.
///
/// - Parameter isWarm: whether their pools are known and their addresses used before, so that nothing is new any more.
func withLab<Value>(isWarm: Bool = true, _ body: (Node) throws -> Value) throws -> Value {
  try withNode { node in
    try node.apply(
      labNamespace, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "other"]],
      definition("a", ["ipamV4Subnet": "172.16.10.0/24"]), definition("b", ["ipamV6Subnet": "fd00:b::/64"]),
      definition("dual", ["ipamV4Subnet": "172.16.20.0/24", "ipamV6Subnet": "fd00:20::/64", "podNetwork": true]),
      definition("far", in: "other", ["ipamV4Subnet": "192.168.7.0/24"]))
    try node.warmUp()
    if isWarm { try node.warmUp(networks: "a,b,dual,other/far") }
    return try body(node)
  }
}
