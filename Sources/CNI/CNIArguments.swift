/// The pairs of `CNI_ARGS`: `KEY=VALUE;KEY=VALUE`, split at the first `=`; of several with one key the last counts.
/// Unknown keys are kept, whatever `IgnoreUnknown` says.
package struct CNIArguments: Sendable {
  package struct Pair: Hashable, Sendable {
    package let key: String
    package let value: String
  }

  package private(set) var pairs: [Pair] = []
  /// The parts that have no `=`.
  package private(set) var malformed: [String] = []

  package init(_ text: String) {
    var key: [UInt8]?
    var part: [UInt8] = []
    func finish() {
      if let key {
        pairs.append(Pair(key: String(decoding: key, as: UTF8.self), value: String(decoding: part, as: UTF8.self)))
      } else if !part.isEmpty {
        malformed.append(String(decoding: part, as: UTF8.self))
      }
      key = nil
      part = []
    }
    for byte in text.utf8 {
      if byte == UInt8(ascii: ";") {
        finish()
      } else if byte == UInt8(ascii: "=") && key == nil {
        key = part
        part = []
      } else {
        part.append(byte)
      }
    }
    finish()
  }

  /// The value of the last pair with this key; `nil` where there is none or it is empty.
  package subscript(key: String) -> String? {
    guard let value = pairs.last(where: { $0.key == key })?.value, !value.isEmpty else { return nil }
    return value
  }
}
