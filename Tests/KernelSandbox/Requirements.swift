import Testing

// An exit test does not say which of its requirements failed; the line's number does.

package func require(_ condition: Bool, line: Int = #line) throws { try #require(condition, "line \(line)") }

package func require<Value>(_ value: Value?, line: Int = #line) throws -> Value {
  try #require(value, "line \(line)")
}
