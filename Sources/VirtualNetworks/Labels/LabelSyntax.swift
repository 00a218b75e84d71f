internal import JSON

/// Kubernetes' rules for labels.
func checkLabels(of manifest: APIObject) throws(ObjectError) {
  for (key, value) in manifest.metadata.labels.sorted(by: { $0.key < $1.key }) {
    func invalid(_ field: String, _ text: String, _ reason: String) -> ObjectError {
      .invalid(manifest.key, field: field, value: .string(text), reason)
    }
    let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count <= 2, let name = parts.last, isLabelText(name), !name.isEmpty else {
      throw invalid("metadata.labels", key, "a key is a name, or a domain, '/' and a name; \(labelRule)")
    }
    if parts.count == 2, !isDomain(parts[0]) {
      throw invalid(
        "metadata.labels", key, "before '/' stands a domain: lower-case letters, digits, '-' and '.', at most 253")
    }
    guard isLabelText(value.utf8[...]) else {
      throw invalid("metadata.labels[\(key)]", value, "a value is empty, or as a name: \(labelRule)")
    }
  }
}

private let labelRule =
  "a name has 1 to 63 letters, digits, '-', '_' and '.', and starts and ends with a letter or digit"

/// A name, or nothing.
private func isLabelText(_ text: Substring.UTF8View) -> Bool {
  guard let first = text.first, let last = text.last else { return true }
  return text.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
    && text.allSatisfy { isAlphanumeric($0) || "-_.".utf8.contains($0) }
}

private func isDomain(_ text: Substring.UTF8View) -> Bool {
  text.count <= 253
    && text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
      isLabelText(label) && !label.isEmpty
        && label.allSatisfy { !"_.".utf8.contains($0) && !(0x41...0x5a).contains($0) }
    }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
}
