import ContrailIPAM
import Glibc
import JSON
import NetworkAddresses
import NetworkAttachments
import ObjectStore
import SQLite
import Testing
import VirtualNetworks

private func definition(_ name: String, _ networks: String, labels: [String: String] = [:]) -> APIObject {
  APIObject(
    .networkAttachmentDefinition,
    ObjectMetadata(name: name, namespace: "default", labels: labels, annotations: ["juniper.net/networks": networks]),
    spec: ["config": #"{"cniVersion": "1.0.0", "type": "contrail-k8s-cni"}"#])
}

private func mesh(_ name: String, _ label: String) -> APIObject {
  APIObject(
    .virtualNetworkRouter, ObjectMetadata(name: name, namespace: "default"),
    spec: ["type": "mesh", "virtualNetworkSelector": ["matchLabels": ["vn": .string(label)]]])
}

private func isolated(_ name: String, _ isIsolated: Bool = true) -> APIObject {
  APIObject(
    .namespace, ObjectMetadata(name: name, annotations: isIsolated ? ["opencontrail.org/isolation": "true"] : [:]))
}

/// Who reaches whom, as it is stored and read back.
struct ConnectionTests {
  /// `a < b 10.2.0.0/24`: what a imports, for all networks, and that `importers` says the same the other way round.
  private func connections(_ directory: ObjectDirectory) throws -> [String] {
    try directory.definitions.read { (reader: ObjectReader) throws -> [String] in
      var result: [String] = []
      var pairs: Set<String> = []
      var importers: Set<String> = []
      for network in try reader.objects(of: .virtualNetwork) {
        let name = NetworkName(namespace: network.metadata.namespace, name: network.metadata.name)
        let imports = try reader.connections(of: name)
        for one in imports {
          result.append("\(name.name) < \(one.name.name) \(one.prefixes.map(\.description).joined(separator: ","))")
          pairs.insert("\(name) \(one.name)")
        }
        for importer in try reader.importers(of: name) { importers.insert("\(importer) \(name)") }
        let facts = try reader.virtualNetwork(namespace: name.namespace, name: name.name)
        if !imports.isEmpty { #expect(facts?.importsRoutes == true) }
      }
      #expect(importers == pairs)
      let all = try reader.allConnections().flatMap { entry in
        entry.imports.map {
          "\(entry.network.name) < \($0.name.name) \($0.prefixes.map(\.description).joined(separator: ","))"
        }
      }
      #expect(all.sorted() == result.sorted())
      return result
    }
  }

  @Test func meshOverTime() throws {
    let directory = try ObjectDirectory()
    try directory.apply(
      definition("a", #"{"ipamV4Subnet": "10.1.0.0/24"}"#, labels: ["vn": "web"]),
      definition("b", #"{"ipamV4Subnet": "10.2.0.0/24", "ipamV6Subnet": "2001:db8::/64"}"#, labels: ["vn": "web"]),
      definition("c", #"{"ipamV4Subnet": "10.3.0.0/24"}"#))
    #expect(try connections(directory) == [])
    try directory.apply(mesh("r", "web"))
    #expect(try connections(directory) == ["a < b 10.2.0.0/24,2001:db8::/64", "b < a 10.1.0.0/24"])
    // A label that comes, a subnet that changes, a label that goes, a network that goes.
    try directory.apply(definition("c", #"{"ipamV4Subnet": "10.3.0.0/24"}"#, labels: ["vn": "web"]))
    try directory.apply(definition("b", #"{"ipamV4Subnet": "10.4.0.0/24"}"#, labels: ["vn": "web"]))
    #expect(
      try connections(directory) == [
        "a < b 10.4.0.0/24", "a < c 10.3.0.0/24", "b < a 10.1.0.0/24", "b < c 10.3.0.0/24", "c < a 10.1.0.0/24",
        "c < b 10.4.0.0/24",
      ])
    try directory.apply(definition("a", #"{"ipamV4Subnet": "10.1.0.0/24"}"#))
    #expect(try connections(directory) == ["b < c 10.3.0.0/24", "c < b 10.4.0.0/24"])
    try directory.delete(.networkAttachmentDefinition, "c")
    #expect(try connections(directory) == [])
    try directory.definitions.read { (reader: ObjectReader) throws -> Void in
      let facts = try reader.virtualNetwork(namespace: "default", name: "b")
      #expect(facts?.importsRoutes == false && facts?.exportsRoutes == false)
    }
  }

  @Test func oneWayByTargets() throws {
    let directory = try ObjectDirectory()
    try directory.apply(
      definition("a", #"{"ipamV4Subnet": "10.1.0.0/24", "importRouteTargetList": ["target:1:1"]}"#),
      definition("b", #"{"ipamV4Subnet": "10.2.0.0/24", "exportRouteTargetList": ["target:1:1"]}"#))
    #expect(try connections(directory) == ["a < b 10.2.0.0/24"])
    try directory.definitions.read { (reader: ObjectReader) throws -> Void in
      let b = try #require(try reader.virtualNetwork(namespace: "default", name: "b"))
      #expect(!b.importsRoutes && b.exportsRoutes)
      #expect(try reader.importers(of: b.name).map(\.name) == ["a"])
      #expect(try reader.importers(of: NetworkName(namespace: "default", name: "a")).isEmpty)
    }
    try directory.apply(definition("b", #"{"ipamV4Subnet": "10.2.0.0/24", "routeTargetList": ["target:1:1"]}"#))
    try directory.apply(definition("a", #"{"ipamV4Subnet": "10.1.0.0/24", "routeTargetList": ["target:1:1"]}"#))
    #expect(try connections(directory) == ["a < b 10.2.0.0/24", "b < a 10.1.0.0/24"])
  }

  /// A refused import is not stored; objects and warnings say so, and no longer when the conflict is gone.
  @Test func conflict() throws {
    let directory = try ObjectDirectory()
    func subnet(_ cidr: String) -> String { #"{"ipamV4Subnet": "\#(cidr)"}"# }
    try directory.apply(mesh("r", "web"), definition("a", subnet("10.1.0.0/24"), labels: ["vn": "web"]))
    try directory.apply(definition("b", subnet("10.2.0.0/24"), labels: ["vn": "web"]))
    let plan = try directory.apply(definition("c", subnet("10.2.0.0/24"), labels: ["vn": "web"]))[0]
    #expect(
      plan.warnings.contains { $0.contains("RoutingInstance default/a: does not import default/b: default/c has") })
    #expect(try connections(directory) == ["b < a 10.1.0.0/24", "c < a 10.1.0.0/24"])
    func state(_ kind: Kind, _ name: String) throws -> [String] {
      let object = try directory.database.read { try $0.object(ObjectKey(kind, namespace: "default", name)) }
      return [object?.text("status", "state") ?? "", object?.text("status", "observation") ?? ""]
    }
    #expect(try state(.routingInstance, "a")[0] == "Failure" && state(.virtualNetworkRouter, "r")[0] == "Failure")
    #expect(try state(.routingInstance, "b")[1].hasPrefix("does not import default/c: its 10.2.0.0/24 overlaps"))
    #expect(try directory.apply(definition("c", subnet("10.2.0.0/24"), labels: ["vn": "web"]))[0].writes.isEmpty)
    try directory.apply(definition("c", subnet("10.3.0.0/24"), labels: ["vn": "web"]))
    for name in ["a", "b", "c"] { #expect(try state(.routingInstance, name) == ["Success", ""]) }
    #expect(try state(.virtualNetworkRouter, "r") == ["Success", ""])
    #expect(try connections(directory).count == 6)
  }

  /// What the plugin asks about an isolated namespace; nothing of it goes between routing instances.
  @Test func isolation() throws {
    let directory = try ObjectDirectory()
    try directory.apply(isolated("blue"))
    try directory.definitions.read { (reader: ObjectReader) throws -> Void in
      let own = NetworkName.podNetwork(ofIsolated: "blue")
      let facts = try #require(try reader.virtualNetwork(namespace: own.namespace, name: own.name))
      #expect(facts.role == .isolatedPods && facts.podNetwork && !facts.importsRoutes && !facts.exportsRoutes)
      #expect(facts.subnets.map(\.path) == ["k8s-contrail/default-podnetwork-v4"])
      let shared = try reader.virtualNetwork(namespace: "k8s-contrail", name: "default-podnetwork")
      #expect(shared?.role == .clusterPods && shared?.subnets == facts.subnets)
      #expect(shared?.importsRoutes == false)
      #expect(try reader.connectivity().imports(of: own).count == 2)
    }
    try directory.apply(isolated("blue", false))
    #expect(
      try directory.definitions.read { try $0.virtualNetwork(namespace: "blue", name: "default-podnetwork") } == nil)
  }

  /// Contrail's own name of an isolated namespace's network leads to it.
  @Test(arguments: ["default-domain:k8s-blue:k8s-blue-pod-network", "blue/default-podnetwork"])
  func names(text: String) throws {
    let directory = try ObjectDirectory()
    try directory.apply(isolated("blue"))
    let names = try #require(NetworkReference(text)).candidates(from: "default", clusterName: "k8s")
    let found = try directory.definitions.read { (reader: ObjectReader) throws -> [NetworkFacts] in
      try names.compactMap { try reader.virtualNetwork(namespace: $0.namespace, name: $0.name) }
    }
    #expect(found.first?.name == .podNetwork(ofIsolated: "blue"))
  }

  /// Rows of the layout before are written anew, also when only the plugin comes by.
  @Test func migration() throws {
    let directory = try ObjectDirectory()
    try directory.apply(
      mesh("r", "web"), definition("a", #"{"ipamV4Subnet": "10.1.0.0/24"}"#, labels: ["vn": "web"]),
      definition("b", #"{"ipamV4Subnet": "10.2.0.0/24"}"#, labels: ["vn": "web"]))
    let expected = try connections(directory)
    do {
      let connection = try Connection(path: directory.path + "/objects.db", .readWrite)
      try connection.execute("DROP INDEX network_refusing; DROP TABLE circle; PRAGMA user_version = 2")
      for column in ["role", "labels", "import_targets", "export_targets", "imports", "exports", "refused"] {
        try connection.execute("ALTER TABLE network DROP COLUMN \(column)")
      }
    }
    #expect(try connections(directory) == expected && !expected.isEmpty)
  }

  /// A mesh of many: the rows stay few, and a change of one network touches few of them.
  @Test func manyNetworks() throws {
    let directory = try ObjectDirectory()
    let count = 40
    try directory.database.change(directory.settings) { transaction in
      for number in 0..<count {
        let manifest = definition("n\(number)", #"{"ipamV4Subnet": "10.\#(number).0.0/24"}"#, labels: ["vn": "web"])
        _ = try transaction.apply(manifest, directory.settings, use: NoNetworkUse())
      }
      _ = try transaction.apply(mesh("r", "web"), directory.settings, use: NoNetworkUse())
    }
    #expect(try connections(directory).count == count * (count - 1))
    let circles = try Connection(path: directory.path + "/objects.db", .readOnly).prepare("SELECT count(*) FROM circle")
    try circles.step()
    #expect(circles.integer(0) == 1)
    var pages: [NetworkName] = []
    while true {
      let page = try directory.definitions.read { try $0.allConnections(after: pages.last, limit: 7) }
      if page.isEmpty { break }
      pages += page.map(\.network)
    }
    #expect(Set(pages).count == count && pages.count == count)
  }
}
