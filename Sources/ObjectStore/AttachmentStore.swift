package import LinuxSystem
package import SQLite

/// The node's attachments and addresses, in `attachments.db` below the run directory.
///
/// The database lives as long as the interfaces do, until the next boot, so it is not synced to disk: a killed process
/// loses nothing that it committed, and a power cut takes the interfaces along anyway.
package final class AttachmentStore {
  package let path: String
  private let lockDirectory: String
  private let note: String
  private let lockTimeout: UInt64
  private let epoch: Epoch
  private let namespaceExists: (NamespaceIdentity) -> Bool
  private let damage: DamagePolicy
  private var connection: Connection?
  /// Whether a transaction of ours has found schema and epoch right, or made them so.
  private var isSettled = false

  /// - Parameters:
  ///   - runDirectory: made at first use.
  ///   - note: what those who wait for the store's lock are told of us.
  ///   - lockTimeout: how long to wait for the lock, in nanoseconds.
  ///   - epoch: attachments of another boot are dropped at first use, because their interfaces are gone.
  ///   - namespaceExists: asked about the namespace of attachments that this boot recorded in another one: they are
  ///     dropped only if it is gone.
  ///   - damage: what happens to a damaged database.
  package init(
    runDirectory: String, note: String, lockTimeout: UInt64, epoch: Epoch,
    namespaceExists: @escaping (NamespaceIdentity) -> Bool = networkNamespaceExists,
    damage: DamagePolicy = .report
  ) {
    path = runDirectory + "/attachments.db"
    lockDirectory = runDirectory + "/locks"
    self.note = note
    self.lockTimeout = lockTimeout
    self.epoch = epoch
    self.namespaceExists = namespaceExists
    self.damage = damage
  }

  /// Runs `body` with the store's lock held, in one transaction: all of what it writes stays, or nothing if it throws.
  ///
  /// It runs again if the database seems to be damaged, and on a new one if it is and may be replaced.
  ///
  /// - Parameter patience: how long to wait for the lock, in nanoseconds; `nil` for as long as ever.
  package func transaction<Result>(
    patience: UInt64? = nil, _ body: (AttachmentTransaction) throws -> Result
  ) throws -> Result {
    try withLock(patience ?? lockTimeout) {
      // To the library a read that fails is damage. What is damaged is so when it is opened again.
      do { return try attempt(body) } catch StoreError.corrupt { close() }
      do { return try attempt(body) } catch StoreError.corrupt(let path, let cause) {
        guard damage.mayReplace() else { throw StoreError.corrupt(path: path, cause) }
        damage.replaced(cause, try setAside())
        return try attempt(body)
      }
    }
  }

  private func attempt<Result>(_ body: (AttachmentTransaction) throws -> Result) throws -> Result {
    let connection = try self.connection ?? open()
    try inDatabase(path) { () throws(SQLiteError) in try connection.execute("BEGIN") }
    do {
      let transaction = AttachmentTransaction(connection, path: path)
      if !isSettled { try settle(transaction) }
      let result = try body(transaction)
      try inDatabase(path) { () throws(SQLiteError) in try connection.execute("COMMIT") }
      isSettled = true
      return result
    } catch {
      // A failed COMMIT of a full disk may have rolled back already; the first error is the one to tell.
      try? connection.execute("ROLLBACK")
      throw error
    }
  }

  private func close() {
    connection = nil
    isSettled = false
  }

  /// Renames a damaged database, so that a new one is made.
  ///
  /// - Returns: the damaged file's new path.
  private func setAside() throws(StoreError) -> String {
    close()
    let target = "\(path).corrupt-\(wallClockNanoseconds() / 1_000_000_000)"
    do {
      try renameFile(path, to: target)
      // A journal that stayed would be applied to the new database.
      do { try renameFile(path + "-journal", to: target + "-journal") } catch Errno.noSuchFile {}
    } catch {
      throw .system(path: path, error)
    }
    return target
  }

  private func withLock<Result>(_ patience: UInt64, _ body: () throws -> Result) throws -> Result {
    let lock = try takeStoreLock(lockDirectory, .exclusive, timeout: patience, note: note)
    defer { extendLifetime(lock) }
    return try body()
  }

  static let journal = "PRAGMA journal_mode = PERSIST; PRAGMA synchronous = OFF"

  private func open() throws(StoreError) -> Connection {
    let connection = try inDatabase(path) { () throws(SQLiteError) in
      let connection = try Connection(path: path, .create)
      try connection.execute(Self.journal)
      return connection
    }
    self.connection = connection
    return connection
  }

  /// The first transaction's part: the schema is this version's, and what is recorded is of this epoch.
  private func settle(_ transaction: AttachmentTransaction) throws(StoreError) {
    let schema = Schema.attachments
    let found = try inDatabase(path) { () throws(SQLiteError) in try schema.migrate(transaction.connection) }
    if found > schema.version {
      throw .newerSchema(path: path, found: found, supported: schema.version)
    }
    try settleEpoch(transaction)
  }

  private func settleEpoch(_ transaction: AttachmentTransaction) throws(StoreError) {
    let recorded = try transaction.recordedEpoch()
    if recorded == epoch { return }
    if let recorded, recorded.bootID == epoch.bootID, namespaceExists(recorded.namespace) {
      throw .foreignEpoch(path: path, recorded: recorded, current: epoch)
    }
    try transaction.beginEpoch(epoch)
  }
}

/// What happens to a damaged database.
package struct DamagePolicy {
  /// Whether nothing lives that only the damaged database knows of.
  let mayReplace: () -> Bool
  /// Is told why a database was replaced, and where the old one is now.
  let replaced: (SQLiteError, String) -> Void

  package init(mayReplace: @escaping () -> Bool, replaced: @escaping (SQLiteError, String) -> Void) {
    self.mayReplace = mayReplace
    self.replaced = replaced
  }

  /// It stays, and is an error.
  package static var report: DamagePolicy { DamagePolicy(mayReplace: { false }, replaced: { _, _ in }) }
}
