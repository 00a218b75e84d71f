import Glibc
import LinuxSystem
import SQLite
import Testing

@testable import ObjectStore

/// Databases of other versions, and those that are none.
struct SchemaTests {
  @Test func aNewerSchemaIsRefused() throws {
    let test = TestStore()
    try test.fill()
    try test.connect().execute("PRAGMA user_version = 99")
    let error = #expect(throws: StoreError.self) { try test.open().transaction { try $0.record(attachment("c2")) } }
    guard case .newerSchema(test.path, 99, Schema.attachments.version) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try test.count("attachment") == 1)
  }

  /// Each version becomes the newest by the steps that it lacks; a step that fails leaves the version it was.
  @Test(arguments: 0...3) func olderSchemasAreMigrated(_ version: Int) throws {
    let test = TestStore()
    let steps = [
      "CREATE TABLE a (x)", "INSERT INTO a VALUES (1)", "ALTER TABLE a RENAME TO b; INSERT INTO b VALUES (2)",
    ]
    let connection = try Connection(path: test.path, .create)
    #expect(try Schema(migrations: Array(steps[..<version])).migrate(connection) == 0)
    #expect(try Schema(migrations: steps).migrate(connection) == version)
    #expect(try Schema(migrations: steps).migrate(connection) == 3)
    let rows = try connection.prepare("SELECT group_concat(x) FROM b")
    try rows.step()
    #expect(rows.text(0) == "1,2")
    try connection.execute("BEGIN")
    #expect(throws: SQLiteError.self) {
      _ = try Schema(migrations: steps + ["CREATE TABLE c (x)", "NONSENSE"]).migrate(connection)
    }
    try connection.execute("ROLLBACK")
    #expect(try Schema(migrations: steps).migrate(connection) == 3)
  }

  /// The addresses of pods that run stay theirs: a pool that is called otherwise would give them to others.
  @Test func poolsOfTheFirstVersionKeepTheirAddresses() throws {
    let test = TestStore()
    let connection = try Connection(path: test.path, .create)
    let first = Array(Schema.attachments.migrations.prefix(1))
    #expect(try Schema(migrations: first).migrate(connection) == 0)
    try connection.execute(
      "INSERT INTO pool VALUES (7, 'k8s-contrail/default-podnetwork IPv4', '', NULL), (8, 'x/y IPv6', '', NULL)")
    #expect(try Schema.attachments.migrate(connection) == 1)
    let names = try connection.prepare("SELECT group_concat(name) FROM (SELECT name FROM pool ORDER BY id)")
    try names.step()
    #expect(names.text(0) == "k8s-contrail/default-podnetwork-v4,x/y-v6")
  }

  @Test func damageIsReportedAndReplacedOnlyIfItMayBe() throws {
    let test = TestStore()
    try test.fill()
    let rubbish = [UInt8](repeating: 0xa5, count: 5000)
    let file = Glibc.open(test.path, O_WRONLY)
    pwrite(file, rubbish, rubbish.count, 0)
    close(file)
    let store = test.open()
    for _ in 0..<2 {
      let error = #expect(throws: StoreError.self) { try store.transaction { _ in } }
      guard case .corrupt(test.path, _) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    #expect(try test.replaced.isEmpty && readFile(test.path, limit: 1 << 20).starts(with: rubbish))
    test.mayReplace = true
    // By the same process, and it is the body that runs again.
    try store.transaction { try $0.record(attachment("c7")) }
    #expect(test.replaced.count == 1 && test.replaced[0].hasPrefix(test.path + ".corrupt-"))
    #expect(try readFile(test.replaced[0], limit: 1 << 20).starts(with: rubbish))
    try test.open().transaction { (transaction) throws in
      #expect(try transaction.attachments(networkName: "net").map(\.containerID) == ["c7"])
    }
  }
}
