internal import JSON

/// Refuses keys that can only be misspellings of `k8s.v1.cni.cncf.io/networks`: a pod must not start without its networks
/// because of a typing error.
func checkSpelling(of annotations: JSONObject) throws(NetworkSelectionError) {
  for member in annotations.members where isMisspelt(Array(member.key.utf8)) {
    throw NetworkSelectionError(
      member.key, nil, value: member.value, expected: "the key \(AnnotationKey.networks), because there is no such one")
  }
}

/// `k8s.v1.cncf.op/networks`, `k8s.v1.cni.cncf.io/network`, `k8s.v1.cni.cncf.io.networks`, …
private func isMisspelt(_ key: [UInt8]) -> Bool {
  guard key != Array(AnnotationKey.networks.utf8), key.starts(with: Array("k8s.v1.c".utf8)) else { return false }
  let separators: [UInt8] = [UInt8(ascii: "/"), UInt8(ascii: ".")]
  let last = key.split(whereSeparator: separators.contains).last.map { String(decoding: $0, as: UTF8.self) }
  return last.map { ["networks", "network", "netwroks", "newtorks", "networs"].contains($0) } ?? false
}
