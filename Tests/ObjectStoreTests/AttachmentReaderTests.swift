import Glibc
import LinuxSystem
import NetworkAddresses
import SQLite
import Testing

@testable import ObjectStore

/// Those who only look see what is committed, wait for writers, and change nothing.
final class AttachmentReaderTests {
  private let directory: String

  init() throws {
    var template = Array("/tmp/attachment-reader-XXXXXX".utf8CString)
    directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    try makeDirectories(directory + "/locks")
  }

  deinit {
    for name in ["attachments.db", "attachments.db-journal", "locks/store", "locks", ""] {
      remove("\(directory)/\(name)")
    }
  }

  /// Patient: a child that another test starts has every file of this process until it executes, locks included.
  private var reader: AttachmentReader { AttachmentReader(runDirectory: directory, lockTimeout: 20_000_000_000) }

  private func keys(pageSize: Int = 2, by reader: AttachmentReader? = nil) throws -> [AttachmentReader.Key] {
    var keys: [AttachmentReader.Key] = []
    try (reader ?? self.reader).keys(pageSize: pageSize) { page in
      #expect(!page.isEmpty && page.count <= pageSize)
      keys += page
    }
    return keys
  }

  private func store(bootID: String? = nil) throws -> AttachmentStore {
    let identity = NamespaceIdentity(inode: 1, cookie: 1)
    let epoch = try bootID.map { Epoch(bootID: $0, namespace: identity) } ?? Epoch.current(namespace: identity)
    return AttachmentStore(runDirectory: directory, note: "the writer", lockTimeout: 20_000_000_000, epoch: epoch)
  }

  private func attachment(_ number: Int, network: String = "default/blue") -> ObjectStore.Attachment {
    ObjectStore.Attachment(
      containerID: "c\(number)", interfaceName: "eth0", networkName: "n", state: .attached,
      pod: PodReference(namespace: "default", name: "p\(number)", uid: "u\(number)"), namespacePath: "/x",
      namespace: NamespaceIdentity(inode: 2, cookie: 2), linkGroup: 1, created: 1,
      interfaces: [
        AttachedInterface(
          uuid: UInt128(number), name: "eth0", hostName: "h", mac: MACAddress(rawValue: 2),
          hostMAC: MACAddress(rawValue: 6),
          mtu: 1500, network: network, instance: network, addresses: [])
      ])
  }

  @Test func nothingThere() throws {
    #expect(try keys().isEmpty)
    #expect(throws: Errno.noSuchFile) { try FileStatus(path: directory + "/attachments.db") }
  }

  @Test func keysAndAttachments() throws {
    let written = (1...5).map { attachment($0, network: $0 == 3 ? "default/red" : "default/blue") }
    try store().transaction { transaction in
      for attachment in written { try transaction.record(attachment) }
    }
    let keys = try keys()
    #expect(keys.map(\.podName) == written.map(\.pod.name))
    #expect(keys.map(\.containerID) == written.map(\.containerID))
    #expect(try reader.attachments(keys.map(\.id)) == written)
    for pageSize in 1...5 {
      let blue = try reader.attachments(network: "default/blue", limit: 9, pageSize: pageSize)
      #expect(blue == [written[0], written[1], written[3], written[4]])
    }
    #expect(try reader.attachments(network: "default/blue", limit: 3) == [written[0], written[1], written[3]])
    #expect(try reader.attachments(network: "default/nothing", limit: 3).isEmpty)
    // One that went meanwhile is missed.
    try store().transaction { try $0.removeAttachment(containerID: "c2", interfaceName: "eth0") }
    #expect(try reader.attachments(keys.map(\.id)) == [written[0], nil, written[2], written[3], written[4]])
  }

  @Test func anotherBootIsLeftAlone() throws {
    try store(bootID: "another").transaction { try $0.record(attachment(1)) }
    #expect(try keys().isEmpty)
    let connection = try Connection(path: directory + "/attachments.db", .readOnly)
    let statement = try connection.prepare("SELECT count(*) FROM attachment")
    #expect(try statement.step())
    #expect(statement.integer(0) == 1)
  }

  /// The layout of an older plugin is read as it is, and left so: a tool that only looks shuts no plugin out.
  @Test func olderLayouts() throws {
    let path = directory + "/attachments.db"
    let connection = try Connection(path: path, .create)
    let older = Schema(migrations: Array(Schema.attachments.migrations.prefix(Int(Schema.oldestReadableAttachments))))
    #expect(try older.migrate(connection) == 0)
    let transaction = AttachmentTransaction(connection, path: path, version: older.version)
    try transaction.beginEpoch(Epoch.current(namespace: NamespaceIdentity(inode: 1, cookie: 1)))
    try transaction.record(attachment(1))
    #expect(try keys().count == 1)
    #expect(try reader.attachments(network: "default/blue", limit: 9) == [attachment(1)])
    #expect(try older.userVersion(connection) == older.version)
    #expect(older.version < Schema.attachments.version)
  }

  /// To find a network's pods is one seek, however many others there are.
  @Test func aNetworkIsFoundByItsIndex() throws {
    try store().transaction { try $0.record(attachment(1)) }
    let connection = try Connection(path: directory + "/attachments.db", .readOnly)
    let plan = try connection.prepare("EXPLAIN QUERY PLAN SELECT attachment FROM interface WHERE network = 'x'")
    #expect(try plan.step())
    #expect(plan.text(3).contains("interface_network"))
  }

  @Test func waitsForAWriter() throws {
    let store = try store()
    try store.transaction { try $0.record(attachment(1)) }
    try store.transaction { _ in
      let impatient = AttachmentReader(runDirectory: directory, lockTimeout: 0)
      let error = #expect(throws: StoreError.self) { try keys(by: impatient) }
      guard case .lock(.timedOut(_, let holder)) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(holder == "the writer")
    }
    #expect(try keys().count == 1)
  }

  /// A writer that was killed leaves half of its transaction in the file, and a journal that undoes it.
  @Test func killedWriter() throws {
    struct Killed: Error {}
    let store = try store()
    try store.transaction { try $0.record(attachment(1)) }
    let (database, journal) = (directory + "/attachments.db", directory + "/attachments.db-journal")
    var half: [[UInt8]] = []
    #expect(throws: Killed.self) {
      try store.transaction { transaction in
        try transaction.connection.execute("PRAGMA cache_size = 1")
        for number in 2...500 { try transaction.record(attachment(number)) }
        half = [try readFile(database, limit: 1 << 24), try readFile(journal, limit: 1 << 24)]
        throw Killed()
      }
    }
    for (path, bytes) in zip([database, journal], half) {
      let file = try OwnedDescriptor(path: path, [.write, .create])
      try file.overwrite(bytes)
    }
    #expect(try keys().map(\.containerID) == ["c1"])
  }
}
