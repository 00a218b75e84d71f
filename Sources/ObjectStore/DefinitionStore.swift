package import JSON
internal import SQLite
internal import VirtualNetworks

/// What people defined, in `objects.db` below the state directory, for the plugin, which only reads it; a missing file
/// defines nothing.
package struct DefinitionStore {
  private let file: ObjectFile
  package var path: String { file.path }

  /// - Parameter lockTimeout: how long to wait for a writer, in nanoseconds.
  package init(stateDirectory: String, lockTimeout: UInt64 = 30_000_000_000) {
    file = ObjectFile(directory: stateDirectory, lockTimeout: lockTimeout, note: "")
  }

  /// Opens the store once for several questions, which see the same definitions.
  package func read<Result>(_ body: (ObjectReader) throws -> Result) throws -> Result {
    try file.reading { try body(ObjectReader($0, path: file.path, circles: CircleCache())) }
  }

  /// Whether an object describes the namespace.
  package func hasNamespace(_ name: String) throws -> Bool { try read { try $0.hasNamespace(name) } }
}

/// The annotations and labels of a pod or namespace.
package struct ObjectAnnotations: Hashable, Sendable {
  package var annotations: JSONObject
  package var labels: JSONObject
}

extension ObjectReader {
  /// Whether an object describes the namespace.
  package func hasNamespace(_ name: String) throws(StoreError) -> Bool {
    let key = ObjectKey(.namespace, name)
    return try !rows(
      "SELECT 1 FROM object WHERE kind = ?1 AND namespace = ?2 AND name = ?3", key.values, row: { _ in true }
    ).isEmpty
  }

  /// What the namespace's object says.
  package func namespace(_ name: String) throws(StoreError) -> ObjectAnnotations? {
    try annotations(ObjectKey(.namespace, name))
  }

  /// What the pod's object says.
  package func pod(namespace: String, name: String) throws(StoreError) -> ObjectAnnotations? {
    try annotations(ObjectKey(.pod, namespace: namespace, name))
  }

  private func annotations(_ key: ObjectKey) throws(StoreError) -> ObjectAnnotations? {
    guard
      let body = try rows(
        "SELECT body FROM object WHERE kind = ?1 AND namespace = ?2 AND name = ?3", key.values, row: { $0.text(0) }
      ).first
    else { return nil }
    let object: JSONValue
    do { object = try JSONValue(parsing: body) } catch { throw .unreadableObject(path: path, "\(error)") }
    let metadata = object.object?["metadata"]?.object
    return ObjectAnnotations(
      annotations: metadata?["annotations"]?.object ?? [:], labels: metadata?["labels"]?.object ?? [:])
  }
}
