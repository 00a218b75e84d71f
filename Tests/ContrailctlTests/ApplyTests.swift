import Testing

@testable import contrailctl

private func definition(_ name: String, _ networks: String, namespace: String = "") -> String {
  """
  apiVersion: k8s.cni.cncf.io/v1
  kind: NetworkAttachmentDefinition
  metadata:
    name: \(name)
  \(namespace.isEmpty ? "" : "  namespace: \(namespace)")
    annotations: {juniper.net/networks: '\(networks)'}
  spec: {config: '{"cniVersion": "1.0.0", "type": "contrail-k8s-cni"}'}

  """
}

private let blue = definition("blue", #"{"ipamV4Subnet": "10.9.0.0/24"}"#)
private let prefix = "networkattachmentdefinition.k8s.cni.cncf.io"

@Test func createdConfiguredUnchanged() throws {
  let site = try Site()
  let file = try site.file("a.yaml", blue)
  for outcome in ["created", "unchanged"] {
    #expect(try site.run("apply -f \(file)") == .init(output: "\(prefix)/blue \(outcome)\n"))
  }
  _ = try site.file(
    "a.yaml", definition("blue", #"{"ipamV4Subnet": "10.9.0.0/24", "routeTargetList": ["target:1:2"]}"#))
  #expect(try site.run("apply -f \(file)") == .init(output: "\(prefix)/blue configured\n"))
  #expect(try site.run("delete -f \(file)") == .init(output: "\(prefix) \"blue\" deleted\n"))
  #expect(try site.run("get all -n default").errors == "No resources found\n" || site.run("get vn").output.isEmpty)
}

/// Several documents, JSON, lists, and the files of a directory in order; nothing hinders what can be applied.
@Test func manyManifests() throws {
  let site = try Site()
  let directory = site.directory + "/m"
  #expect(makeDirectory(directory) && makeDirectory(directory + "/deep"))
  _ = try site.file("m/1.yaml", "kind: Namespace\napiVersion: v1\nmetadata: {name: team}\n---\n---\n" + blue)
  _ = try site.file(
    "m/2.json",
    #"{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "team"}}]}"#
  )
  _ = try site.file("m/3.yml", "a: b: c\n")
  _ = try site.file("m/4.txt", "not a manifest")
  _ = try site.file("m/deep/5.yaml", definition("red", #"{"ipamV6Subnet": "2001:db8::/64"}"#))
  let answer = try site.run("apply -f \(directory)")
  #expect(answer.output == "namespace/team created\n\(prefix)/blue created\npod/p created\n")
  #expect(
    answer.errors
      == "error: error parsing \(directory)/3.yml: yaml: line 1, column 5: mapping values are not allowed in this context\n"
  )
  #expect(answer.hasFailed)
  #expect(try site.run("apply -R -f \(directory)/deep -n team").output == "\(prefix)/red created\n")
  #expect(
    try site.run("get vn -A").output.split(separator: "\n").dropFirst().map {
      $0.split(separator: " ").prefix(4).joined(separator: " ")
    }
    .filter { !$0.hasPrefix("contrail") } == ["default blue 5 v4", "team red 6 v6"])
}

/// What is wrong is refused with kind, name, field and reason, and nothing of it is stored.
@Test(arguments: [
  (
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: x}",
    "error: resource mapping not found for name: \"deny\" namespace: \"x\" from \"FILE\": no matches for kind \"NetworkPolicy\" in version \"networking.k8s.io/v1\""
  ),
  (
    "apiVersion: core.contrail.juniper.net/v1alpha1\nkind: RoutingInstance\nmetadata: {name: r}",
    "Error from server (Forbidden): routinginstances.core.contrail.juniper.net \"r\" is forbidden: "
  ),
  ("kind: Pod\nmetadata: {name: p}", "The Pod \"p\" is invalid: apiVersion: Required value"),
  ("apiVersion: v1\nkind: Pod\nmetadata: {}", "The Pod \"\" is invalid: metadata.name: Required value"),
  (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p, annotations: {a: 5}}",
    "The Pod \"p\" is invalid: metadata.annotations[a]: Invalid value: 5: must be a string: put it in quotes"
  ),
  ("apiVersion: v1\nkind: Pod\nmetadata: {name: P}", "The Pod \"P\" is invalid: metadata.name: Invalid value: \"P\": "),
  (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: nowhere}",
    "Error from server (NotFound): namespaces \"nowhere\" not found"
  ),
  ("- a\n- b", "error: Invalid value: [\"a\",\"b\"]: an object with apiVersion, kind and metadata is expected"),
  ("just text", "error: "),
  (
    "apiVersion: core.contrail.juniper.net/v1alpha1\nkind: Subnet\nmetadata: {name: s}\nspec: {cidr: 10.0.0.1/24}",
    "The Subnet \"s\" is invalid: spec.cidr: Invalid value: \"10.0.0.1/24\": "
  ),
  ("a: 1\na: 2", "error: error parsing FILE: yaml: line 2, column 1: duplicate key \"a\", which line 1 has already"),
  ("{\"a\": 1,}", "error: "), ("", "error: no objects passed to apply"),
  ("# nothing\n", "error: no objects passed to apply"),
])
func refused(_ manifest: String, _ message: String) throws {
  let site = try Site()
  let file = try site.file("bad.yaml", manifest)
  let answer = try site.run("apply -f \(file)")
  #expect(answer.output == "")
  #expect(answer.errors.hasPrefix(replacing(message, "FILE", file)), "\(answer.errors)")
  #expect(answer.hasFailed)
  #expect(answer.errors.hasSuffix("\n") && !answer.errors.dropLast().contains("\n"))
  #expect(try site.run("get pods,subnet,ri").output == "")
}

/// A definition whose network cannot be made is kept, says so in its annotation, and the command fails.
@Test func networkThatCannotBeMade() throws {
  let site = try Site()
  let file = try site.file("a.yaml", definition("blue", #"{"ipamV4Subnet": "10.9.0.0/33"}"#))
  let answer = try site.run("apply -f \(file)")
  #expect(answer.output == "\(prefix)/blue created\n")
  #expect(
    answer.hasFailed
      && answer.errors.hasPrefix("The NetworkAttachmentDefinition \"blue\" is invalid: metadata.annotations"))
  #expect(
    try site.run("describe net-attach-def blue").output.contains(
      "failed creating VirtualNetwork blue: "))
}

@Test func namespacesOfManifests() throws {
  let site = try Site()
  let file = try site.file("a.yaml", definition("blue", #"{"ipamV4Subnet": "10.9.0.0/24"}"#, namespace: "default"))
  #expect(
    try site.run("apply -n team -f \(file)").errors
      == "error: the namespace from the provided object \"default\" does not match the namespace \"team\". You must pass '--namespace=default' to perform this operation.\n"
  )
  #expect(try site.run("apply -n default -f \(file)").output == "\(prefix)/blue created\n")
}

@Test(arguments: [
  ("apply", "error: must specify -f FILE, -f DIRECTORY or -f -"),
  ("apply -f /nowhere/x.yaml", "error: the path \"/nowhere/x.yaml\" does not exist"),
  ("delete", "error: must specify either objects or -f FILE"),
  ("delete vn a -f x", "error: must specify either objects or -f FILE"),
  ("delete vn", "error: resource(s) were provided, but no name was specified"),
  ("delete vn a", "Error from server (NotFound): virtualnetworks.core.contrail.juniper.net \"a\" not found"),
  ("delete vmi a", "Error from server (NotFound): virtualmachineinterfaces.core.contrail.juniper.net \"a\" not found"),
  (
    "delete ns default",
    "Error from server (Forbidden): namespaces \"default\" is forbidden: this namespace may not be deleted"
  ),
  ("get", "error: a kind of objects is required; 'contrailctl api-resources' lists them"),
  ("get networkpolicies", "error: the server doesn't have a resource type \"networkpolicies\""),
  ("get vn,foo", "error: the server doesn't have a resource type \"foo\""),
  ("get vn,", "error: the server doesn't have a resource type \"\""),
  ("get vn x", "Error from server (NotFound): virtualnetworks.core.contrail.juniper.net \"x\" not found"),
  ("get vn/x", "Error from server (NotFound): virtualnetworks.core.contrail.juniper.net \"x\" not found"),
  ("get vn/", "error: arguments in KIND/NAME form must have a single kind and name, and \"vn/\" has not"),
  ("get vn x -A", "error: a resource cannot be retrieved by name across all namespaces"),
  ("get vn x -l a=b", "error: name cannot be provided when a selector is specified"),
  (
    "get vn -l a=b=c",
    "error: unable to parse requirement: \"a=b=c\" is not KEY, !KEY, KEY=VALUE, KEY!=VALUE or KEY in (VALUE, ...)"
  ),
  ("get network-status", "error: network-status takes the name of one pod"),
  ("get network-status p", "Error from server (NotFound): pods \"p\" not found"),
  ("describe vn x", "Error from server (NotFound): virtualnetworks.core.contrail.juniper.net \"x\" not found"),
])
func usageErrors(_ line: String, _ message: String) throws {
  let site = try Site()
  // A cluster that was used before has its own objects.
  _ = try site.run("apply -f \(try site.file("n.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}"))")
  #expect(try site.run(line) == .init(errors: message + "\n", hasFailed: true))
}
