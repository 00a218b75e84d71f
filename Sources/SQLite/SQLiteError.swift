internal import CSQLite

/// A failed operation of the database library.
package struct SQLiteError: Error, CustomStringConvertible {
  /// The extended result code. The corresponding C constants are `SQLITE_…`.
  package let code: Int32
  package let message: String
  /// What was being done: a statement's text or `open PATH`.
  package let operation: String

  package var description: String { "\(operation): \(message) (SQLite \(code))" }

  /// Rows that contradict each other, or that nobody here wrote.
  package static func damage(_ message: String, operation: String) -> SQLiteError {
    SQLiteError(code: SQLITE_CORRUPT, message: message, operation: operation)
  }

  /// The file is no database, or its contents contradict each other.
  package var isCorruption: Bool { [SQLITE_CORRUPT, SQLITE_NOTADB].contains(code & 0xff) }

  /// The file, its directory or its file system cannot be written.
  package var isUnwritable: Bool {
    [SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_FULL, SQLITE_IOERR, SQLITE_PERM].contains(code & 0xff)
  }

  /// A uniqueness or other constraint was violated.
  package var isConstraint: Bool { code & 0xff == SQLITE_CONSTRAINT }
}
