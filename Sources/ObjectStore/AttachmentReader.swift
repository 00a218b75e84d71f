package import ContrailIPAM
internal import LinuxSystem
internal import NetworkAddresses
internal import SQLite

/// The node's attachments for those who only look: the store's lock is taken shared, and nothing is ever dropped but
/// pools that nobody needs, ``removeIdlePools(besides:)``.
package struct AttachmentReader {
  package let path: String
  private let lockDirectory: String
  private let lockTimeout: UInt64

  /// - Parameter lockTimeout: how long to wait for the lock, in nanoseconds.
  package init(runDirectory: String, lockTimeout: UInt64 = 30_000_000_000) {
    path = runDirectory + "/attachments.db"
    lockDirectory = runDirectory + "/locks"
    self.lockTimeout = lockTimeout
  }

  /// Which attachment there is, and for whom.
  package struct Key: Equatable, Sendable {
    /// The number of its row. The last one's may be given out again when it goes.
    package let id: Int64
    package let containerID: String
    package let podNamespace: String
    package let podName: String
  }

  /// Which attachments there are, in the order in which they were made, a page at a time: the lock is free while `body`
  /// runs.
  package func keys(pageSize: Int = 1000, _ body: ([Key]) throws -> Void) throws {
    var last: Int64 = 0
    while true {
      let page = try read([]) { try $0.keys(after: last, limit: pageSize) }
      if !page.isEmpty { try body(page) }
      guard page.count == pageSize, let id = page.last?.id else { return }
      last = id
    }
  }

  /// The attachments of these numbers, `nil` for those that went; one page, so not too many.
  package func attachments(_ ids: some Sequence<Int64>) throws -> [Attachment?] {
    try read(nil) { transaction in try ids.map { try transaction.attachment(id: $0) } } ?? ids.map { _ in nil }
  }

  /// The attachments that have an interface in the network, the oldest first.
  ///
  /// - Parameter network: `namespace/name`.
  package func attachments(network: String, limit: Int, pageSize: Int = 500) throws -> [Attachment] {
    var found: [Attachment] = []
    var ids: [Int64] = []
    repeat {
      let last = ids.last ?? 0
      let size = min(pageSize, limit - found.count)
      let page = try read(([], [])) { transaction -> ([Int64], [Attachment]) in
        let ids = try transaction.ids(network: network, after: last, limit: size)
        return (ids, try ids.compactMap { try transaction.attachment(id: $0) })
      }
      ids = page.0
      found += page.1
    } while !ids.isEmpty && found.count < limit
    return found
  }

  /// Whether the kernel has routing instances of this boot.
  package func hasInstances() throws -> Bool { try read(false) { try !$0.instances().isEmpty } }

  /// How full the subnets are.
  ///
  /// - Parameter pools: the names of their pools.
  package func usage(of subnets: [(pool: String, subnet: Subnet)]) throws -> [Usage] {
    try read(subnets.map { Usage(of: $0.subnet.prefix, allocated: 0) }) { transaction in
      try subnets.map { entry in
        var pool = transaction.pool(entry.pool)
        return try entry.subnet.usage(in: &pool)
      }
    }
  }

  /// The latest events, oldest first, those of earlier boots included.
  package func events(limit: Int) throws -> [Event] {
    try read([], ofAnyBoot: true) { try $0.events(limit: limit) }
  }

  /// All calls whose end was recorded, counted, those of earlier boots included.
  package func tallies() throws -> [CallTally] { try read([], ofAnyBoot: true) { try $0.tallies() } }

  /// How much there is.
  package func counts() throws -> NodeCounts { try read(NodeCounts()) { try $0.counts() } }

  /// Runs `body` while nobody writes.
  ///
  /// - Parameters:
  ///   - ofAnyBoot: whether what an earlier boot left is looked at too.
  ///   - writes: whether what `body` changes stays.
  /// - Returns: `nothing` where there are no attachments of this boot.
  func read<Result>(
    _ nothing: Result, ofAnyBoot: Bool = false, writes: Bool = false, _ body: (AttachmentTransaction) throws -> Result
  ) throws -> Result {
    do {
      return try attempt(nothing, ofAnyBoot, writes, body)
    } catch StoreError.database(_, let error) where error.needsRollback {
      try mend()
      return try attempt(nothing, ofAnyBoot, writes, body)
    }
  }

  private func attempt<Result>(
    _ nothing: Result, _ ofAnyBoot: Bool, _ writes: Bool, _ body: (AttachmentTransaction) throws -> Result
  ) throws -> Result {
    guard try exists() else { return nothing }
    let lock = try takeStoreLock(lockDirectory, writes ? .exclusive : .shared, timeout: lockTimeout)
    defer { extendLifetime(lock) }
    let connection = try inDatabase(path) { () throws(SQLiteError) in
      let connection = try Connection(path: path, writes ? .readWrite : .readOnly)
      if writes { try connection.execute(AttachmentStore.journal) }
      return connection
    }
    let schema = Schema.attachments
    let version = try inDatabase(path) { () throws(SQLiteError) in try schema.userVersion(connection) }
    if version > schema.version { throw StoreError.newerSchema(path: path, found: version, supported: schema.version) }
    // An older layout becomes this one at the next ADD; whoever only looks must not shut an older plugin out.
    guard version >= Schema.oldestReadableAttachments else { return nothing }
    // One transaction for all statements: the library looks for another process's changes once. It ends with the
    // connection.
    try inDatabase(path) { () throws(SQLiteError) in try connection.execute("BEGIN") }
    let transaction = AttachmentTransaction(connection, path: path, version: version)
    guard try ofAnyBoot || transaction.recordedEpoch()?.bootID == bootID() else { return nothing }
    let result = try body(transaction)
    if writes { try inDatabase(path) { () throws(SQLiteError) in try connection.execute("COMMIT") } }
    return result
  }

  /// A writer was killed in the middle: opening the database to write plays its journal back.
  private func mend() throws {
    let lock = try takeStoreLock(lockDirectory, .exclusive, timeout: lockTimeout)
    defer { extendLifetime(lock) }
    try inDatabase(path) { () throws(SQLiteError) in
      let connection = try Connection(path: path, .readWrite)
      try connection.execute("BEGIN IMMEDIATE; ROLLBACK")
    }
  }

  private func bootID() throws(StoreError) -> String {
    let path = "kernel/random/boot_id"
    do {
      return String(decoding: try Sysctl(path).read(), as: UTF8.self)
    } catch {
      throw .system(path: path, error)
    }
  }

  private func exists() throws(StoreError) -> Bool {
    do throws(Errno) {
      // A pipe in its place would be waited for.
      guard try FileStatus(ofLink: path).isRegularFile else { throw Errno.invalidArgument }
      return true
    } catch {
      if error == .noSuchFile { return false }
      throw .system(path: path, error)
    }
  }
}

extension AttachmentTransaction {
  fileprivate func keys(after id: Int64, limit: Int) throws(StoreError) -> [AttachmentReader.Key] {
    try rows(
      "SELECT id, container, pod_namespace, pod_name FROM attachment WHERE id > ?1 ORDER BY id LIMIT ?2",
      .integer(id), .integer(Int64(limit))
    ) {
      AttachmentReader.Key(id: $0.integer(0), containerID: $0.text(1), podNamespace: $0.text(2), podName: $0.text(3))
    }
  }

  fileprivate func ids(network: String, after id: Int64, limit: Int) throws(StoreError) -> [Int64] {
    try rows(
      """
      SELECT DISTINCT attachment FROM interface WHERE network = ?1 AND attachment > ?2 ORDER BY attachment LIMIT ?3
      """, .text(network), .integer(id), .integer(Int64(limit))
    ) { $0.integer(0) }
  }
}
