internal import CSQLite

/// One connection to one database file.
///
/// The library's own file locks are not used (`unix-none`): whoever opens a database holds a lock of this project's
/// that says so, and the system calls of a second locking scheme are a tenth of a short transaction.
@safe
package final class Connection {
  let handle: OpaquePointer
  /// Prepared statements that are not in use: to prepare one takes longer than to run it.
  private var idle: [IdleStatement] = []

  /// What may be done with the file.
  package enum Access: Sendable {
    case readOnly
    case readWrite
    /// A missing file is made.
    case create
  }

  package init(path: String, _ access: Access) throws(SQLiteError) {
    let flags =
      switch access {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    var opened: OpaquePointer?
    let code = unsafe sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, "unix-none")
    guard code == SQLITE_OK, let handle = unsafe opened else {
      let message = unsafe String(cString: sqlite3_errstr(code))
      let extended = unsafe opened.map { unsafe sqlite3_extended_errcode($0) } ?? code
      unsafe sqlite3_close(opened)
      throw SQLiteError(code: extended, message: message, operation: "open \(path)")
    }
    unsafe self.handle = handle
    unsafe sqlite3_extended_result_codes(handle, 1)
  }

  deinit {
    for statement in idle { unsafe sqlite3_finalize(statement.handle) }
    unsafe sqlite3_close_v2(handle)
  }

  /// Runs statements that give no rows.
  package func execute(_ sql: String) throws(SQLiteError) {
    guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw error(sql) }
  }

  /// A statement; one that was prepared before is used again.
  package func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    if let index = idle.firstIndex(where: { $0.sql == sql }) {
      return unsafe Statement(self, sql, handle: idle.remove(at: index).handle)
    }
    var prepared: OpaquePointer?
    guard unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK, let prepared = unsafe prepared else {
      throw error(sql)
    }
    return unsafe Statement(self, sql, handle: prepared)
  }

  /// Takes a statement back that is no longer used.
  func putAside(_ statement: OpaquePointer, _ sql: String) {
    unsafe sqlite3_reset(statement)
    unsafe sqlite3_clear_bindings(statement)
    unsafe idle.append(IdleStatement(sql: sql, handle: statement))
  }

  /// The rowid of the last inserted row.
  package var lastInsertedRowID: Int64 { unsafe sqlite3_last_insert_rowid(handle) }

  /// How many rows the last statement changed.
  package var changedRows: Int { Int(unsafe sqlite3_changes(handle)) }

  func error(_ operation: String) -> SQLiteError {
    unsafe SQLiteError(
      code: sqlite3_extended_errcode(handle), message: String(cString: sqlite3_errmsg(handle)), operation: operation)
  }
}

@safe
private struct IdleStatement {
  let sql: String
  let handle: OpaquePointer
}
