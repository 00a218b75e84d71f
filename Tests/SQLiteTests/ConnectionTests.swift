import CLinux
import Glibc
import KernelSandbox
import SQLite
import Testing

/// A database in a directory of its own.
final class TestDatabase {
  let directory: String
  var path: String { directory + "/test.db" }

  init() {
    var template = Array("/tmp/contrail-sqlite-XXXXXX".utf8CString)
    directory = mkdtemp(&template).map { String(cString: $0) } ?? ""
  }

  deinit {
    for name in ["test.db", "test.db-journal", "link.db", ""] { remove("\(directory)/\(name)") }
  }

  func open(_ access: Connection.Access = .create) throws(SQLiteError) -> Connection {
    try Connection(path: path, access)
  }
}

struct ConnectionTests {
  @Test func everyValueComesBack() throws {
    let database = TestDatabase()
    let connection = try database.open()
    try connection.execute("CREATE TABLE t (a, b, c, d)")
    let insert = try connection.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4)")
    let texts = ["", "plain", "Grüße 🌍 'quoted\"", String(repeating: "x", count: 100_000)]
    let blobs: [[UInt8]] = [[], [0], [0, 1, 255, 0], [UInt8](repeating: 7, count: 70_000)]
    let numbers: [Int64] = [0, -1, .max, .min]
    for index in 0..<4 {
      try insert.run(.integer(numbers[index]), .text(texts[index]), .blob(blobs[index]), .null)
    }
    #expect(connection.lastInsertedRowID == 4)
    let select = try connection.prepare("SELECT a, b, c, d FROM t ORDER BY rowid")
    for index in 0..<4 {
      #expect(try select.step())
      #expect(select.integer(0) == numbers[index] && select.text(1) == texts[index] && select.blob(2) == blobs[index])
      #expect(select.isNull(3) && !select.isNull(2) && select.text(3).isEmpty && select.blob(3).isEmpty)
    }
    #expect(try !select.step())
    try connection.execute("UPDATE t SET d = 1 WHERE a < 0")
    #expect(connection.changedRows == 2)
  }

  /// A statement that is prepared again while it is in use is another one; afterwards it starts afresh.
  @Test func statementsDoNotMixUp() throws {
    let database = TestDatabase()
    let connection = try database.open()
    try connection.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)")
    let sql = "SELECT a FROM t WHERE a >= ?1 ORDER BY a"
    func first(from number: Int64) throws -> Int64 {
      let statement = try connection.prepare(sql)
      try statement.bind(.integer(number))
      try statement.step()
      return statement.integer(0)
    }
    let outer = try connection.prepare(sql)
    try outer.bind(.integer(1))
    try outer.step()
    #expect(try first(from: 3) == 3)
    #expect(try first(from: 2) == 2)
    #expect(try outer.step() && outer.integer(0) == 2)
    // Without a binding of its own it has nobody else's.
    let bare = try connection.prepare(sql)
    #expect(try !bare.step())
  }

  @Test func errorsSayWhatWasDone() throws {
    let database = TestDatabase()
    let connection = try database.open()
    try connection.execute("CREATE TABLE t (a UNIQUE NOT NULL)")
    let syntax = #expect(throws: SQLiteError.self) { try connection.execute("SELEKT 1") }
    #expect(syntax?.operation == "SELEKT 1" && syntax?.message.contains("syntax error") == true)
    #expect(syntax?.isConstraint == false && syntax?.isCorruption == false && syntax?.isUnwritable == false)
    #expect(throws: SQLiteError.self) { _ = try connection.prepare("SELECT b FROM t") }
    let insert = try connection.prepare("INSERT INTO t VALUES (?1)")
    try insert.run(.integer(1))
    let constraint = #expect(throws: SQLiteError.self) { try insert.run(.integer(1)) }
    #expect(constraint?.isConstraint == true && constraint?.code == 2067)
    // The statement is usable after its failure.
    try insert.run(.integer(2))
    #expect(throws: SQLiteError.self) { try insert.run(.integer(3), .integer(4)) }
  }

  @Test func aTransactionIsRolledBackWhole() throws {
    let database = TestDatabase()
    do {
      let connection = try database.open()
      try connection.execute("CREATE TABLE t (a)")
      try connection.execute("BEGIN; INSERT INTO t VALUES (1); CREATE TABLE u (b); ROLLBACK")
      // What was not committed is gone with the connection too.
      try connection.execute("BEGIN; INSERT INTO t VALUES (2)")
    }
    let again = try database.open(.readWrite)
    let count = try again.prepare("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM sqlite_master)")
    try count.step()
    #expect(count.integer(0) == 0 && count.integer(1) == 1)
  }

  @Test func filesThatCannotBeUsed() throws {
    let database = TestDatabase()
    let missing = #expect(throws: SQLiteError.self) { _ = try database.open(.readWrite) }
    #expect(missing?.isUnwritable == true && missing?.operation == "open \(database.path)")
    let nowhere = #expect(throws: SQLiteError.self) { _ = try Connection(path: "/proc/nonexistent/x.db", .create) }
    #expect(nowhere?.isUnwritable == true)
    let connection = try database.open()
    try connection.execute("CREATE TABLE t (a)")
    let readOnly = try database.open(.readOnly)
    let refused = #expect(throws: SQLiteError.self) { try readOnly.execute("INSERT INTO t VALUES (1)") }
    #expect(refused?.isUnwritable == true && refused?.isCorruption == false)
    // Somebody else's link does not lead our writing elsewhere.
    let link = database.directory + "/link.db"
    symlink(database.path, link)
    #expect(throws: SQLiteError.self) { _ = try Connection(path: link, .create) }
  }

  @Test(arguments: [0, 20, 4096]) func damageIsCorruption(_ offset: Int) throws {
    let database = TestDatabase()
    do {
      let connection = try database.open()
      try connection.execute("PRAGMA page_size = 4096; CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(9000))")
    }
    let file = Glibc.open(database.path, O_RDWR)
    let rubbish = [UInt8](repeating: 0xa5, count: 80)
    #expect(pwrite(file, rubbish, rubbish.count, offset) == rubbish.count)
    close(file)
    let error = #expect(throws: SQLiteError.self) {
      let connection = try database.open()
      try connection.execute("BEGIN; SELECT sum(length(a)) FROM t; INSERT INTO t VALUES (1); COMMIT")
    }
    #expect(error?.isCorruption == true, "\(String(describing: error))")
  }

  /// A file system that runs full fails the transaction and leaves the database as it was.
  @Test func fullFileSystem() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterMounts(options: "size=128k")
      let connection = try Connection(path: "/run/test.db", .create)
      try connection.execute("PRAGMA journal_mode = PERSIST; CREATE TABLE t (a); INSERT INTO t VALUES (1)")
      var failure: SQLiteError?
      do throws(SQLiteError) {
        try connection.execute("BEGIN")
        for _ in 0..<100 { try connection.execute("INSERT INTO t VALUES (zeroblob(4000))") }
        try connection.execute("COMMIT")
      } catch {
        failure = error
      }
      #expect(failure?.isUnwritable == true && failure?.isCorruption == false, "\(String(describing: failure))")
      try? connection.execute("ROLLBACK")
      let again = try Connection(path: "/run/test.db", .readWrite)
      let check = try again.prepare("SELECT count(*), (SELECT integrity_check FROM pragma_integrity_check) FROM t")
      try check.step()
      #expect(check.integer(0) == 1 && check.text(1) == "ok")
    }
  }
}
