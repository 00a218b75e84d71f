import Glibc
import JSON
import NodeHarness
import SQLite

/// A pod as a runtime sees it. Its namespace stays from round to round; who it is changes.
struct Pod: Sendable {
  let namespace: NetworkNamespace
  var container = ""
  var name = ""
  var uid = ""
  var project = "lab"
  /// The annotation that selects its networks.
  var networks: [JSONValue] = []

  mutating func renew(_ dice: inout Dice) {
    let number = String(dice.next(), radix: 16)
    (container, name, uid) = ("c\(number)", "pod-\(number)", "uid-\(number)")
  }
}

/// The node: its directories, what is defined on it, and the calls of runtime and person.
/// Nothing of it changes once the pods are there.
final class Site: @unchecked Sendable {
  let directory = "/run/torture"
  var runDirectory: String { "\(directory)/run" }
  var stateDirectory: String { "\(directory)/state" }
  let plugin: String
  let contrailctl: String
  /// Who stays attached all the time.
  private(set) var residents: [Pod] = []
  private(set) var pods: [Pod] = []

  init() throws {
    (plugin, contrailctl) = (try Programs.plugin(), try Programs.contrailctl())
    try Shell.run(["mkdir", "-p", directory])
    try writeFile("\(directory)/conf.json", configuration([]).text())
    try Shell.run(["ip", "link", "set", "lo", "up"])
  }

  func makePod() throws -> Pod {
    let namespace = try NetworkNamespace.create()
    try namespace.entering { try quietIPv6() }
    let pod = Pod(namespace: namespace)
    pods.append(pod)
    return pod
  }

  func settleIn(_ pod: Pod) throws {
    try succeed("ADD", pod)
    residents.append(pod)
  }

  // MARK: Calls

  private func configuration(_ networks: [JSONValue], valid: [Pod]? = nil) -> JSONValue {
    var configuration: JSONValue = [
      "cniVersion": "1.1.0", "name": "net", "type": "contrail-k8s-cni",
      "contrail": [
        "run-dir": .string(runDirectory), "state-dir": .string(stateDirectory),
        "log-file": .string("\(directory)/log"), "log-level": "debug",
        "pod-network": ["ipamV4Subnet": "10.32.0.0/20", "ipamV6Subnet": "fd00:10:32::/64", "fabricSNAT": true],
      ],
    ]
    if !networks.isEmpty {
      configuration = configuration.adding(
        "runtimeConfig",
        [
          "io.kubernetes.cri.pod-annotations": [
            "k8s.v1.cni.cncf.io/networks": .string(JSONValue.array(networks).text())
          ]
        ])
    }
    if let valid {
      let names = valid.map { ["containerID": .string($0.container), "ifname": "eth0"] as JSONValue }
      configuration = configuration.adding("cni.dev/valid-attachments", .array(names))
    }
    return configuration
  }

  /// - Parameter valid: for GC, who lives beside the residents.
  func start(
    _ verb: String, _ pod: Pod? = nil, valid: [Pod] = [], previous: JSONValue? = nil, wrapper: [String] = []
  ) throws -> Child {
    var environment = ["CNI_COMMAND": verb, "CNI_PATH": "/opt/cni/bin"]
    if let pod {
      environment["CNI_CONTAINERID"] = pod.container
      environment["CNI_NETNS"] = pod.namespace.path
      environment["CNI_IFNAME"] = "eth0"
      environment["CNI_ARGS"] =
        "K8S_POD_NAMESPACE=\(pod.project);K8S_POD_NAME=\(pod.name);K8S_POD_INFRA_CONTAINER_ID=\(pod.container);K8S_POD_UID=\(pod.uid)"
    }
    var input = configuration(pod?.networks ?? [], valid: verb == "GC" ? residents + valid : nil)
    if let previous { input = input.adding("prevResult", previous) }
    return try Child(wrapper + [plugin], environment: environment, input: .text(input.text()), in: nil)
  }

  func run(_ verb: String, _ pod: Pod? = nil, valid: [Pod] = []) throws -> Outcome {
    try start(verb, pod, valid: valid).finish()
  }

  func succeed(_ verb: String, _ pod: Pod? = nil, valid: [Pod] = []) throws {
    let outcome = try run(verb, pod, valid: valid)
    guard outcome.succeeded else { throw Violation("\(verb) failed: \(outcome)\n\(pod.map(log) ?? "")") }
  }

  /// What the log says of a container, for the report of a violation.
  func log(of pod: Pod) -> String {
    let lines = (try? readFile("\(directory)/log").lines) ?? []
    return lines.filter { $0.contains(pod.container) }.suffix(20).joined(separator: "\n")
  }

  func startContrailctl(_ arguments: [String], input: [JSONValue] = [], wrapper: [String] = []) throws -> Child {
    try Child(
      wrapper + [contrailctl] + arguments,
      environment: ["CONTRAIL_CONF": "\(directory)/conf.json", "PATH": "/usr/bin:/bin"],
      input: .text(input.map { $0.text() }.joined(separator: "\n---\n")), in: nil)
  }

  func apply(_ manifests: [JSONValue]) throws {
    let outcome = try startContrailctl(["apply", "-f", "-"], input: manifests).finish()
    guard outcome.succeeded else { throw Violation("contrailctl apply failed: \(outcome)") }
  }

  func delete(_ kind: String, _ name: String) throws {
    let outcome = try startContrailctl(["delete", kind, name, "-n", "lab", "--ignore-not-found"]).finish()
    guard outcome.succeeded else { throw Violation("contrailctl delete failed: \(outcome)") }
  }
}

extension Site {
  /// What doctor says is wrong, without touching it.
  func findings() throws -> [String] {
    let outcome = try startContrailctl(["doctor", "-o", "json"]).finish()
    guard let diagnosis = (try? JSONValue(parsing: outcome.standardOutput))?.object,
      let findings = diagnosis["findings"]?.array, let failures = diagnosis["failures"]?.array
    else { throw Violation("doctor failed: \(outcome)") }
    let texts =
      findings.map { "\($0.object?["kind"]?.string ?? ""): \($0.object?["problem"]?.string ?? "")" }
      + failures.map { "failed: \($0.string ?? "")" }
    guard outcome.succeeded == texts.isEmpty else { throw Violation("doctor's exit code says otherwise: \(outcome)") }
    return texts
  }

  /// Everything is as it should be; doctor must see it so.
  func expectHealthy() throws {
    let findings = try findings()
    guard findings.isEmpty else {
      throw Violation("all is as before, and doctor finds:\n\(findings.joined(separator: "\n"))")
    }
  }

  /// Whether the ADD of a pod came to its end.
  func isAttached(_ pod: Pod) throws -> Bool {
    let connection = try Connection(path: "\(runDirectory)/attachments.db", .readWrite)
    let statement = try connection.prepare("SELECT state FROM attachment WHERE container = '\(pod.container)'")
    return try statement.step() && statement.text(0) == "1"
  }

  func attachments(_ statement: String) throws {
    try Connection(path: "\(runDirectory)/attachments.db", .readWrite).execute(statement)
  }
}

extension JSONValue {
  func adding(_ key: String, _ value: JSONValue) -> JSONValue {
    guard case .object(var members) = self else { return self }
    members[key] = value
    return .object(members)
  }
}
