import CNI
import JSON
import NetworkAttachments

extension FuzzTarget {
  static let json = FuzzTarget(name: "json", maximumLength: 4096) { bytes in
    guard let value = try reading({ try JSONValue(parsing: bytes) }) else { return }
    for text in [value.text(), value.text(.pretty)] {
      try require((try? JSONValue(parsing: text)) == value, "printed and read again it is another: \(text)")
    }
  }

  /// Tungsten Fabric's literals.
  static let pythonLiteral = FuzzTarget(name: "python-literal", maximumLength: 4096) { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    guard let value = try reading({ try PythonLiteral.value(parsing: text) }) else { return }
    try require((try? JSONValue(parsing: value.text())) == value, "not JSON: \(value.text())")
  }

  /// The pod's annotations: the first byte says which, so that each is reached by plain text.
  static let annotation = FuzzTarget(name: "annotation", maximumLength: 8192) { bytes in
    let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
    let key = keys[Int(bytes.first ?? 0) % keys.count]
    guard
      let networks = try reading({
        try PodNetworks(
          podAnnotations: [key: .string(text)], namespace: NamespaceFacts(name: "lab"), clusterName: "cluster")
      })
    else { return }
    _ = networks.warnings
    try require(networks.interfaceNames.count == networks.others.elements.count, "interfaces without names")
    try require(Set(networks.interfaceNames).count == networks.interfaceNames.count, "one name twice")
    for (annotation, element, request) in networks.unsupported {
      try reading { throw CNIError(request, of: element, in: annotation) }
    }
  }
}

private let keys = [
  AnnotationKey.networks, AnnotationKey.defaultNetwork, AnnotationKey.podNetwork, AnnotationKey.podNetworkIP,
  AnnotationKey.podNetworkArguments, AnnotationKey.tungstenNetwork,
]
