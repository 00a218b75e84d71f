internal import CSQLite

/// A value that a statement takes.
package enum SQLiteValue: Sendable {
  case null
  case integer(Int64)
  case text(String)
  case blob([UInt8])
}

/// A prepared statement, given back to its connection when its owner goes.
@safe
package struct Statement: ~Copyable {
  private let handle: OpaquePointer
  private let connection: Connection
  private let sql: String

  init(_ connection: Connection, _ sql: String, handle: OpaquePointer) {
    unsafe self.handle = handle
    self.connection = connection
    self.sql = sql
  }

  deinit { unsafe connection.putAside(handle, sql) }

  /// Starts the statement afresh with these parameters, the first of which is `?1`.
  package func bind(_ values: SQLiteValue...) throws(SQLiteError) { try bind(all: values) }

  package func bind(all values: [SQLiteValue]) throws(SQLiteError) {
    unsafe sqlite3_reset(handle)
    for (index, value) in values.enumerated() {
      guard bind(value, at: Int32(index + 1)) == SQLITE_OK else { throw connection.error(sql) }
    }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) -> Int32 {
    // The library copies (SQLITE_TRANSIENT): the arrays do not outlive the call.
    let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    switch value {
    case .null: return unsafe sqlite3_bind_null(handle, index)
    case .integer(let number): return unsafe sqlite3_bind_int64(handle, index, number)
    case .text(let text): return unsafe sqlite3_bind_text(handle, index, text, Int32(text.utf8.count), transient)
    case .blob(let bytes):
      // A null pointer would bind NULL, so an empty blob has a length only.
      if bytes.isEmpty { return unsafe sqlite3_bind_zeroblob(handle, index, 0) }
      return unsafe sqlite3_bind_blob(handle, index, bytes, Int32(bytes.count), transient)
    }
  }

  /// Goes to the next row.
  ///
  /// - Returns: `false` after the last row, or when the statement gives none.
  @discardableResult
  package func step() throws(SQLiteError) -> Bool {
    switch unsafe sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      unsafe sqlite3_reset(handle)
      return false
    default:
      let error = connection.error(sql)
      unsafe sqlite3_reset(handle)
      throw error
    }
  }

  /// Binds and runs a statement that gives no rows.
  package func run(_ values: SQLiteValue...) throws(SQLiteError) { try run(all: values) }

  package func run(all values: [SQLiteValue]) throws(SQLiteError) {
    try bind(all: values)
    try step()
  }

  /// Column `index` (from 0) of the current row.
  package func integer(_ index: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, index) }

  /// The column's text; NULL reads as the empty text.
  package func text(_ index: Int32) -> String {
    guard let bytes = unsafe sqlite3_column_text(handle, index) else { return "" }
    return unsafe String(cString: bytes)
  }

  package func blob(_ index: Int32) -> [UInt8] {
    guard let bytes = unsafe sqlite3_column_blob(handle, index) else { return [] }
    return unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, index))))
  }

  package func isNull(_ index: Int32) -> Bool { unsafe sqlite3_column_type(handle, index) == SQLITE_NULL }
}
