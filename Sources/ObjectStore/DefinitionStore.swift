internal import LinuxSystem
internal import SQLite

/// What people defined, in `objects.db` below the state directory; a missing file defines nothing.
///
/// The plugin only reads it.
package struct DefinitionStore {
  package let path: String

  package init(stateDirectory: String) { path = stateDirectory + "/objects.db" }

  /// Whether an object describes the namespace.
  package func hasNamespace(_ name: String) throws(StoreError) -> Bool {
    guard let connection = try open() else { return false }
    return try inDatabase(path) { () throws(SQLiteError) in
      let statement = try connection.prepare("SELECT 1 FROM namespace WHERE name = ?1")
      try statement.bind(.text(name))
      return try statement.step()
    }
  }

  private func open() throws(StoreError) -> Connection? {
    do {
      _ = try FileStatus(path: path)
    } catch {
      if error == .noSuchFile || error == .notDirectory { return nil }
      throw .system(path: path, error)
    }
    let schema = Schema.objects
    let (connection, version) = try inDatabase(path) { () throws(SQLiteError) in
      let connection = try Connection(path: path, .readOnly)
      return (connection, try schema.userVersion(connection))
    }
    if version > schema.version { throw .newerSchema(path: path, found: version, supported: schema.version) }
    return version == schema.version ? connection : nil
  }
}
