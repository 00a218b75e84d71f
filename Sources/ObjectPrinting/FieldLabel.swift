/// What `describe` calls a field: its key in words, `virtualRouterIPAddress` as `Virtual Router IP Address`.
///
/// A key with digits, dots or other signs stays as it is: `v4SubnetReference`, `core.juniper.net/clusterName`.
func fieldLabel(_ key: String) -> String {
  guard key.unicodeScalars.allSatisfy({ $0.properties.isAlphabetic || $0 == "-" }) else { return key }
  return words(key).map { word in
    let upper = word.uppercased()
    return acronyms.contains(upper) ? upper : word.prefix(1).uppercased() + word.dropFirst()
  }.joined(separator: " ")
}

private let acronyms: Set = ["API", "URL", "UID", "OSB", "GUID"]

/// A word starts where capitals follow other letters, and with the last of several capitals before small letters.
private func words(_ key: String) -> [String] {
  var words: [String] = []
  var previous: Character?
  for character in key {
    let isNew = previous.map { kind($0) != kind(character) } ?? true
    if isNew && kind(character) == .lower && previous.map(kind) == .upper,
      let capital = words[words.count - 1].popLast()
    {
      if words[words.count - 1].isEmpty { words.removeLast() }
      words.append("\(capital)\(character)")
    } else if isNew {
      words.append(String(character))
    } else {
      words[words.count - 1].append(character)
    }
    previous = character
  }
  return words
}

private enum LetterKind { case upper, lower, other }

private func kind(_ character: Character) -> LetterKind {
  character.isUppercase ? .upper : character.isLowercase ? .lower : .other
}
