import ContrailIPAM
import Glibc
import JSON
import NetworkAddresses
import NetworkAttachments
import ObjectStore
import SQLite
import Testing
import VirtualNetworks

/// Objects in the database: what is written is there for the next process, whole or not at all.
struct ObjectDatabaseTests {
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
