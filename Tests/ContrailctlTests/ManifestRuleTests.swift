import Glibc
import Testing

@testable import contrailctl

// What manifests say that does not work out: it is told, in words that say what would.

/// A definition with an annotation that only this plugin reads, and a configuration that is not for it, makes no network: the
/// person who wrote it is told. One without the annotation is another plugin's business.
@Test(
  arguments: [
    (#"{"type": "contrail-k8s-cni""#, "spec.config is not valid JSON"), ("", "spec.config is not valid JSON"),
    (#"{"type": "bridge"}"#, "spec.config is for the plugin bridge"), ("{}", "spec.config has no type"),
  ])
func definitionsOfOtherPlugins(_ configuration: String, _ reason: String) throws {
  for (isOurs, annotation) in [(true, "juniper.net/networks"), (false, "other/x")] {
    let site = try Site()
    let file = try site.file(
      "a.yaml",
      """
      apiVersion: k8s.cni.cncf.io/v1
      kind: NetworkAttachmentDefinition
      metadata: {name: a, annotations: {\(annotation): '{"ipamV4Subnet": "10.9.0.0/24"}'}}
      spec: {config: '\(configuration)'}

      """)
    let answer = try site.run("apply -f \(file)")
    #expect(answer.output.hasSuffix("/a created\n") && !answer.hasFailed, "\(answer)")
    let warning = "Warning: annotation \(annotation) has no effect, and no network is made: \(reason)"
    #expect(isOurs ? answer.errors.hasPrefix(warning) : answer.errors.isEmpty, "\(answer)")
    #expect(!isOurs || answer.errors.hasSuffix("expected a configuration of type contrail-k8s-cni\n"), "\(answer)")
    #expect(try !site.run("get vn").output.contains("a "))
  }
}

/// Labels are what Kubernetes takes: selectors can name them.
@Test(
  arguments: [
    ("bad key: x", "bad key"), ("x: é", "é"), ("'': x", #""""#), ("a/b/c: x", "a/b/c"), ("-a: x", "-a"),
    ("a: -x", "-x"), ("a: x.", "x."), ("A.b/c: x", "A.b/c"), ("a..b/c: x", "a..b/c"), ("/c: x", "/c"), ("c/: x", "c/"),
    ("\(String(repeating: "a", count: 64)): x", "aaaa"), ("a: \(String(repeating: "x", count: 64))", "xxxx"),
  ])
func labelsThatCannotBe(_ label: String, _ word: String) throws {
  let site = try Site()
  let file = try site.file(
    "a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team, labels: {\(label)}}\n")
  let answer = try site.run("apply -f \(file)")
  #expect(answer.hasFailed && answer.output.isEmpty, "\(answer)")
  #expect(answer.errors.contains("metadata.labels") && answer.errors.contains(word), "\(answer)")
  #expect(answer.errors.contains("letters, digits"), "\(answer)")
}

@Test func labelsThatCanBe() throws {
  let site = try Site()
  let labels = "a: '', A_b.c-1: Z_z.9-0, a.b-c/D: x, \(String(repeating: "a", count: 63)): ok"
  let file = try site.file("a.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team, labels: {\(labels)}}\n")
  #expect(try site.run("apply -f \(file)") == .init(output: "namespace/team created\n"))
}

@Test func networkStatusOfAPodThatDoesNotRun() throws {
  let site = try Site()
  let file = try site.file("a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n")
  _ = try site.run("apply -f \(file)")
  let answer = try site.run("get network-status p")
  #expect(answer.hasFailed && answer.output.isEmpty)
  #expect(answer.errors == "error: pod \"p\" is defined, and does not run on this node: it has no network-status yet\n")
  #expect(try site.run("get network-status q").errors == "Error from server (NotFound): pods \"q\" not found\n")
}

/// Other programs write JSON documents one after the other.
@Test func streamsOfJSON() throws {
  let site = try Site()
  func pod(_ name: String) -> String {
    #"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\#(name)", "annotations": {"a": "}{\"["}}}"#
  }
  let file = try site.file("a.json", pod("a") + pod("b") + "\n" + pod("c") + "\n\n")
  #expect(try site.run("apply -f \(file)").output == "pod/a created\npod/b created\npod/c created\n")
  for (text, place) in [
    (pod("d") + "\n" + #"{"apiVersion": }"#, "line 2"), (pod("d") + "\n" + pod("e").dropLast(2), ""),
    (pod("d") + " x", ""),
  ] {
    let answer = try site.run("apply -f \(try site.file("b.json", String(text)))")
    #expect(answer.hasFailed && answer.output.isEmpty, "\(answer)")
    #expect(answer.errors.contains("json: ") && answer.errors.contains(place), "\(answer)")
  }
}

/// What a file makes in its order, it also removes: what others need goes after them.
@Test func deletedInAnOrderThatWorks() throws {
  let site = try Site()
  let file = try site.file(
    "a.yaml",
    """
    {apiVersion: v1, kind: Namespace, metadata: {name: team}}
    ---
    apiVersion: core.contrail.juniper.net/v1alpha1
    kind: Subnet
    metadata: {name: s, namespace: team}
    spec: {cidr: 10.9.0.0/24}
    ---
    apiVersion: core.contrail.juniper.net/v1alpha1
    kind: VirtualNetwork
    metadata: {name: net, namespace: team}
    spec: {v4SubnetReference: {apiVersion: core.contrail.juniper.net/v1alpha1, kind: Subnet, name: s, namespace: team}}

    """)
  let applied = try site.run("apply -f \(file)")
  #expect(!applied.hasFailed, "\(applied)")
  let deleted = try site.run("delete -f \(file)")
  let order = deleted.output.split(separator: "\n").compactMap { $0.split(separator: "\"").dropFirst().first }
  #expect(!deleted.hasFailed && order == ["net", "s", "team"], "\(deleted)")
}

/// One conflict in a mesh shows on every network of it, and is one warning.
@Test func oneWarningForAMesh() throws {
  let site = try Site()
  func network(_ name: String, _ subnet: Int) -> String {
    """
    apiVersion: k8s.cni.cncf.io/v1
    kind: NetworkAttachmentDefinition
    metadata:
      name: \(name)
      labels: {mesh: "yes"}
      annotations: {juniper.net/networks: '{"ipamV4Subnet": "10.9.\(subnet).0/24"}'}
    spec: {config: '{"cniVersion": "1.0.0", "type": "contrail-k8s-cni"}'}
    ---

    """
  }
  let file = try site.file(
    "a.yaml", (1...8).map { network("n\($0)", $0) }.joined() + network("twin", 1))
  #expect(try !site.run("apply -f \(file)").hasFailed)
  let router = try site.file(
    "r.yaml",
    """
    apiVersion: core.contrail.juniper.net/v1alpha1
    kind: VirtualNetworkRouter
    metadata: {name: r}
    spec: {type: mesh, virtualNetworkSelector: {matchLabels: {mesh: "yes"}}}

    """)
  let answer = try site.run("apply -f \(router)")
  let warnings = answer.errors.split(separator: "\n")
  #expect(!answer.hasFailed && warnings.count == 2, "\(answer)")
  #expect(warnings[0].contains("does not import default/") && warnings[0].contains("and 8 more routing instances"))
  #expect(warnings[1].contains("VirtualNetworkRouter default/r"), "\(answer)")
}

/// Where the stores should be there is something else: that is no empty cluster.
@Test(arguments: ["state", "run"]) func noDirectory(_ name: String) throws {
  let site = try Site()
  let path = "\(site.directory)/\(name)"
  #expect(rename(path, "\(path)-away") == 0 || errno == ENOENT)
  _ = try site.file(name, "a file")
  for words in ["get vn", "get vmi", "get pod", "describe vn x"] where name == "state" || words == "get vmi" {
    let answer = try site.run(name == "state" && words == "get vmi" ? "get sn" : words)
    #expect(answer.hasFailed && answer.output.isEmpty, "\(words): \(answer)")
    #expect(answer.errors.contains(path) && answer.errors.contains("Not a directory"), "\(words): \(answer)")
  }
}
