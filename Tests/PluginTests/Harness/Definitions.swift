import JSON
import Testing

// What people define on a node: they type contrailctl.

extension Node {
  /// Runs contrailctl on the node's stores.
  func contrailctl(_ arguments: String..., input: String = "") throws -> Outcome {
    let configuration = "\(directory)/conf.json"
    try writeFile(configuration, self.configuration().text())
    let environment = ["CONTRAIL_CONF": configuration, "PATH": "/usr/bin:/bin"]
    return try Child(
      [Programs.contrailctl()] + arguments, environment: environment, input: .text(input), in: namespace
    ).finish()
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
