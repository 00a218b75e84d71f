import Testing

/// `contrailctl topology`: every connection with its reason, in each of its forms.
struct TopologyTests {
  private func site() throws -> Site {
    let site = try Site()
    func definition(_ name: String, _ subnet: String, _ more: String = "") -> String {
      """
      ---
      apiVersion: k8s.cni.cncf.io/v1
      kind: NetworkAttachmentDefinition
      metadata:
        name: \(name)
        namespace: default
        labels: {vn: web}
        annotations: {juniper.net/networks: '{"ipamV4Subnet": "\(subnet)"\(more)}'}
      spec: {config: '{"cniVersion": "1.0.0", "type": "contrail-k8s-cni"}'}

      """
    }
    let manifests =
      definition("left", "10.1.0.0/24", #", "importRouteTargetList": ["target:9:9"]"#)
      + definition("right", "10.2.0.0/24", #", "exportRouteTargetList": ["target:9:9"]"#)
      + definition("a", "10.3.0.0/24", #", "routeTargetList": ["target:8:8"]"#)
      + definition("b", "10.4.0.0/24", #", "routeTargetList": ["target:8:8"]"#)
      + definition("c", "10.4.0.0/24", #", "routeTargetList": ["target:8:8"]"#)
    #expect(!(try site.run("apply -f \(try site.file("all.yaml", manifests))").hasFailed))
    return site
  }

  @Test func table() throws {
    let lines = try site().run("topology").output.split(separator: "\n").map { line in
      line.split(separator: " ").joined(separator: " ")
    }
    #expect(lines.first == "NETWORK NETWORK CONNECTED WHY")
    #expect(lines.contains("default/left default/right no target:9:9; default/right does not import default/left"))
    #expect(
      lines.contains(
        "default/a default/b no target:8:8; default/a does not import default/b: default/c has 10.4.0.0/24 too"))
    #expect(
      lines.contains {
        $0.hasSuffix("default-servicenetwork yes mesh contrail-k8s-kubemanager-mk-contrail/DefaultPodServiceNetwork")
      })
  }

  @Test func graph() throws {
    let text = try site().run("topology -o dot").output
    #expect(text.hasPrefix("graph topology {") && text.hasSuffix("}\n"))
    #expect(text.contains("label=\"target:9:9\"") && text.contains("dir=forward") && text.contains("dir=back"))
    #expect(text.contains("default/left\\n10.1.0.0/24") && text.contains("color=red"))
  }

  /// The picture is the same every time, and says what is refused.
  @Test func picture() throws {
    let site = try site()
    let text = try site.run("topology -o svg").output
    #expect(try site.run("topology -o svg").output == text)
    #expect(text.hasPrefix("<svg ") && text.hasSuffix("</svg>\n"))
    for word in ["default/left", "10.1.0.0/24", "target:9:9", "Refused imports", "default/a does not import default/b"]
    {
      #expect(text.contains(word), "\(word)")
    }
    #expect(text.split(separator: "<path d=\"M").count > 5)
  }

  /// A routing instance tells what its network imports, by what, and what is refused.
  @Test func imports() throws {
    let site = try site()
    let lines = try site.run("describe ri a").output.split(separator: "\n").map { line in
      line.split(separator: " ").joined(separator: " ")
    }
    let start = try #require(lines.firstIndex(of: "Imports:"))
    #expect(
      lines[(start + 1)...].prefix(8) == [
        "By:", "target:8:8", "Network: default/b", "Refused: does not import default/b: default/c has 10.4.0.0/24 too",
        "By:", "target:8:8", "Network: default/c", "Refused: does not import default/c: default/b has 10.4.0.0/24 too",
      ])
    #expect(try !site.run("describe ri right").output.contains("Imports:"))
  }
}
