import Glibc
import JSON
import Testing

/// A pod's place: a namespace and the identity a runtime gives it.
struct Pod: Sendable {
  let namespace: NetworkNamespace
  var container = randomHex(32)
  var interface = "eth0"
  var name = "pod-" + randomHex(3)
  var uid = randomHex(16)
  /// Of the pod as Kubernetes knows it.
  var project = "lab"
  /// What the runtime says in `CNI_NETNS`.
  var netns: String

  var arguments: String {
    "IgnoreUnknown=1;K8S_POD_NAMESPACE=\(project);K8S_POD_NAME=\(name);K8S_POD_INFRA_CONTAINER_ID=\(container);K8S_POD_UID=\(uid)"
  }
}

/// A node of its own: a network namespace, a directory for state, run and log files, and its pods.
final class Node {
  let namespace: NetworkNamespace
  let directory: String
  private(set) var pods: [Pod] = []
  private var others: [NetworkNamespace] = []
  private var cleanups: [() -> Void] = []

  var stateDirectory: String { "\(directory)/state" }
  var runDirectory: String { "\(directory)/run" }
  var logFile: String { "\(directory)/plugin.log" }
  var log: String { (try? readFile(logFile)) ?? "" }

  fileprivate init() throws {
    var template = Array("/tmp/contrail-test-XXXXXX".utf8CString)
    directory = String(cString: mkdtemp(&template))
    namespace = try .create()
    chmod(directory, 0o755)
    mkdir(stateDirectory, 0o755)
    mkdir(runDirectory, 0o755)
  }

  func makePod(in project: String = "lab") throws -> Pod {
    let namespace = try NetworkNamespace.create()
    let pod = Pod(namespace: namespace, project: project, netns: namespace.path)
    pods.append(pod)
    return pod
  }

  /// A namespace that is neither node nor pod.
  func makeNamespace() throws -> NetworkNamespace {
    let namespace = try NetworkNamespace.create()
    others.append(namespace)
    return namespace
  }

  /// Deletes the namespace under its pod.
  func destroy(_ pod: Pod) {
    pod.namespace.delete()
    pods.removeAll { $0.namespace == pod.namespace }
  }

  var namespaces: [NetworkNamespace] { [namespace] + pods.map(\.namespace) + others }

  func onCleanup(_ body: @escaping () -> Void) { cleanups.append(body) }

  fileprivate func clean() {
    for cleanup in cleanups.reversed() { cleanup() }
    for namespace in namespaces.reversed() { namespace.delete() }
    // Pins are mounts, and so is their directory.
    for mount in ((try? mounts()) ?? []).reversed() { umount2(mount, Int32(MNT_DETACH)) }
    _ = try? Shell.run(["rm", "-rf", directory])
  }

  // MARK: Running the plugin

  func environment(_ verb: String, _ pod: Pod? = nil) -> [String: String] {
    var environment = ["CNI_COMMAND": verb, "CNI_PATH": "/opt/cni/bin"]
    if let pod {
      environment["CNI_CONTAINERID"] = pod.container
      environment["CNI_NETNS"] = pod.netns
      environment["CNI_IFNAME"] = pod.interface
      environment["CNI_ARGS"] = pod.arguments
    }
    return environment
  }

  func start(_ environment: [String: String], _ input: Child.Input, wrapper: [String] = []) throws -> Child {
    try Child(wrapper + [Programs.plugin()], environment: environment, input: input, in: namespace)
  }

  /// Runs the plugin in the node's namespace with exactly this environment and input.
  func run(_ environment: [String: String], _ input: Child.Input) throws -> Outcome {
    try start(environment, input).finish()
  }

  func run(_ verb: String, _ pod: Pod? = nil, _ configuration: JSONValue) throws -> Outcome {
    try run(environment(verb, pod), .text(configuration.text()))
  }

  // MARK: The verbs as a runtime uses them

  /// Attaches and detaches a pod: the store is made, its pools are known, forwarding is on.
  func warmUp() throws {
    let pod = try makePod()
    try add(pod)
    try delete(pod)
    destroy(pod)
  }

  @discardableResult
  func add(_ pod: Pod, _ configuration: JSONValue? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws
    -> JSONValue
  {
    let outcome = try run("ADD", pod, configuration ?? self.configuration())
    try #require(outcome.succeeded, "ADD: \(outcome)", sourceLocation: sourceLocation)
    return try #require(parse(outcome.standardOutput), "ADD: \(outcome)", sourceLocation: sourceLocation)
  }

  func check(_ pod: Pod, _ result: JSONValue, _ configuration: JSONValue? = nil) throws -> Outcome {
    try run("CHECK", pod, (configuration ?? self.configuration()).setting("prevResult", result))
  }

  func delete(_ pod: Pod, _ configuration: JSONValue? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws {
    expectSilentSuccess(try run("DEL", pod, configuration ?? self.configuration()), sourceLocation: sourceLocation)
  }
}

/// Runs `body` on a node of its own, which is taken down however `body` ends.
func withNode<Value>(_ body: (Node) throws -> Value) throws -> Value {
  let node = try Node()
  defer { node.clean() }
  return try body(node)
}
