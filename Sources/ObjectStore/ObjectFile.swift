internal import LinuxSystem
internal import SQLite

/// `objects.db` below the state directory, and the lock beside it: shared to read, exclusive to write.
struct ObjectFile {
  let directory: String
  /// In nanoseconds.
  let lockTimeout: UInt64
  let note: String

  var path: String { directory + "/objects.db" }
  private var lockPath: String { directory + "/objects.lock" }

  /// Runs `body` with a connection that no writer disturbs; without one if there is no database.
  func reading<Result>(_ body: (Connection?) throws -> Result) throws -> Result {
    do {
      return try attemptReading(body)
    } catch StoreError.database(_, let error) where error.needsRollback {
      // A writer was killed in the middle: its journal is to be played back first.
      try writing { _ in }
      return try attemptReading(body)
    } catch is OlderSchema {
      try writing { _ in }
      return try attemptReading(body)
    }
  }

  private func attemptReading<Result>(_ body: (Connection?) throws -> Result) throws -> Result {
    guard try exists() else { return try body(nil) }
    let lock = try sharedLock()
    defer { extendLifetime(lock) }
    let connection = try inDatabase(path) { () throws(SQLiteError) in
      let connection = try Connection(path: path, .readOnly)
      // One transaction, or each statement would look for a journal of its own.
      try connection.execute("BEGIN")
      return connection
    }
    let version = try inDatabase(path) { () throws(SQLiteError) in try Schema.objects.userVersion(connection) }
    if version > Schema.objects.version {
      throw StoreError.newerSchema(path: path, found: version, supported: Schema.objects.version)
    }
    if version > 0 && version < Schema.objects.version { throw OlderSchema() }
    return try body(version == Schema.objects.version ? connection : nil)
  }

  /// Runs `body` in a transaction on a database that is made if there is none: all of it stays, or nothing if it throws.
  func writing<Result>(_ body: (Connection) throws -> Result) throws -> Result {
    do { try makeDirectories(directory) } catch { throw StoreError.system(path: directory, error) }
    let lock = try takeLock(.exclusive)
    defer { extendLifetime(lock) }
    let connection = try inDatabase(path) { () throws(SQLiteError) in
      let connection = try Connection(path: path, .create)
      try connection.execute("PRAGMA synchronous = FULL; BEGIN IMMEDIATE")
      return connection
    }
    do {
      let schema = Schema.objects
      let found = try inDatabase(path) { () throws(SQLiteError) in try schema.migrate(connection) }
      if found > schema.version {
        throw StoreError.newerSchema(path: path, found: found, supported: schema.version)
      }
      if found > 0 && found < schema.version { try ObjectTransaction(connection, path: path).rebuildNetworks() }
      let result = try body(connection)
      try inDatabase(path) { () throws(SQLiteError) in try connection.execute("COMMIT") }
      return result
    } catch {
      // The first error is the one to tell.
      try? connection.execute("ROLLBACK")
      throw error
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

  private func takeLock(_ mode: LockFile.Mode) throws(StoreError) -> LockFile {
    do {
      let deadline = monotonicNanoseconds() + lockTimeout
      return try LockFile(path: lockPath, mode, deadline: deadline, note: note)
    } catch {
      throw .lock(error)
    }
  }

  /// No lock where the directory cannot be written: then nobody else writes there either.
  private func sharedLock() throws(StoreError) -> LockFile? {
    do {
      return try takeLock(.shared)
    } catch StoreError.lock(.system(_, let error)) where error == .readOnlyFileSystem {
      return nil
    }
  }
}

/// The database is to be migrated first.
private struct OlderSchema: Error {}

extension SQLiteError {
  /// The database was left in the middle of a write, and this connection may not mend it. The corresponding C constant
  /// is `SQLITE_READONLY_ROLLBACK`.
  var needsRollback: Bool { code == 776 }
}
