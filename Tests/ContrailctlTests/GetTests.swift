import Testing

@testable import contrailctl

private func attach(_ count: Int, to site: Site) throws {
  for index in 0..<count {
    let namespace = index % 3 == 0 ? "team-a" : index % 3 == 1 ? "team" : "default"
    try site.attach("p\(count - index)", namespace: namespace, [site.defaultInterface("10.244.0.\(index + 2)")])
  }
}

/// The order is that of Kubernetes, and pages do not show.
@Test(arguments: [1, 2, 5, 250])
func pagesDoNotShow(_ pageSize: Int) throws {
  let site = try Site(pageSize: pageSize)
  try attach(7, to: site)
  let namespace = try site.file("n.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: team}")
  #expect(try site.run("apply -f \(namespace)") == .init(output: "namespace/team created\n"))
  let interfaces = try site.run("get vmi -A -o name").output.split(separator: "\n").map { line in
    line.drop { $0 != "/" }.dropFirst().prefix { $0 != "-" }
  }
  // team-a before team, because team-a/x goes before team/x.
  #expect(interfaces == ["p2", "p5", "p1", "p4", "p7", "p3", "p6"])
  #expect(try site.run("get vm").output.split(separator: "\n").count == 8)
  let table = try site.run("get vnr -A --no-headers").output.split(separator: "\n").map { $0.split(separator: " ")[1] }
  #expect(
    table == [
      "DefaultPodServiceIPFabricNetwork", "DefaultPodServiceNetwork", "DefaultServiceNetwork", "DefaultIPFabricNetwork",
    ])
}

@Test func viewsByName() throws {
  let site = try Site()
  try attach(3, to: site)
  for (kind, namespace) in [("vm", "default"), ("iip", "default"), ("vmi", "team")] {
    let name = try #require(try site.run("get \(kind) -n \(namespace) -o name").output.split(separator: "\n").first)
    let answer = try site.run("get \(name) -n \(namespace) -o name")
    #expect(answer.output == name + "\n" && !answer.hasFailed)
    #expect(try site.run("describe \(name) -n \(namespace)").output.contains("  State:        Success\n"))
    #expect(try site.run("delete \(name) -n \(namespace)").errors.contains("(Forbidden)"))
  }
}

/// What only a table leaves out is there for everything else: labels for selectors and columns, the whole for programs.
@Test func viewsAreWholeWhereTheyAreUsed() throws {
  let site = try Site(pageSize: 1)
  for pod in ["p", "q"] {
    try site.attach(
      pod,
      [
        site.defaultInterface("10.244.0.2"),
        .init(name: "eth1", network: "default/blue", address: "10.9.0.2/24", gateway: "10.9.0.1"),
      ])
  }
  #expect(try site.run("get vmi --show-labels").output.contains("=VirtualNetwork_default_blue"))
  let document = try site.run("get vmi -o yaml").output
  for part in ["back-reference.core.juniper.net/", "virtualMachineReferences:", "uid: ", "index: 1/2"] {
    #expect(document.split(separator: "\n").filter { $0.contains(part) }.count >= 2, "\(part)")
  }
  let label = try #require(
    document.split(separator: "\n").first { $0.contains("VirtualNetwork_default_blue") }?
      .split(separator: ":").first?.drop { $0 == " " })
  #expect(try site.run("get vmi -o name -l \(label)").output.split(separator: "\n").count == 2)
  // A prefix stands for all names that begin with it, each in full.
  let described = try site.run("describe vmi p-").output
  #expect(described.split(separator: "\n").filter { $0.hasPrefix("Labels:       back-reference") }.count == 2)
}

/// A meta-plugin attaches a pod by several calls: one machine, whose status has every interface, one of them the default.
@Test func severalCallsForOnePod() throws {
  let site = try Site()
  try site.attach("p", [site.defaultInterface("10.244.0.2")])
  try site.attach(
    "p", interfaceName: "net1", isAttached: false,
    [.init(name: "net1", network: "default/blue", address: "10.9.0.2/24", gateway: "10.9.0.1")])
  #expect(try site.run("get vm -o name").output.split(separator: "\n").count == 1)
  #expect(try site.run("get vm").output.contains("Pending"))
  let status = try site.run("get network-status p").output
  #expect(
    status.split(separator: "\n").filter { $0.contains("\"interface\"") }.map { $0.drop { $0 == " " } } == [
      #""interface": "eth0","#, #""interface": "net1","#,
    ])
  #expect(status.split(separator: "\n").filter { $0.contains("\"default\": true") }.count == 1)
}

/// A pod that runs has its addresses, applied before or not; one that was only applied has none.
@Test func pods() throws {
  let site = try Site()
  let manifest =
    "apiVersion: v1\nkind: Pod\nmetadata: {name: NAME, labels: {app: web}, annotations: {k8s.v1.cni.cncf.io/networks: vn1}}\n"
  for name in ["applied", "both"] {
    _ = try site.run("apply -f \(try site.file("p.yaml", replacing(manifest, "NAME", name)))")
  }
  try site.attach("both", [site.defaultInterface("10.244.0.3")])
  try site.attach("only-runs", [site.defaultInterface("10.244.0.4")])
  let rows = try site.run("get pods -o wide --no-headers").output.split(separator: "\n").map { row in
    let cells = row.split(separator: " ")
    return [cells[0], cells[2], cells[3]].map(String.init)
  }
  #expect(
    rows == [
      ["applied", "<none>", "<none>"], ["both", "10.244.0.3", "minikube"], ["only-runs", "10.244.0.4", "minikube"],
    ])
  #expect(try site.run("get pods -l app=web -o name").output == "pod/applied\npod/both\n")
  #expect(try site.run("get pod both -o yaml").output.contains("    k8s.v1.cni.cncf.io/networks: vn1\n"))
  #expect(try site.run("get pod only-runs -o json").output.contains("\"podIP\": \"10.244.0.4\""))
}

@Test func namesAndPrefixes() throws {
  let site = try Site()
  for name in ["blue", "blue2", "red"] {
    let subnet =
      "apiVersion: core.contrail.juniper.net/v1alpha1\nkind: Subnet\nmetadata: {name: \(name)}\nspec: {cidr: 10.9.0.0/24}"
    _ = try site.run("apply -f \(try site.file("s.yaml", subnet))")
  }
  let answer = try site.run("get sn red nothing blue --no-headers")
  #expect(answer.output.split(separator: "\n").map { $0.prefix { $0 != " " } } == ["red", "blue"])
  #expect(answer.errors == "Error from server (NotFound): subnets.core.contrail.juniper.net \"nothing\" not found\n")
  #expect(answer.hasFailed)
  #expect(try site.run("get sn nothing --ignore-not-found") == .init())
  #expect(try site.run("delete sn nothing --ignore-not-found") == .init())
  #expect(try site.run("describe sn bl").output.split(separator: "\n").filter { $0.hasPrefix("Name:") }.count == 2)
  #expect(try site.run("describe sn blue").output.split(separator: "\n").filter { $0.hasPrefix("Name:") }.count == 1)
  #expect(
    try site.run("get SUBNETS.core.contrail.juniper.net/red -o name").output == "subnet.core.contrail.juniper.net/red\n"
  )
}

/// Contrail's names of a network, fully qualified or not, mean what its own name means, for every command.
@Test(arguments: [
  "vn1", "contrail-k8s-kubemanager-mk-vn1-pod-network",
  "default-domain:contrail-k8s-kubemanager-mk-default:contrail-k8s-kubemanager-mk-vn1-pod-network",
  "default-domain:default:vn1",
])
func contrailNames(_ name: String) throws {
  let site = try Site()
  let manifest = """
    apiVersion: k8s.cni.cncf.io/v1
    kind: NetworkAttachmentDefinition
    metadata: {name: vn1, annotations: {juniper.net/networks: '{"ipamV4Subnet": "10.9.0.0/24"}'}}
    spec: {config: '{"cniVersion": "1.0.0", "type": "contrail-k8s-cni"}'}
    """
  _ = try site.run("apply -f \(try site.file("n.yaml", manifest))")
  #expect(try site.run("get vn \(name) -o name").output.hasSuffix("/vn1\n"))
  #expect(try site.run("describe ri \(name)").output.hasPrefix("Name:         vn1\n"))
  #expect(try site.run("get vn no-\(name)").errors.contains("\"no-\(name)\" not found"))
  #expect(try !site.run("delete net-attach-def \(name)").hasFailed)
  #expect(try site.run("get vn").output.isEmpty)
}
