/// A reader of foreign bytes, and what must hold whatever they are.
///
/// That it neither crashes, hangs nor eats memory is for the caller to see; what else must hold is thrown.
package struct FuzzTarget: Sendable {
  package let name: String
  /// The longest input that is worth a try.
  package let maximumLength: Int
  package let run: @Sendable ([UInt8]) throws -> Void

  package static let all = [
    configuration, arguments, annotation, pythonLiteral, json, manifests, routeReplies, filterReplies, storeFile,
    storeRows,
  ]
}

/// Something that must hold and does not.
package struct Violation: Error, CustomStringConvertible {
  package let description: String
}

func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Violation) {
  if !condition { throw Violation(description: what()) }
}

/// Runs what may fail with an error that a person can read: some words, and not the whole input.
func reading<Value>(_ body: () throws -> Value) throws -> Value? {
  do {
    return try body()
  } catch let violation as Violation {
    throw violation
  } catch {
    let text = "\(error)"
    try require(!text.isEmpty, "an error without words")
    try require(text.utf8.count <= 5_000, "an error of \(text.utf8.count) bytes: \(text.prefix(200))")
    return nil
  }
}

/// Takes fields off the input, as many as there are.
struct Bytes {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isEmpty: Bool { rest.isEmpty }

  mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

  mutating func number() -> Int64 { (0..<8).reduce(0) { sum, _ in sum << 8 | Int64(byte()) } }

  /// As many bytes as the next one says.
  mutating func field() -> [UInt8] {
    let count = Int(byte())
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  /// As many bytes as the next two say.
  mutating func longField() -> [UInt8] {
    let count = Int(byte()) << 8 | Int(byte())
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func text() -> String { String(decoding: field(), as: UTF8.self) }
}
