package import JSON

/// Kubernetes' LabelSelector: all of its requirements must hold; without any it picks everything.
package struct ObjectSelector: Hashable, Sendable {
  package enum Requirement: Hashable, Sendable {
    case isOneOf(key: String, values: Set<String>)
    /// Holds for objects without the label too.
    case isNoneOf(key: String, values: Set<String>)
    case exists(key: String)
    case doesNotExist(key: String)
  }

  package var requirements: [Requirement]

  package init(_ requirements: [Requirement] = []) { self.requirements = requirements }

  package init(matchLabels: [String: String]) {
    self.init(matchLabels.sorted { $0.key < $1.key }.map { .isOneOf(key: $0.key, values: [$0.value]) })
  }

  package func matches(_ labels: [String: String]) -> Bool {
    requirements.allSatisfy { requirement in
      switch requirement {
      case .isOneOf(let key, let values): labels[key].map(values.contains) ?? false
      case .isNoneOf(let key, let values): !(labels[key].map(values.contains) ?? false)
      case .exists(let key): labels[key] != nil
      case .doesNotExist(let key): labels[key] == nil
      }
    }
  }
}

extension ObjectSelector {
  /// Reads `matchLabels` and `matchExpressions`; anything else in the selector is an error: to pass over a part of a
  /// selector would pick more than was meant.
  package init(_ field: JSONField) throws(JSONFieldError) {
    self.init()
    for member in try field.members() ?? [] {
      switch member.lastKey {
      case "matchLabels":
        for label in try member.members() ?? [] {
          guard let value = label.value?.string else { throw label.error(expected: "a string: put it in quotes") }
          requirements.append(.isOneOf(key: label.lastKey, values: [value]))
        }
      case "matchExpressions":
        for expression in try member.array() ?? [] { requirements.append(try Self.requirement(expression)) }
      default: throw member.error(expected: "matchLabels or matchExpressions")
      }
    }
  }

  private static func requirement(_ field: JSONField) throws(JSONFieldError) -> Requirement {
    for member in try field.members() ?? [] where !["key", "operator", "values"].contains(member.lastKey) {
      throw member.error(expected: "key, operator or values")
    }
    let operatorField = try field.member("operator")
    guard let key = try field.member("key").string(), !key.isEmpty else {
      throw try field.member("key").error(expected: "the key of a label")
    }
    let valuesField = try field.member("values")
    var values: Set<String> = []
    for element in try valuesField.array() ?? [] {
      guard let text = element.value?.string else { throw element.error(expected: "a string") }
      values.insert(text)
    }
    let word = try operatorField.string()
    switch word {
    case "In", "NotIn":
      guard !values.isEmpty else { throw valuesField.error(expected: "at least one value for \(word ?? "")") }
      return word == "In" ? .isOneOf(key: key, values: values) : .isNoneOf(key: key, values: values)
    case "Exists", "DoesNotExist":
      guard values.isEmpty else { throw valuesField.error(expected: "absent for \(word ?? "")") }
      return word == "Exists" ? .exists(key: key) : .doesNotExist(key: key)
    default: throw operatorField.error(expected: "In, NotIn, Exists or DoesNotExist")
    }
  }
}
