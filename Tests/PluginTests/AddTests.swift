import JSON
import Testing

/// ADD: the result is what the kernel has (17, 19), and a refused ADD leaves nothing (20–22).
@Suite struct AddTests {
  @Test("17: the result has the shape of its version", arguments: supportedVersions)
  func shape(_ version: String) throws {
    try withNode { node in
      let pod = try node.makePod()
      let result = try node.add(pod, node.configuration(version: version))
      #expect(result["cniVersion"]?.string == version)
      if version < "0.3.0" {
        #expect(result["ip4"]?["ip"] == "10.32.0.2/12" && result["ip4"]?["gateway"] == "10.32.0.1")
        #expect(result["ip6"]?["ip"] == "fd00:10:32::2/64" && result["ip6"]?["gateway"] == "fd00:10:32::1")
        #expect(result["ip4"]?["routes"]?[0]?["dst"] == "0.0.0.0/0" && result["ip6"]?["routes"]?[0]?["dst"] == "::/0")
        #expect(result["ips"] == nil && result["interfaces"] == nil)
      } else {
        let hasFamily = version < "1.0.0"
        #expect(result["ips"]?[0]?["version"] == (hasFamily ? "4" : nil))
        #expect(result["ips"]?[1]?["version"] == (hasFamily ? "6" : nil))
        #expect(result.addresses == ["10.32.0.2/12", "fd00:10:32::2/64"])
        #expect(result["ips"]?[0]?["gateway"] == "10.32.0.1" && result["ips"]?[1]?["gateway"] == "fd00:10:32::1")
        #expect(result["routes"]?.array?.map { $0["dst"]?.string } == ["0.0.0.0/0", "::/0"])
        #expect(result.container?["name"] == "eth0" && result.container?["sandbox"] == .string(pod.netns))
        #expect(result.container?["mtu"] == (version == "1.1.0" ? 1500 : nil))
        #expect(result["ip4"] == nil && result["ip6"] == nil)
      }
      try node.delete(pod, node.configuration(version: version))
    }
  }

  @Test("19: link, MAC, MTU, addresses and routes in the pod equal the result")
  func resultIsTrue() throws {
    try withNode { node in
      let pod = try node.makePod()
      let result = try node.add(pod)
      let link = try #require(try pod.namespace.link("eth0"))
      #expect(link.isUp)
      #expect(result.container?["mac"] == .string(link.mac) && link.mac.hasPrefix("02:"))
      #expect(result.container?["mtu"] == .integer(link.mtu))
      #expect(link.addresses.filter { !$0.hasPrefix("fe80") } == result.addresses)
      #expect(try pod.namespace.routes("-4").contains("default via 10.32.0.1 dev eth0"))
      #expect(try pod.namespace.routes("-6").contains("default via fd00:10:32::1 dev eth0"))
      // A host-side name a runtime could take for the pod's would hide the pod's.
      let names = result["interfaces"]?.array?.filter { $0["sandbox"]?.string ?? "" == "" }.compactMap {
        $0["name"]?.string
      }
      #expect(try Set(names ?? []).isSubset(of: node.namespace.linkNames()) && names?.contains("eth0") == false)
    }
  }

  @Test("20: an existing interface of that name is an error and stays as it is")
  func existingInterface() throws {
    try withNode { node in
      let pod = try node.makePod()
      try node.warmUp()
      try Shell.run(["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "other"], in: pod.namespace)
      try expectUnchanged(node) {
        let outcome = try node.run("ADD", pod, node.configuration())
        #expect(
          !outcome.succeeded && parse(outcome.standardOutput)?["msg"]?.string?.contains("eth0") == true, "\(outcome)")
      }
    }
  }

  @Test("ADD of an attached pod is an error that leaves the attachment alone")
  func addTwice() throws {
    try withNode { node in
      let pod = try node.makePod()
      let result = try node.add(pod)
      try expectUnchanged(node) {
        let outcome = try node.run("ADD", pod, node.configuration())
        #expect(!outcome.succeeded && parse(outcome.standardOutput)?["code"]?.integer != nil, "\(outcome)")
      }
      #expect(try node.check(pod, result).succeeded)
    }
  }

  @Test("21: a missing network namespace: nothing is reserved")
  func missingNamespace() throws {
    try withNode { node in
      var pod = try node.makePod()
      pod.netns = "/run/netns/ct-never-made"
      try expectUnchanged(node) {
        let outcome = try node.run("ADD", pod, node.configuration())
        #expect(parse(outcome.standardOutput)?["msg"]?.string?.contains(pod.netns) == true, "\(outcome)")
      }
      pod.netns = pod.namespace.path
      #expect(try node.add(pod).ipv4 == "10.32.0.2", "the first address is still free")
    }
  }

  @Test("22: the plugin's own namespace, unless it is told to")
  func ownNamespace() throws {
    try withNode { node in
      var pod = try node.makePod()
      pod.netns = node.namespace.path
      try expectUnchanged(node) {
        expectError(8, naming: [pod.netns], try node.run("ADD", pod, node.configuration()))
      }
      var environment = node.environment("ADD", pod)
      environment["CNI_NETNS_OVERRIDE"] = "1"
      let outcome = try node.run(environment, .text(node.configuration().text()))
      #expect(parse(outcome.standardOutput)?["code"] != 8, "\(outcome)")
    }
  }
}
