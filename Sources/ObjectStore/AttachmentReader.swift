package import ContrailIPAM
internal import LinuxSystem
internal import NetworkAddresses
internal import SQLite

/// The node's attachments for those who only look: the store's lock is taken shared, and nothing is ever dropped.
package struct AttachmentReader {
  package let path: String
  private let lockPath: String
  private let lockTimeout: UInt64

  /// - Parameter lockTimeout: how long to wait for the lock, in nanoseconds.
  package init(runDirectory: String, lockTimeout: UInt64 = 30_000_000_000) {
    path = runDirectory + "/attachments.db"
    lockPath = runDirectory + "/locks/store"
    self.lockTimeout = lockTimeout
  }

  /// Which call of ADD made an attachment, and for which pod.
  package struct Key: Equatable, Sendable {
    package let id: Int64
    package let containerID: String
    package let interfaceName: String
    package let pod: PodReference
  }

  /// Which attachments there are, in the order in which they were made; read in pages.
  package func keys() throws -> [Key] {
    var keys: [Key] = []
    while true {
      let page = try read([]) { try $0.keys(after: keys.last?.id ?? 0, limit: 2000) }
      keys += page
      if page.count < 2000 { return keys }
    }
  }

  /// The attachments of these keys that are still there.
  package func attachments(_ keys: some Sequence<Key>) throws -> [Attachment] {
    try read([]) { transaction in
      try keys.compactMap { try transaction.attachment(containerID: $0.containerID, interfaceName: $0.interfaceName) }
    }
  }

  /// The attachments that have an interface in the network, the oldest first.
  ///
  /// - Parameter network: `namespace/name`.
  package func attachments(network: String, limit: Int) throws -> [Attachment] {
    try read([]) { transaction in
      try transaction.keys(network: network, limit: limit).compactMap {
        try transaction.attachment(containerID: $0.containerID, interfaceName: $0.interfaceName)
      }
    }
  }

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

  /// Runs `body` while nobody writes.
  ///
  /// - Returns: `nothing` where there are no attachments of this boot.
  private func read<Result>(_ nothing: Result, _ body: (AttachmentTransaction) throws -> Result) throws -> Result {
    do {
      return try attempt(nothing, body)
    } catch StoreError.database(_, let error) where error.needsRollback {
      try mend()
      return try attempt(nothing, body)
    }
  }

  private func attempt<Result>(_ nothing: Result, _ body: (AttachmentTransaction) throws -> Result) throws -> Result {
    guard try exists() else { return nothing }
    let lock = try takeLock(.shared)
    defer { extendLifetime(lock) }
    let connection = try inDatabase(path) { () throws(SQLiteError) in try Connection(path: path, .readOnly) }
    let schema = Schema.attachments
    let version = try inDatabase(path) { () throws(SQLiteError) in try schema.userVersion(connection) }
    if version > schema.version { throw StoreError.newerSchema(path: path, found: version, supported: schema.version) }
    // An older layout becomes this one at the next ADD; whoever only looks must not shut an older plugin out.
    guard version >= Schema.oldestReadableAttachments else { return nothing }
    let transaction = AttachmentTransaction(connection, path: path)
    guard try transaction.recordedEpoch()?.bootID == bootID() else { return nothing }
    return try body(transaction)
  }

  /// A writer was killed in the middle: opening the database to write plays its journal back.
  private func mend() throws {
    let lock = try takeLock(.exclusive)
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
    do {
      _ = try FileStatus(path: path)
      return true
    } catch {
      if error == .noSuchFile || error == .notDirectory { return false }
      throw .system(path: path, error)
    }
  }

  private func takeLock(_ mode: LockFile.Mode) throws(StoreError) -> LockFile {
    do {
      return try LockFile(path: lockPath, mode, deadline: monotonicNanoseconds() + lockTimeout)
    } catch {
      throw .lock(error)
    }
  }
}

extension AttachmentTransaction {
  fileprivate func keys(after id: Int64, limit: Int) throws(StoreError) -> [AttachmentReader.Key] {
    try keys("id > ?1", .integer(id), limit: limit)
  }

  fileprivate func keys(network: String, limit: Int) throws(StoreError) -> [AttachmentReader.Key] {
    try keys("id IN (SELECT attachment FROM interface WHERE network = ?1)", .text(network), limit: limit)
  }

  private func keys(
    _ condition: String, _ value: SQLiteValue, limit: Int
  ) throws(StoreError) -> [AttachmentReader.Key] {
    try rows(
      """
      SELECT id, container, ifname, pod_namespace, pod_name, pod_uid FROM attachment
      WHERE \(condition) ORDER BY id LIMIT ?2
      """, value, .integer(Int64(limit))
    ) {
      AttachmentReader.Key(
        id: $0.integer(0), containerID: $0.text(1), interfaceName: $0.text(2),
        pod: PodReference(namespace: $0.text(3), name: $0.text(4), uid: $0.text(5)))
    }
  }
}
