import ContrailIPAM
import Glibc
import LinuxSystem
import NetworkAddresses
import SQLite
import Testing

@testable import ObjectStore

/// Pools of which there is no network any more go once all their addresses are free; those of a network stay, with the place
/// where they look next.
final class IdlePoolsTests {
  private let directory: String
  private let store: AttachmentStore

  init() throws {
    var template = Array("/tmp/contrail-idle-XXXXXX".utf8CString)
    directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    try makeDirectories(directory + "/locks")
    let epoch = try Epoch.current(namespace: NamespaceIdentity(inode: 1, cookie: 1))
    store = AttachmentStore(runDirectory: directory, note: "test", lockTimeout: 5_000_000_000, epoch: epoch)
  }

  deinit {
    for name in ["attachments.db", "attachments.db-journal", "locks/store", "locks", ""] {
      remove("\(directory)/\(name)")
    }
  }

  private var reader: AttachmentReader { AttachmentReader(runDirectory: directory) }

  private func allocate(_ name: String) throws -> String {
    try store.transaction { transaction in
      var pool = transaction.pool(name)
      return try Pool(name, Subnet(parsing: "10.0.0.0/24"))
        .allocate(for: Holder(owner: "c1", interface: name), in: &pool).description
    }
  }

  private func release(_ name: String) throws {
    try store.transaction { transaction in
      var pool = transaction.pool(name)
      try pool.release(owner: "c1", interface: name)
    }
  }

  /// What the store has of each pool: how many rows of free ranges.
  private func pools() throws -> [String: Int] {
    try store.transaction { transaction in
      let all = try transaction.rows("SELECT name FROM pool") { $0.text(0) }
      let ranges = try transaction.rows("SELECT (SELECT name FROM pool WHERE id = pool) FROM free_range") { $0.text(0) }
      #expect(!ranges.contains(""), "a free range without a pool")
      return Dictionary(uniqueKeysWithValues: all.map { name in (name, ranges.count { $0 == name }) })
    }
  }

  @Test func onlyFreeOnesWithoutANetworkGo() throws {
    for name in ["held", "gone", "kept", "also gone"] { #expect(try allocate(name) == "10.0.0.2") }
    for name in ["gone", "kept", "also gone"] { try release(name) }
    try reader.removeIdlePools { ["kept"] }
    #expect(try pools().keys.sorted() == ["held", "kept"])
    #expect(try allocate("kept") == "10.0.0.3", "what it gave out last rests")
    // The numbers of rows that went are given out again.
    #expect(try allocate("gone") == "10.0.0.2")
    try release("held")
    try reader.removeIdlePools { [] }
    #expect(try pools() == ["kept": 2, "gone": 1])
  }

  /// Definitions are not read, and the store is not written, while nothing can be removed.
  @Test func nothingIsAskedInVain() throws {
    func asked() throws -> Bool {
      var isAsked = false
      try reader.removeIdlePools {
        isAsked = true
        return ["kept"]
      }
      return isAsked
    }
    #expect(try !asked())
    #expect(throws: Errno.noSuchFile) { try FileStatus(path: directory + "/attachments.db") }
    _ = try allocate("kept")
    #expect(try !asked())
    try release("kept")
    #expect(try asked())
    #expect(try pools().count == 1)
  }

  /// An address that is given out while definitions are read keeps its pool.
  @Test func somebodyIsFaster() throws {
    _ = try allocate("new")
    try release("new")
    try reader.removeIdlePools {
      #expect((try? self.allocate("new")) == "10.0.0.3")
      return []
    }
    #expect(try pools() == ["new": 2])
  }

  /// What another boot left is dropped by the next call of the plugin.
  @Test func anotherBoot() throws {
    _ = try allocate("old")
    try release("old")
    let connection = try Connection(path: directory + "/attachments.db", .readWrite)
    try connection.execute("UPDATE epoch SET boot = 'another'")
    try reader.removeIdlePools { [] }
    let statement = try connection.prepare("SELECT count(*) FROM pool")
    #expect(try statement.step())
    #expect(statement.integer(0) == 1)
  }
}
