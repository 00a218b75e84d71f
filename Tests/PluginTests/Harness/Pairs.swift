import JSON
import Testing

// Allowed address pairs as people write them.

/// The value of a pod's annotation: an interface in a network, with these pairs.
func selection(_ pairs: String, of network: String = "a") -> String {
  #"[{"name":"\#(network)","cni-args":{"net.juniper.contrail.allowedAddressPairs":\#(pairs)}}]"#
}

/// The manifest that gives a running pod's interface these pairs instead of those that it has.
func pairManifest(_ name: String, _ pairs: JSONValue) -> JSONValue {
  [
    "apiVersion": "core.contrail.juniper.net/v1alpha1", "kind": "VirtualMachineInterface",
    "metadata": ["name": .string(name), "namespace": "lab"],
    "spec": ["allowedAddressPairs": ["allowedAddressPair": pairs]],
  ]
}

extension Node {
  /// The name of the view of a pod's interface.
  func interfaceView(_ name: String, of pod: Pod) throws -> String {
    let listing = try contrailctl("get", "vmi", "-n", "lab", "--no-headers").standardOutput
    let row = listing.lines.map { $0.split(separator: " ") }.first {
      $0.count > 4 && $0[3] == pod.name && $0[4] == name
    }
    return String(try #require(row)[1])
  }

  /// What the views say about pairs.
  func pairViews() throws -> [String] {
    try contrailctl("get", "vmi", "-n", "lab", "--no-headers", "-o", "wide").standardOutput.lines
      .map { $0.split(separator: " ").filter { !$0.hasSuffix("s") && !$0.hasSuffix("m") }.joined(separator: " ") }
  }
}
