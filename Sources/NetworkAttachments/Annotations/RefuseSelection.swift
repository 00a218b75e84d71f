package import CNI
package import JSON

/// Refuses a pod that asks for other networks than the default one, instead of starting it without them.
///
/// An empty value, white space and an empty list ask for nothing.
package func refuseNetworkSelection(in annotations: JSONObject) throws(CNIError) {
  for key in AnnotationKey.networkSelections {
    guard let value = annotations[key]?.string, asksForNetworks(value) else { continue }
    let field = JSONField(.string(value), path: key)
    throw CNIError(
      .invalidConfiguration, "annotation \(key): \(field.error(expected: "").shownValue) cannot be served",
      "this version attaches a pod to the default network only: remove the annotation")
  }
}

private func asksForNetworks(_ value: String) -> Bool {
  let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0d).contains($0) }
  guard let first = value.utf8.first(where: { !isSpace($0) }) else { return false }
  guard first == UInt8(ascii: "[") else { return true }
  return !value.utf8.filter { !isSpace($0) }.elementsEqual("[]".utf8)
}
