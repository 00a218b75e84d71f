/// The pairs of `CNI_ARGS`: `KEY=VALUE;KEY=VALUE`, split at the first `=`; of several with one key the last counts.
/// Unknown keys are kept, whatever `IgnoreUnknown` says.
package struct CNIArguments: Sendable {
  package private(set) var pairs: [(key: String, value: String)] = []
  /// The parts that have no `=`.
  package private(set) var malformed: [String] = []

  package init(_ text: String) {
    for part in text.utf8.split(separator: UInt8(ascii: ";")) {
      guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else {
        malformed.append(String(Substring(part)))
        continue
      }
      pairs.append((String(Substring(part[..<equals])), String(Substring(part[part.index(after: equals)...]))))
    }
  }

  /// The value of the last pair with this key; `nil` where there is none or it is empty.
  package subscript(key: String) -> String? {
    guard let value = pairs.last(where: { $0.key == key })?.value, !value.isEmpty else { return nil }
    return value
  }
}
