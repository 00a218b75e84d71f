package import LinuxSystem
package import SQLite

/// Why the store did not do what was asked.
package enum StoreError: Error {
  /// The database library refused.
  case database(path: String, SQLiteError)
  /// The file was written by a later version of this program.
  case newerSchema(path: String, found: Int64, supported: Int64)
  /// A stored object cannot be read.
  case unreadableObject(path: String, String)
  /// The file is damaged.
  case corrupt(path: String, SQLiteError)
  /// The attachments belong to another network namespace of this boot that still exists.
  case foreignEpoch(path: String, recorded: Epoch, current: Epoch)
  /// The store's lock was not to be had before the deadline, or not at all.
  case lock(LockFile.Failure)
  /// A file or directory of the store could not be used.
  case system(path: String, Errno)
}

/// Runs a database operation and names the file in its failure.
func inDatabase<Result: ~Copyable>(
  _ path: String, _ body: () throws(SQLiteError) -> Result
) throws(StoreError) -> Result {
  do {
    return try body()
  } catch {
    if error.isCorruption { throw .corrupt(path: path, error) }
    throw .database(path: path, error)
  }
}
