import ContrailIPAM
import Glibc
import JSON
import NetworkAddresses
import NetworkAttachments
import ObjectStore
import SQLite
import Testing
import VirtualNetworks

private func definition(_ name: String, _ networks: String) -> APIObject {
  APIObject(
    .networkAttachmentDefinition,
    ObjectMetadata(name: name, namespace: "default", annotations: ["juniper.net/networks": networks]),
    spec: ["config": #"{"cniVersion": "1.0.0", "type": "contrail-k8s-cni"}"#])
}

/// A state directory of its own, removed in the end.
final class ObjectDirectory {
  let path: String
  let settings: ClusterSettings

  init() throws {
    var template = Array("/tmp/contrail-objects-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) }) + "/state"
    settings = try ClusterSettings(ContrailConfiguration())
  }

  deinit {
    for name in ["objects.db", "objects.db-journal", "objects.lock", "", ".."] { remove("\(path)/\(name)") }
  }

  var database: ObjectDatabase { ObjectDatabase(stateDirectory: path, note: "test") }
  var definitions: DefinitionStore { DefinitionStore(stateDirectory: path) }

  @discardableResult
  func apply(_ manifests: APIObject...) throws -> [ChangePlan] {
    try database.change(settings) { transaction in
      try manifests.map { try transaction.apply($0, settings, use: NoNetworkUse()) }
    }
  }

  @discardableResult
  func delete(_ kind: Kind, _ name: String) throws -> ChangePlan {
    try database.change(settings) { transaction in
      try transaction.delete(ObjectKey(kind, namespace: "default", name), settings, use: NoNetworkUse())
    }
  }

  func vni(_ name: String) throws -> UInt32? {
    try definitions.read { try $0.virtualNetwork(namespace: "default", name: name)?.vni }
  }
}

/// Objects in the database: what is written is there for the next process, whole or not at all.
struct ObjectDatabaseTests {
  private let plain = #"{"ipamV4Subnet": "172.16.10.0/24"}"#

  /// No database: nothing is defined, and nothing is made by asking.
  @Test func missingDatabase() throws {
    let directory = try ObjectDirectory()
    try directory.definitions.read { (reader: ObjectReader) throws -> Void in
      #expect(try reader.virtualNetwork(namespace: "default", name: "vn1") == nil)
      #expect(try reader.namespace("default") == nil)
      #expect(try reader.pod(namespace: "default", name: "p") == nil)
      #expect(try reader.objects(of: .virtualNetwork).isEmpty)
    }
    #expect(try !directory.definitions.hasNamespace("default"))
    #expect(access(directory.path, F_OK) != 0)
  }

  @Test func factsForThePlugin() throws {
    let directory = try ObjectDirectory()
    try directory.apply(
      definition(
        "vn1",
        #"""
        {"ipamV4Subnet": "172.16.10.0/24", "ipamV4Gateway": "172.16.10.254", "ipamV6Subnet": "2001:db8::/64",
         "allocation": "descending", "fabricSNAT": true,
         "virtualNetworkProperties": {"forwardingMode": "l3", "rpf": "disable"}}
        """#))
    let network = try #require(
      try directory.definitions.read { try $0.virtualNetwork(namespace: "default", name: "vn1") })
    let object = try #require(
      try directory.database.read { try $0.object(ObjectKey(.virtualNetwork, namespace: "default", "vn1")) })
    #expect(
      network
        == NetworkFacts(
          name: NetworkName(namespace: "default", name: "vn1"), uid: object.metadata.uid, vni: 5,
          subnets: [
            .init(
              path: "default/vn1-v4", subnet: try Subnet(parsing: "172.16.10.0/24", gateway: "172.16.10.254"),
              isDescending: true),
            .init(path: "default/vn1-v6", subnet: try Subnet(parsing: "2001:db8::/64"), isDescending: true),
          ], forwardingMode: .l3, reversePathForwarding: .disable, fabricSNAT: true, fabricForwarding: false,
          podNetwork: false))
    #expect(object.metadata.uid.utf8.count == 36)
    #expect(object.metadata.creationTimestamp.utf8.count == 20)
  }

  /// The facts follow the objects, subnets that are applied separately included.
  @Test func factsFollow() throws {
    let directory = try ObjectDirectory()
    func subnets(_ name: String) throws -> [String]? {
      try directory.definitions.read {
        try $0.virtualNetwork(namespace: "default", name: name)?.subnets.map(\.subnet.prefix.description)
      }
    }
    let reference: JSONObject = ["v4SubnetReference": ["kind": "Subnet", "name": "s", "namespace": "default"]]
    try directory.apply(APIObject(.virtualNetwork, ObjectMetadata(name: "n", namespace: "default"), spec: reference))
    #expect(try subnets("n") == [])
    let metadata = ObjectMetadata(name: "s", namespace: "default")
    try directory.apply(APIObject(.subnet, metadata, spec: ["cidr": "10.9.0.0/24"]))
    #expect(try subnets("n") == ["10.9.0.0/24"])
    try directory.apply(APIObject(.subnet, metadata, spec: ["cidr": "10.8.0.0/24"]))
    #expect(try subnets("n") == ["10.8.0.0/24"])
    try directory.delete(.virtualNetwork, "n")
    #expect(try subnets("n") == nil)
  }

  /// A definition that stands for another network leads to it.
  @Test func alias() throws {
    let directory = try ObjectDirectory()
    var alias = definition("alias", "")
    alias.metadata.annotations = [
      "opencontrail.org/network": #"{"domain": "default-domain", "project": "default", "name": "vn1"}"#
    ]
    try directory.apply(definition("vn1", plain), alias)
    let network = try directory.definitions.read { try $0.virtualNetwork(namespace: "default", name: "alias") }
    #expect(network?.name == NetworkName(namespace: "default", name: "vn1"))
    try directory.delete(.networkAttachmentDefinition, "vn1")
    #expect(try directory.vni("alias") == nil)
  }

  /// Lowest free numbers survive the process.
  @Test func numbers() throws {
    let directory = try ObjectDirectory()
    for name in ["a", "b", "c"] { try directory.apply(definition(name, plain)) }
    try directory.delete(.networkAttachmentDefinition, "a")
    try directory.delete(.networkAttachmentDefinition, "b")
    #expect(try directory.vni("c") == 7)
    try directory.apply(definition("d", plain), definition("e", plain), definition("f", plain))
    #expect(try ["d", "e", "c", "f"].map { try directory.vni($0) } == [5, 6, 7, 8])
    try directory.delete(.virtualNetwork, "c")
    #expect(try directory.vni("c") == 7)
  }

  @Test func annotationsOfPodsAndNamespaces() throws {
    let directory = try ObjectDirectory()
    try directory.apply(
      APIObject(.namespace, ObjectMetadata(name: "blue", labels: ["a": "b"], annotations: ["c": "d"])),
      APIObject(.pod, ObjectMetadata(name: "p", namespace: "blue", annotations: ["e": "f"])))
    try directory.definitions.read { (reader: ObjectReader) throws -> Void in
      let namespace = try reader.namespace("blue")
      #expect(namespace?.labels == ["a": "b"] && namespace?.annotations == ["c": "d"])
      #expect(try reader.pod(namespace: "blue", name: "p")?.annotations == ["e": "f"])
      #expect(try reader.pod(namespace: "default", name: "p") == nil)
    }
    #expect(try directory.definitions.hasNamespace("blue"))
    #expect(try !directory.definitions.hasNamespace("green"))
  }

  /// A transaction that throws leaves nothing; a refused manifest inside of one leaves the others.
  @Test func wholeOrNotAtAll() throws {
    struct Stop: Error {}
    let directory = try ObjectDirectory()
    #expect(throws: Stop.self) {
      try directory.database.change(directory.settings) { transaction in
        _ = try transaction.apply(definition("a", plain), directory.settings, use: NoNetworkUse())
        throw Stop()
      }
    }
    #expect(try directory.vni("a") == nil)
    try directory.database.change(directory.settings) { transaction in
      _ = try transaction.apply(definition("a", plain), directory.settings, use: NoNetworkUse())
      #expect(throws: ObjectError.self) {
        try transaction.apply(definition("B", plain), directory.settings, use: NoNetworkUse())
      }
      _ = try transaction.apply(definition("c", plain), directory.settings, use: NoNetworkUse())
    }
    #expect(try [directory.vni("a"), directory.vni("c")] == [5, 6])
  }

  /// Pages give every object once, in order.
  @Test func pages() throws {
    let directory = try ObjectDirectory()
    try directory.database.change(directory.settings) { transaction in
      for name in ["d", "a", "c", "b", "e"] {
        let pod = APIObject(.pod, ObjectMetadata(name: name, namespace: name < "c" ? "default" : "kube-system"))
        _ = try transaction.apply(pod, directory.settings, use: NoNetworkUse())
      }
    }
    func all(in namespace: String?) throws -> [String] {
      var names: [String] = []
      var last: ObjectKey?
      while true {
        let page = try directory.database.read {
          try $0.objects(of: .pod, in: namespace, after: last, limit: 2)
        }
        if page.isEmpty { return names }
        names += page.map(\.metadata.name)
        last = page.last?.key
      }
    }
    #expect(try all(in: nil) == ["a", "b", "c", "d", "e"])
    #expect(try all(in: "default") == ["a", "b"])
    #expect(try all(in: "kube-system") == ["c", "d", "e"])
    #expect(try all(in: "contrail") == [])
  }

  /// The database of the version before is brought up; that of a later one is refused.
  @Test func schemaVersions() throws {
    let directory = try ObjectDirectory()
    mkdir(directory.path, 0o700)
    let file = directory.path + "/objects.db"
    do {
      let old = try Connection(path: file, .create)
      try old.execute("CREATE TABLE namespace (name TEXT); PRAGMA user_version = 1")
    }
    #expect(try !directory.definitions.hasNamespace("default"))
    try directory.apply(definition("vn1", plain))
    #expect(try directory.vni("vn1") == 5)
    try Connection(path: file, .readWrite).execute("PRAGMA user_version = 99")
    #expect(throws: StoreError.self) { try directory.vni("vn1") }
    #expect(throws: StoreError.self) { try directory.apply(definition("vn2", plain)) }
  }

  /// A writer that was killed after its pages had reached the file: the next reader sees what was there before.
  @Test func killedWriter() throws {
    let directory = try ObjectDirectory()
    try directory.apply(definition("vn1", plain))
    let file = directory.path + "/objects.db"
    let torn = try ObjectDirectory()
    mkdir(torn.path, 0o700)
    do {
      let writer = try Connection(path: file, .readWrite)
      try writer.execute("PRAGMA synchronous = FULL; PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE")
      try writer.execute("DELETE FROM network; UPDATE object SET body = 'torn' || body || zeroblob(9000)")
      for suffix in ["", "-journal"] {
        #expect(system("cp \(file)\(suffix) \(torn.path)/objects.db\(suffix)") == 0)
      }
      try writer.execute("ROLLBACK")
    }
    #expect(access(torn.path + "/objects.db-journal", F_OK) == 0)
    #expect(try torn.vni("vn1") == 5)
    #expect(try torn.database.read { try $0.objects(of: .virtualNetwork) }.count == 5)
  }

  /// No question of the plugin or of a change reads a table from end to end.
  @Test func everyQuestionIsASeek() throws {
    let directory = try ObjectDirectory()
    try directory.apply(definition("vn1", plain))
    let connection = try Connection(path: directory.path + "/objects.db", .readOnly)
    for question in [
      "SELECT body FROM object WHERE kind = '' AND namespace = '' AND name = ''",
      "SELECT name FROM object WHERE kind = '' AND namespace = '' ORDER BY name",
      """
      SELECT body FROM object WHERE kind = '' AND (namespace, name) > ('', '') AND ('' IS NULL OR namespace = '')
      ORDER BY namespace, name LIMIT 5
      """,
      "SELECT kind FROM reference WHERE target_kind = '' AND target_namespace = '' AND target_name = ''",
      "DELETE FROM reference WHERE kind = '' AND namespace = '' AND name = ''",
      "SELECT uid FROM network WHERE namespace = '' AND name = ''",
      "SELECT number FROM free_number WHERE space = '' ORDER BY number LIMIT 3",
      "SELECT next FROM number WHERE space = ''",
    ] {
      let plan = try connection.prepare("EXPLAIN QUERY PLAN " + question)
      while try plan.step() {
        #expect(plan.text(3).hasPrefix("SEARCH"), "\(question): \(plan.text(3))")
      }
    }
  }
}
