import JSON
import Testing

/// The CNI project's own runtime stand-in with a list of plugins, as it runs on a node.
struct Cnitool {
  let node: Node
  let pod: Pod
  let directory: String

  /// A configuration list of our plugin and what follows it.
  init(_ node: Node, _ pod: Pod, contrail: JSONValue, followedBy others: [JSONValue]) throws {
    self.node = node
    self.pod = pod
    directory = "\(node.directory)/net.d"
    let ours: JSONValue = ["type": "contrail-k8s-cni", "contrail": contrail]
    let list: JSONValue = [
      "cniVersion": "1.0.0", "cniVersions": ["1.0.0", "1.1.0"], "name": "k8s-pod-network",
      "plugins": .array([ours] + others),
    ]
    try Shell.run(["mkdir", "-p", directory, "\(node.directory)/bin"])
    try Shell.run(["ln", "-sf", Programs.plugin(), "\(node.directory)/bin/contrail-k8s-cni"])
    try writeFile("\(directory)/10-contrail.conflist", list.text())
  }

  func run(_ verb: String, capabilities: JSONValue = [:]) throws -> Outcome {
    let environment = try Shell.environment.merging([
      "CNI_PATH": "\(node.directory)/bin:\(Programs.referencePlugins())", "NETCONFPATH": directory,
      "CAP_ARGS": capabilities.text(), "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=lab;K8S_POD_NAME=\(pod.name)",
    ]) { $1 }
    return try Child(
      [Programs.cnitool(), verb, "k8s-pod-network", pod.netns], environment: environment, in: node.namespace
    ).finish()
  }

  /// ADD; the result after the last plugin.
  func add(capabilities: JSONValue = [:], sourceLocation: SourceLocation = #_sourceLocation) throws -> JSONValue {
    let outcome = try run("add", capabilities: capabilities)
    try #require(outcome.succeeded, "\(outcome)", sourceLocation: sourceLocation)
    return try #require(parse(outcome.standardOutput), "\(outcome)", sourceLocation: sourceLocation)
  }
}
