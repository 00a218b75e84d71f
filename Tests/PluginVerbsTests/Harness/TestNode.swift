import CNI
import Dataplane
import Glibc
import JSON
import LinuxSystem
import NetworkAttachments
import NodeHarness
import Testing

@testable import PluginVerbs

/// A pod's namespace, and who the runtime says it is.
struct TestPod {
  let namespace: Int32
  var name: String
  var container: String
  var uid: String
  /// The list that selects further networks, as an annotation has it.
  var networks = ""
  var netns: String { "/proc/self/fd/\(namespace)" }
}

/// A node that is the test's own process: see ``becomeNode()``.
final class TestNode {
  private(set) var pods: [TestPod] = []
  let runDirectory = "/run/contrail"
  let logFile = "/run/plugin.log"
  /// Members of the `contrail` object beside the usual.
  var extra = ""

  init() throws { becomeNode() }

  func makePod(_ name: String) throws -> TestPod {
    let pod = TestPod(namespace: try newNamespace(), name: name, container: "container-\(name)", uid: "uid-\(name)")
    pods.append(pod)
    return pod
  }

  /// Takes the pod's namespace away.
  func destroy(_ pod: TestPod) {
    close(pod.namespace)
    pods.removeAll { $0.name == pod.name }
  }

  // MARK: Calls

  private func configuration(_ members: String = "") -> String {
    """
    {"cniVersion": "1.1.0", "name": "net", "type": "contrail-k8s-cni", "contrail": {
      "pod-network": {"ipamV4Subnet": "10.32.0.0/24", "ipamV6Subnet": "fd00:10:32::/64", "fabricSNAT": true},
      "run-dir": "\(runDirectory)", "state-dir": "/run/state", "lock-timeout": 1, "log-file": "\(logFile)"\(extra)
    }\(members)}
    """
  }

  func call(_ verb: Verb, _ pod: TestPod? = nil, _ members: String = "") throws -> PluginCall {
    var variables = ["CNI_COMMAND": verb.rawValue]
    if let pod {
      variables["CNI_CONTAINERID"] = pod.container
      variables["CNI_NETNS"] = pod.netns
      variables["CNI_IFNAME"] = "eth0"
      variables["CNI_ARGS"] = "K8S_POD_NAMESPACE=lab;K8S_POD_NAME=\(pod.name);K8S_POD_UID=\(pod.uid)"
    }
    let environment = try #require(try Environment { variables[$0] })
    let network = try NetworkConfiguration(parsing: Array(configuration(members + annotation(pod)).utf8))
    let contrail =
      switch verb {
      case .delete, .collectGarbage: try ContrailConfiguration(forCleanUp: network)
      default: try ContrailConfiguration(network)
      }
    return PluginCall(environment: environment, network: network, contrail: contrail, started: monotonicNanoseconds())
  }

  private func annotation(_ pod: TestPod?) -> String {
    guard let pod, !pod.networks.isEmpty else { return "" }
    let list = JSONValue.string(pod.networks).text()
    return #", "runtimeConfig": {"io.kubernetes.cri.pod-annotations": {"k8s.v1.cni.cncf.io/networks": \#(list)}}"#
  }

  /// Applies manifests.
  func define(_ manifests: String) throws {
    try writeFile("/run/conf.json", configuration())
    run(try Programs.contrailctl(), "apply", "-f", "-", "--conf", "/run/conf.json", input: manifests)
  }

  private func serve<Result>(
    _ call: PluginCall, _ plan: (any SocketPlan)?, _ body: (Node) throws -> Result
  ) throws -> Result {
    let log = PluginLog(path: call.contrail.logFile, threshold: .debug)
    guard let plan else { return try body(Node(for: call, log: log)) }
    return try body(Node(for: call, log: log) { (kind) throws(Errno) in try plan.open(kind) })
  }

  @discardableResult
  func add(_ pod: TestPod, _ plan: (any SocketPlan)? = nil) throws -> CNIResult {
    let call = try call(.add, pod)
    return try serve(call, plan) { try $0.add(call) }
  }

  func delete(_ pod: TestPod, _ plan: (any SocketPlan)? = nil) throws {
    let call = try call(.delete, pod)
    try serve(call, plan) { try $0.delete(call) }
  }

  func check(_ pod: TestPod, _ result: CNIResult, _ plan: (any SocketPlan)? = nil) throws {
    let call = try call(.check, pod, ", \"prevResult\": " + result.json(version: .latest).text())
    try serve(call, plan) { try $0.check(call) }
  }

  /// GC with these pods alive.
  func collectGarbage(valid: [TestPod], _ plan: (any SocketPlan)? = nil) throws {
    let list = valid.map { "{\"containerID\": \"\($0.container)\", \"ifname\": \"eth0\"}" }.joined(separator: ",")
    let call = try call(.collectGarbage, nil, ", \"cni.dev/valid-attachments\": [\(list)]")
    try serve(call, plan) { try $0.collectGarbage(call) }
  }

  func status(_ plan: (any SocketPlan)? = nil) throws {
    let call = try call(.status)
    try serve(call, plan) { try $0.status(call) }
  }

  // MARK: Expectations

  /// The code of a call that must fail.
  func code(_ body: () throws -> Void) -> CNIError.Code? {
    do { try body() } catch { return CNIError(converting: error).code }
    return nil
  }

  /// Waits until the kernel has noticed that these attached pods' links have a carrier, and has done what it does then.
  func settle(_ attached: [TestPod]) throws {
    func isUp(_ link: String) -> Bool { run("ip", "-o", "link", "show", link).contains("state UP") }
    let deadline = monotonicNanoseconds() + 60_000_000_000
    while true {
      let hostEnds = run("ip", "-o", "link", "show", "type", "veth").lines
      let isSettled = try attached.allSatisfy { pod in try inside(pod.namespace) { isUp("eth0") } }
      if isUp("contrail0") && isSettled && hostEnds.allSatisfy({ $0.contains("state UP") }) {
        return try becomeSteady()
      }
      if monotonicNanoseconds() > deadline { throw Violation(message: "links without carrier") }
      usleep(10_000)
    }
  }

  /// Waits until nothing has changed for longer than the kernel puts things off, and until it has found that nobody else
  /// has the addresses.
  func becomeSteady() throws {
    var before: [String] = []
    while true {
      let now = try Snapshot.kernel(of: self)
      if now == before && !now.contains(where: { $0.contains(" tentative") }) { return }
      before = now
      usleep(1_200_000)
    }
  }

  /// What the kernel does by itself a moment later is waited for.
  func expect(_ baseline: Snapshot, _ comment: String, ignoring ignored: String? = nil) throws {
    let baseline = baseline.without(ignored)
    let deadline = monotonicNanoseconds() + 60_000_000_000
    while true {
      let now = try Snapshot(self).without(ignored)
      if now == baseline { return }
      if monotonicNanoseconds() > deadline {
        throw Violation(message: "\(comment):\n\(now.difference(from: baseline))")
      }
      usleep(20_000)
    }
  }

  var log: String { (try? readFile(logFile, limit: 16 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? "" }
}

/// Something is there that should not be, or is missing. What comes after it would say the same again.
struct Violation: Error, CustomStringConvertible {
  let message: String
  var description: String { message }
}

/// How a call ended, for a failure's message.
func description(of error: any Error) -> String {
  (error as? Violation)?.message ?? "\(CNIError(converting: error))"
}

/// Fails with both values shown where they differ: exit tests do not report the values of an expectation.
func expectEqual<Value: Equatable>(
  _ value: Value, _ expected: Value, _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  if value == expected { return }
  Issue.record("\(comment) got\n\(value)\nexpected\n\(expected)", sourceLocation: sourceLocation)
}
