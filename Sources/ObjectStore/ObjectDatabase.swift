package import VirtualNetworks

/// The definitions and what was made of them, for those who change them: `objects.db` below the state directory.
///
/// Survives a power cut (`synchronous=FULL`). Writers exclude each other and the plugin's reads for one transaction, so a
/// long list of manifests is better applied in parts, and a long list of objects read in pages.
package struct ObjectDatabase {
  private let file: ObjectFile

  /// - Parameters:
  ///   - note: what those who wait for the lock are told of us.
  ///   - lockTimeout: how long to wait for the lock, in nanoseconds.
  package init(stateDirectory: String, note: String, lockTimeout: UInt64 = 30_000_000_000) {
    file = ObjectFile(directory: stateDirectory, lockTimeout: lockTimeout, note: note)
  }

  package var path: String { file.path }

  /// Runs `body` while nobody changes the objects. A missing database has none.
  package func read<Result>(_ body: (ObjectReader) throws -> Result) throws -> Result {
    try file.reading { try body(ObjectReader($0, path: file.path)) }
  }

  /// Runs `body` in one transaction: all of what it writes stays, or nothing if it throws.
  ///
  /// The system's own objects are made first where they are missing or the configuration changed.
  package func change<Result>(
    _ settings: ClusterSettings, _ body: (ObjectTransaction) throws -> Result
  ) throws -> Result {
    try file.writing { connection in
      let transaction = ObjectTransaction(connection, path: file.path)
      try transaction.makeSystemObjects(settings)
      return try body(transaction)
    }
  }
}
