import NetworkAddresses
import NetworkAttachments
import Testing
import VirtualNetworks

private func importing(_ labels: [String: String], in namespaces: [String: String]? = nil) -> RouterNode.Import {
  RouterNode.Import(
    routers: ObjectSelector(matchLabels: labels), namespaces: namespaces.map { ObjectSelector(matchLabels: $0) })
}

/// What routers connect.
struct RouterConnectivityTests {
  private let web = ["tier": "web"]
  private let data = ["tier": "data"]

  /// A mesh joins the networks of its own namespace that have its labels, and no others.
  @Test func mesh() throws {
    let networks = [
      try node("a/x", "10.1.0.0/24", labels: web), try node("a/y", "10.2.0.0/24", labels: web + ["more": "1"]),
      try node("a/z", "10.3.0.0/24", labels: data), try node("a/none", "10.4.0.0/24"),
      try node("b/x", "10.5.0.0/24", labels: web),
    ]
    let connectivity = resolve(networks, [router("a/r", .mesh, web)])
    #expect(imports(connectivity) == ["a/x<a/y", "a/y<a/x"])
    #expect(connectivity.imports(of: name("a/x")).first?.reasons == [.router(name("a/r"))])
    #expect(imports(resolve(networks, [router("a/r", .hub, web)])).isEmpty)
    #expect(imports(resolve(networks, [router("a/r", .spoke, web)])).isEmpty)
    #expect(imports(resolve(networks, [router("a/r", .mesh, [:])])).count == 4 * 3)
  }

  /// Hubs and spokes reach each other; no two hubs and no two spokes do.
  @Test func hubAndSpokes() throws {
    let connectivity = resolve(
      [
        try node("a/h1", "10.1.0.0/24", labels: web), try node("a/h2", "10.2.0.0/24", labels: web),
        try node("a/s1", "10.3.0.0/24", labels: data), try node("a/s2", "10.4.0.0/24", labels: data),
      ],
      [
        router("a/hub", .hub, web, labels: ["r": "hub"], imports: importing(["r": "spoke"])),
        router("a/spoke", .spoke, data, labels: ["r": "spoke"], imports: importing(["r": "hub"])),
      ])
    #expect(
      imports(connectivity) == [
        "a/h1<a/s1", "a/h1<a/s2", "a/h2<a/s1", "a/h2<a/s2", "a/s1<a/h1", "a/s1<a/h2", "a/s2<a/h1", "a/s2<a/h2",
      ])
    for router in connectivity.routers.indices {
      #expect(connectivity.routerStatus(ofRouterAt: router) == ("Success", ""))
    }
  }

  /// Which imports between routers of two namespaces connect: both must import, and their types must go together.
  @Test(
    arguments: [
      (RouterType.mesh, RouterType.mesh, true, true, 2), (.hub, .spoke, true, true, 2), (.spoke, .hub, true, true, 2),
      (.mesh, .mesh, true, false, 0), (.mesh, .mesh, false, true, 0), (.hub, .spoke, true, false, 0),
      (.hub, .hub, true, true, 0), (.spoke, .spoke, true, true, 0), (.mesh, .hub, true, true, 0),
      (.mesh, .spoke, true, true, 0), (.mesh, .mesh, false, false, 0),
    ] as [(RouterType, RouterType, Bool, Bool, Int)])
  func importsBetweenRouters(
    _ one: RouterType, _ two: RouterType, _ oneImports: Bool, _ twoImports: Bool, _ expected: Int
  ) throws {
    let nobody = importing(["r": "nobody"])
    let connectivity = resolve(
      [try node("a/x", "10.1.0.0/24", labels: web), try node("b/y", "10.2.0.0/24", labels: data)],
      [
        router(
          "a/one", one, web, labels: ["r": "one"],
          imports: oneImports ? importing(["r": "two"], in: ["team": "b"]) : nobody),
        router(
          "b/two", two, data, labels: ["r": "two"],
          imports: twoImports ? importing(["r": "one"], in: ["team": "a"]) : nobody
        ),
      ])
    #expect(imports(connectivity).count == expected)
    let state = connectivity.routerStatus(ofRouterAt: 0).state
    #expect(state == (oneImports && expected == 0 ? "Pending" : "Success"))
  }

  /// Without a selector of namespaces only routers of the own one are meant; an empty selector means all namespaces.
  @Test func namespacesOfImports() throws {
    let networks = [
      try node("a/x", "10.1.0.0/24", labels: web), try node("b/y", "10.2.0.0/24", labels: web),
      try node("c/z", "10.3.0.0/24", labels: web),
    ]
    func all(_ namespaces: [String: String]?) -> [RouterNode] {
      ["a/r", "b/r", "c/r"].map { router($0, .mesh, web, labels: web, imports: importing(web, in: namespaces)) }
    }
    #expect(imports(resolve(networks, all(nil))).isEmpty)
    #expect(imports(resolve(networks, all([:]))).count == 6)
    #expect(imports(resolve(networks, all(["team": "a"]))).isEmpty)
  }

  /// Imports between meshes join two meshes at a time.
  @Test func meshesAreNotTransitive() throws {
    let connectivity = resolve(
      [
        try node("a/x", "10.1.0.0/24", labels: web), try node("b/y", "10.2.0.0/24", labels: web),
        try node("c/z", "10.3.0.0/24", labels: web),
      ],
      [
        router("a/r", .mesh, web, labels: ["r": "a"], imports: importing(["r": "b"], in: [:])),
        router(
          "b/r", .mesh, web, labels: ["r": "b"], imports: importing(["r": "a"], in: [:]), importing(["r": "c"], in: [:])
        ),
        router("c/r", .mesh, web, labels: ["r": "c"], imports: importing(["r": "b"], in: [:])),
      ])
    #expect(imports(connectivity) == ["a/x<b/y", "b/y<a/x", "b/y<c/z", "c/z<b/y"])
  }
}
