/// Why a text is not YAML, or says what JSON cannot hold, and where.
package struct YAMLError: Error, Hashable, Sendable {
  /// The line, from 1.
  package let line: Int
  /// The column in characters, from 1.
  package let column: Int
  package let reason: String
}

extension YAMLError: CustomStringConvertible {
  package var description: String { "line \(line), column \(column): \(reason)" }
}

/// A place in a text, as the library counts: from 0.
struct Mark: Hashable {
  var line: Int
  var column: Int

  func error(_ reason: String) -> YAMLError { YAMLError(line: line + 1, column: column + 1, reason: reason) }
}
