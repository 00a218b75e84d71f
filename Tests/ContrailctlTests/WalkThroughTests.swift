import LinuxSystem
import Testing

/// The published walk-through of CN2, command by command: what kubectl printed there is what contrailctl prints.
///
/// Left out of account: identities, times, the digests in names; Managed Fields, finalizers and resource versions, which
/// are not kept; and what docs/contrailctl.md lists.
struct WalkThroughTests {
  /// The names of the walk-through, and others of the same lengths: no line of the output is a constant.
  static let variants: [[(String, String)]] = [
    [],
    [
      ("contrail-k8s-kubemanager-mk", "another-c8s-of-other-people"), ("vn1", "vw9"), ("172.16.10.", "10.200.77."),
      ("another-nginx", "another-httpd"), ("23:4561", "44:1234"), ("23-4561", "44-1234"),
    ],
  ]

  @Test(arguments: variants)
  func session(_ replacements: [(String, String)]) throws {
    func adapted(_ text: String) -> String {
      replacements.reduce(text) { text, pair in replacing(text, pair.0, pair.1) }
    }
    let site = try Site(clusterName: adapted("contrail-k8s-kubemanager-mk"))
    let manifest = try site.file("nad.yaml", adapted(fixture("nad-demo.yaml")))
    var hasPods = false
    #expect(try site.run("get net-attach-def").errors == "No resources found in default namespace.\n")
    #expect(try site.run("get net-attach-def -A").errors == "No resources found\n")
    for step in try steps(adapted(fixture("walkthrough.txt"))) {
      if step.command == "get subnet" && !hasPods {
        try attachPods(site, adapted)
        hasPods = true
      }
      let answer = try site.run(replacing(step.command, "nad-demo.yaml", manifest))
      let isIdentical = replacements.isEmpty
      let (expected, actual) = (
        normalised(step.output, step.command, keepsDigests: isIdentical),
        normalised(answer.output.isEmpty ? answer.errors : answer.output, step.command, keepsDigests: isIdentical)
      )
      #expect(actual == expected, "\(step.command)")
      #expect(!answer.hasFailed)
      if step.command.hasPrefix("delete net-attach-def") {
        #expect(answer.errors.contains(adapted("default/vn1-pod (eth1)")))
      }
    }
  }

  private func attachPods(_ site: Site, _ adapted: (String) -> String) throws {
    try site.attach("coredns-558bd4d5db-r6nck", namespace: "kube-system", [site.defaultInterface("10.244.0.2")])
    try site.attach("nginx", [site.defaultInterface("10.244.0.3")])
    try site.attach(adapted("another-nginx"), [site.defaultInterface("10.244.0.4")])
    try site.attach(
      adapted("vn1-pod"),
      [
        site.defaultInterface("10.244.0.5"),
        .init(
          name: "eth1", network: adapted("default/vn1"), address: adapted("172.16.10.2") + "/24",
          gateway: adapted("172.16.10.1"), subnet: adapted("default/vn1-v4")),
      ])
  }

  /// The status of the pod that the walk-through describes, byte for byte.
  @Test func networkStatus() throws {
    let site = try Site()
    try attachPods(site) { $0 }
    let status = """
      [{
          "name": "contrail-k8s-kubemanager-mk-contrail/default-podnetwork",
          "interface": "eth0",
          "ips": [
              "10.244.0.5"
          ],
          "mac": "02:11:8e:c0:2f:e0",
          "default": true,
          "dns": {}
      },{
          "name": "default/vn1",
          "interface": "eth1",
          "ips": [
              "172.16.10.2"
          ],
          "mac": "02:21:0f:f6:47:fc",
          "dns": {}
      }]

      """
    #expect(try site.run("get network-status vn1-pod").output == status)
    let lines = status.split(separator: "\n").map { "                \($0)\n" }.joined()
    let pod = try site.run("describe pods vn1-pod").output
    #expect(
      pod == """
        Name:         vn1-pod
        Namespace:    default
        Node:         minikube/192.168.177.47
        Labels:       <none>
        Annotations:  k8s.v1.cni.cncf.io/network-status:
        \(lines)IP:           10.244.0.5
        IPs:
          IP:    10.244.0.5
        Events:  <none>

        """)
  }
}

private struct Step {
  let command: String
  var output = ""
}

private func steps(_ text: String) -> [Step] {
  var steps: [Step] = []
  for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
    if line.hasPrefix("$ ") {
      steps.append(Step(command: String(line.dropFirst(2))))
    } else {
      steps[steps.count - 1].output += line + "\n"
    }
  }
  return steps
}

/// The lines that two runs have in common.
private func normalised(_ output: String, _ command: String, keepsDigests: Bool) -> [String] {
  var lines = withoutBookkeeping(output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
  lines = lines.map { line in
    var line = line.replacing(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, with: "UID")
    line = line.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, with: "TIME")
    // The age, in the last column.
    if command.hasPrefix("get") { line = line.replacing(#/ {3}(\d+[smhdy])+$/#, with: "   AGE") }
    if !keepsDigests || command.hasPrefix("describe vr") { line = line.replacing(/[0-9a-f]{56}/, with: "DIGEST") }
    return line
  }
  if ["get vm", "get vmi", "get iip"].contains(command) || command.hasPrefix("describe vr ") {
    lines = lines.map { $0.replacing(/-[0-9a-f]{6,8}(?=\s|$)/, with: "-HASH") }
  }
  if command == "get iip" {
    // Without the addresses of services the columns are narrower; the order is that of the digests.
    lines = lines.filter { !$0.contains("default-servicenetwork") }.map { $0.replacing(#/ {3,}/#, with: "   ") }
      .sorted()
  }
  if command.hasPrefix("describe") {
    // Lines that are left out made their neighbours' column wider.
    lines = lines.map { $0.replacing(#/: {2,}/#, with: ":  ") }
  }
  // The order of workloads is that of their names here, and that of their making there.
  if command.hasPrefix("describe vr ") {
    lines = lines.map { $0.replacing(#/^(Labels:)? +back/#, with: "back") }.sorted()
  }
  return lines
}

/// Without Managed Fields, finalizers and resource versions.
private func withoutBookkeeping(_ lines: [String]) -> [String] {
  var result: [String] = []
  var isSkipping = false
  for line in lines {
    let indent = line.prefix { $0 == " " }.count
    if indent <= 2 { isSkipping = line == "  Managed Fields:" || line == "  Finalizers:" }
    let isVersion = line.drop { $0 == " " }.hasPrefix("Resource Version:")
    let isGeneration = line.hasPrefix("  Generation:")
    if !isSkipping && !isVersion { result.append(isGeneration ? "  Generation:  N" : line) }
  }
  return result
}

func fixture(_ name: String) throws -> String {
  let path = "\(#filePath)".split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/Fixtures/\(name)"
  return String(decoding: try readFile(path, limit: 1 << 20), as: UTF8.self)
}

func replacing(_ text: String, _ old: String, _ new: String) -> String { text.replacing(old, with: new) }
