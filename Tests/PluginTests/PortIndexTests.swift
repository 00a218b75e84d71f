import JSON
import Testing

/// A host end asks for an index that its peer never has: the kernel would put off the start of such a link.
@Suite struct PortIndexTests {
  private func index(_ link: NetworkNamespace.Link) -> Int64 { link.value["ifindex"]?.integer ?? 0 }

  private func hostEnd(_ namespace: NetworkNamespace) throws -> NetworkNamespace.Link {
    try #require(try namespace.links().first { $0.value["ifname"]?.string?.hasPrefix("vmi") == true })
  }

  @Test("A host end's index is not its peer's")
  func isAnother() throws {
    try withLab { node in
      let pod = try node.makePod()
      try node.add(pod, node.configuration(networks: "a,b"))
      for namespace in [node.namespace] + (try node.instances()) {
        let link = try hostEnd(namespace)
        #expect(link.value["link_index"]?.integer != nil && link.value["link_index"]?.integer != index(link))
      }
      for address in ["10.32.0.1", "172.16.10.1", "fd00:b::1"] {
        #expect(try node.ping(from: pod.namespace, address), "\(address)")
      }
    }
  }

  @Test("Where the index is taken the host end gets another, in the node and in an instance")
  func taken() throws {
    try withLab { node in
      // Keeps the instance.
      try node.add(try node.makePod(), node.configuration(name: "a"))
      let pod = try node.makePod()
      let configuration = node.configuration(networks: "a")
      let result = try node.add(pod, configuration)
      let hosts = try ["eth0", "eth1"].map { interface in
        let position = try #require(result.inside.firstIndex(of: interface))
        return try #require(result["interfaces"]?[position]?["name"]?.string)
      }
      let places = [node.namespace, node.instance("lab.a")]
      let indexes = try zip(places, hosts).map { try index(#require(try $0.link($1))) }
      try node.delete(pod, configuration)
      for (place, index) in zip(places, indexes) {
        try Shell.run(
          ["ip", "link", "add", "z1", "index", "\(index)", "type", "veth", "peer", "name", "z2"], in: place)
      }
      try expectUnchanged(node) {
        let again = try node.add(pod, configuration)
        for (place, (host, taken)) in zip(places, zip(hosts, indexes)) {
          let link = try #require(try place.link(host))
          #expect(index(link) != taken && link.master == Node.bridge)
        }
        expectSilentSuccess(try node.check(pod, again, configuration))
        #expect(try node.ping(from: pod.namespace, "172.16.10.1"))
        try node.delete(pod, configuration)
      }
    }
  }
}
