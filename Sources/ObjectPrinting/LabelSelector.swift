/// Which labels an object must have: `-l app=web,tier!=db,env in (a, b),!old`.
package struct LabelSelector: Hashable, Sendable {
  private enum Condition: Hashable, Sendable {
    case has(String)
    case lacks(String)
    case isOneOf(String, Set<String>)
    /// Also true where the label is missing.
    case isNoneOf(String, Set<String>)
  }

  /// Why a text is no selector.
  package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
  }

  private var conditions: [Condition] = []

  /// Matches everything.
  package init() {}

  package init(_ text: String) throws(Failure) {
    for part in try split(text) { conditions.append(try Self.condition(part)) }
  }

  package func matches(_ labels: [String: String]) -> Bool {
    conditions.allSatisfy { condition in
      switch condition {
      case .has(let key): labels[key] != nil
      case .lacks(let key): labels[key] == nil
      case .isOneOf(let key, let values): labels[key].map { values.contains($0) } ?? false
      case .isNoneOf(let key, let values): labels[key].map { !values.contains($0) } ?? true
      }
    }
  }

  private static func condition(_ text: Substring) throws(Failure) -> Condition {
    let text = trimmed(text)
    if text.hasPrefix("!") { return .lacks(try key(text.dropFirst(), text)) }
    if text.hasSuffix(")") { return try setCondition(text) }
    guard let sign = text.firstIndex(of: "=") else { return .has(try key(text, text)) }
    let isUnequal = text[..<sign].hasSuffix("!")
    let name = try key(isUnequal ? text[..<sign].dropLast() : text[..<sign], text)
    var value = text[sign...].dropFirst()
    if value.hasPrefix("=") && !isUnequal { value = value.dropFirst() }
    value = trimmed(value)
    guard !value.contains(where: { "=!() ".contains($0) }) else { throw failure(text) }
    return isUnequal ? .isNoneOf(name, [String(value)]) : .isOneOf(name, [String(value)])
  }

  /// `key in (a, b)`, `key notin (a, b)`
  private static func setCondition(_ text: Substring) throws(Failure) -> Condition {
    guard let open = text.firstIndex(of: "(") else { throw failure(text) }
    let words = text[..<open].split(separator: " ")
    guard words.count == 2, words[1] == "in" || words[1] == "notin" else { throw failure(text) }
    let values = text[open...].dropFirst().dropLast().split(separator: ",").map { String(trimmed($0)) }
    let name = try key(words[0], text)
    return words[1] == "in" ? .isOneOf(name, Set(values)) : .isNoneOf(name, Set(values))
  }

  private static func key(_ key: Substring, _ text: Substring) throws(Failure) -> String {
    let key = trimmed(key)
    guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || "-_./".contains($0) }) else {
      throw failure(text)
    }
    return String(key)
  }

  private static func failure(_ text: Substring) -> Failure {
    Failure(
      description:
        "unable to parse requirement: \"\(text)\" is not KEY, !KEY, KEY=VALUE, KEY!=VALUE or KEY in (VALUE, ...)")
  }
}

/// The parts between commas that are not in parentheses.
private func split(_ text: String) throws(LabelSelector.Failure) -> [Substring] {
  var depth = 0
  var parts = text.split(omittingEmptySubsequences: false) { character in
    if character == "(" { depth += 1 }
    if character == ")" { depth -= 1 }
    return character == "," && depth == 0
  }
  guard depth == 0 else {
    throw LabelSelector.Failure(description: "unable to parse requirement: \"\(text)\" has an unmatched parenthesis")
  }
  if parts.count == 1 && trimmed(parts[0]).isEmpty { parts = [] }
  return parts
}

private func trimmed(_ text: Substring) -> Substring {
  var text = text.drop { $0 == " " }
  while text.last == " " { text = text.dropLast() }
  return text
}
