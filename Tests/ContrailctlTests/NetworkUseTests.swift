import Testing

@testable import contrailctl

private func definition(_ networks: String) -> String {
  """
  apiVersion: k8s.cni.cncf.io/v1
  kind: NetworkAttachmentDefinition
  metadata:
    name: vn1
    annotations: {juniper.net/networks: '\(networks)'}
  spec: {config: '{"cniVersion": "1.0.0", "type": "contrail-k8s-cni"}'}

  """
}

private let subnet = #"{"ipamV4Subnet": "172.16.10.0/24"}"#
private let prefix = "networkattachmentdefinition.k8s.cni.cncf.io"

/// A change of definitions while pods are attached: what pods have stays theirs, and nothing that they have is given away.
final class NetworkUseTests {
  private let site: Site

  init() throws {
    site = try Site()
    #expect(try apply(subnet).output == "\(prefix)/vn1 created\n")
  }

  private func apply(_ networks: String) throws -> Site.Answer {
    try site.run("apply -f \(try site.file("nad.yaml", definition(networks)))")
  }

  private func attach(_ pod: String, _ address: String = "172.16.10.2", namespace: String = "default") throws {
    try site.attach(
      pod, namespace: namespace,
      [
        site.defaultInterface("10.244.0.\(address.split(separator: ".")[3])"),
        .init(
          name: "eth1", network: "default/vn1", address: "\(address)/24", gateway: "172.16.10.1",
          subnet: "default/vn1-v4"),
      ])
  }

  private func rows(_ line: String) throws -> [String] {
    try site.run(line).output.split(separator: "\n").map(String.init)
  }

  /// Deleting a definition takes network, routing instance and subnets out of every listing and names the pods that are
  /// left; whatever shows those pods still does.
  @Test func aDeletedDefinitionLeavesPodsTheirs() throws {
    try attach("web")
    let views = ["vm", "vmi", "iip"].map { "get \($0) -A -o yaml" }
    let before = try views.map(rows)
    let status = try site.run("get network-status web").output
    #expect(
      try site.run("delete net-attach-def vn1")
        == .init(
          output: "\(prefix) \"vn1\" deleted\n",
          errors: "Warning: VirtualNetwork default/vn1 is still used by pods: default/web (eth1); "
            + "they keep their interfaces until they go\n"))
    #expect(try site.run("get net-attach-def,vn,ri,subnet").output == "")
    #expect(try rows("get vn,ri,subnet -A -o name").filter { $0.contains("vn1") } == [])
    for name in ["vn/vn1", "ri/vn1", "subnet/vn1-v4"] { #expect(try site.run("describe \(name)").hasFailed) }
    #expect(try views.map(rows) == before)
    #expect(before.map { $0.filter { $0.hasPrefix("- apiVersion:") }.count } == [1, 2, 2])
    #expect(try site.run("get network-status web").output == status)
    #expect(status.contains("\"name\": \"default/vn1\""))
  }

  /// The same subnet again: the addresses in use are, from the first moment, taken.
  @Test func madeAgainWithTheSameSubnet() throws {
    try attach("web")
    _ = try site.run("delete net-attach-def vn1")
    #expect(try apply(subnet) == .init(output: "\(prefix)/vn1 created\n"))
    #expect(try rows("get subnet --no-headers").first?.contains("1.56%") == true)
  }

  /// Another subnet, family or gateway is refused as long as a pod of the old network lives, and made when it is gone.
  @Test(arguments: [
    (#"{"ipamV4Subnet": "172.16.11.0/24"}"#, "the subnet 172.16.10.0/24 is still in use, not 172.16.11.0/24"),
    (#"{"ipamV4Subnet": "172.16.10.0/25"}"#, "the subnet 172.16.10.0/24 is still in use, not 172.16.10.0/25"),
    (#"{"ipamV6Subnet": "2001:db8::/64"}"#, "the network would have no IPv4 subnet"),
    (
      #"{"ipamV4Subnet": "172.16.10.0/24", "ipamV4Gateway": "172.16.10.9"}"#,
      "its gateway is 172.16.10.1, not 172.16.10.9"
    ),
  ])
  func madeAgainWithAnother(_ networks: String, _ reason: String) throws {
    try attach("web")
    _ = try site.run("delete net-attach-def vn1")
    let answer = try apply(networks)
    #expect(answer.hasFailed && answer.output == "\(prefix)/vn1 created\n")
    #expect(
      answer.errors.contains("pod default/web has 172.16.10.2 on eth1: ")
        && answer.errors.contains(reason) && answer.errors.hasSuffix("; delete the pod first\n"), "\(answer.errors)")
    let description = try site.run("describe net-attach-def vn1").output
    #expect(
      description.contains("juniper.net/networks-status")
        && description.contains("failed creating VirtualNetwork vn1: "))
    #expect(try site.run("get vn,ri,subnet").output == "")
    try site.detach("web")
    #expect(try apply(networks) == .init(output: "\(prefix)/vn1 configured\n"))
    #expect(try rows("get vn,ri -o name").count == 2)
  }

  /// What pods survive is applied under them: route targets, source NAT, a further family.
  @Test func aSafeChangeIsApplied() throws {
    try attach("web")
    #expect(
      try apply(
        #"{"ipamV4Subnet": "172.16.10.0/24", "ipamV6Subnet": "2001:db8::/64", "routeTargetList": ["target:1:2"], "fabricSNAT": true}"#
      ) == .init(output: "\(prefix)/vn1 configured\n"))
    #expect(try site.run("get rt").output.contains("target-1-2"))
    #expect(try site.run("describe vn vn1").output.contains("Fabric SNAT:  true"))
    #expect(try rows("get subnet --no-headers").count == 2)
  }

  /// A change under which a pod would lose its address is refused with pod and address, and changes nothing.
  @Test(arguments: [
    (#"{"ipamV4Subnet": "172.16.11.0/24"}"#, "it is not in 172.16.11.0/24"),
    (#"{"ipamV4Subnet": "172.16.0.0/16"}"#, "its gateway is 172.16.10.1, not 172.16.0.1"),
    (#"{"ipamV6Subnet": "2001:db8::/64"}"#, "the network would have no IPv4 subnet"),
    (
      #"{"ipamV4Subnet": "172.16.10.0/24", "ipamV4Gateway": "172.16.10.2"}"#,
      "its gateway is 172.16.10.1, not 172.16.10.2"
    ),
  ])
  func anUnsafeChangeIsRefused(_ networks: String, _ reason: String) throws {
    try attach("web")
    let before = try ["net-attach-def", "vn", "ri", "subnet"].map { try site.run("get \($0) -o yaml").output }
    let answer = try apply(networks)
    #expect(answer.hasFailed && answer.output == "")
    #expect(
      answer.errors.contains("pod default/web has 172.16.10.2 on eth1: \(reason); delete the pod first"),
      "\(answer.errors)")
    #expect(try ["net-attach-def", "vn", "ri", "subnet"].map { try site.run("get \($0) -o yaml").output } == before)
    try site.detach("web")
    #expect(try apply(networks) == .init(output: "\(prefix)/vn1 configured\n"))
  }

  /// A warning stays readable, however many pods there are.
  @Test func manyPods() throws {
    for number in 2...13 { try attach("p\(number)", "172.16.10.\(number)") }
    let errors = try site.run("delete net-attach-def vn1").errors
    #expect(errors.contains("default/p2 (eth1), ") && errors.contains("default/p11 (eth1), and others;"))
    #expect(!errors.contains("p12"))
  }

  /// A runtime that passes no namespace, such as podman, means the namespace `default`.
  @Test func podsWithoutNamespace() throws {
    try attach("web", namespace: "")
    #expect(try rows("get vmi --no-headers").count == 2)
    #expect(try rows("get pods --no-headers").map { $0.prefix(3) } == ["web"])
    #expect(try site.run("get vmi -n other").output == "")
    #expect(try rows("get vm --no-headers").first?.contains("/default/web") == true)
    #expect(!(try site.run("get network-status web -n default").hasFailed))
    let name = try #require(try rows("get vmi -o name").first?.split(separator: "/").last)
    #expect(try site.run("describe vmi \(name)").output.contains("kube-manager.juniper.net/pod-namespace: default"))
    #expect(try site.run("delete net-attach-def vn1").errors.contains("default/web (eth1)"))
  }

  /// The cluster's own pod network is a network like the others: its Subnet shows how full it is.
  @Test func defaultPodNetwork() throws {
    let namespace = "\(site.clusterName)-contrail"
    var interface = site.defaultInterface("10.244.0.2")
    interface.subnet = "\(namespace)/default-podnetwork-v4"
    try site.attach("web", [interface])
    #expect(
      try site.run("describe subnet default-podnetwork-v4 -n \(namespace)").output.contains("Ip Count:          4"))
  }
}
