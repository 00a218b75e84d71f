internal import JSON
package import VirtualNetworks

/// An object in full, as `kubectl describe` lays it out.
package func description(of object: APIObject) -> String {
  var text = ElasticText()
  text.line("Name:", object.metadata.name)
  switch object.kind {
  case .namespace:
    text.labels(object.metadata.labels)
    text.annotations(object.metadata.annotations)
    text.line("Status:", object.text("status", "phase"))
    return text.text
  case .pod:
    text.line("Namespace:", object.metadata.namespace)
    if !object.text("spec", "nodeName").isEmpty { text.line("Node:", object.node) }
    text.labels(object.metadata.labels)
    text.annotations(object.metadata.annotations)
    text.addresses(object)
  default:
    text.line("Namespace:", object.metadata.namespace)
    text.labels(object.metadata.labels)
    text.annotations(object.metadata.annotations)
    text.content(object)
  }
  text.line("Events:", "<none>")
  return text.text
}

extension APIObject {
  /// `minikube/192.168.177.47`
  fileprivate var node: String {
    let address = text("status", "hostIP")
    return text("spec", "nodeName") + (address.isEmpty ? "" : "/\(address)")
  }
}

extension ElasticText {
  fileprivate mutating func labels(_ labels: [String: String]) {
    var title = "Labels:"
    if labels.isEmpty { line(title, "<none>") }
    for (key, value) in labels.sorted(by: { $0.key < $1.key }) {
      line(title, "\(key)=\(value)")
      title = ""
    }
  }

  /// Long values and those of several lines stand below their key, lines cut where a terminal would break them.
  fileprivate mutating func annotations(_ annotations: [String: String]) {
    var title = "Annotations:"
    let shown = annotations.filter { $0.key != "kubectl.kubernetes.io/last-applied-configuration" }
    if shown.isEmpty { line(title, "<none>") }
    for (key, value) in shown.sorted(by: { $0.key < $1.key }) {
      let value = value.hasSuffix("\n") ? String(value.dropLast()) : value
      let lines = value.split(separator: "\n", omittingEmptySubsequences: false)
      if lines.count == 1 && key.utf8.count + value.utf8.count + 2 <= annotationWidth {
        line(title, "\(key): \(value)")
      } else {
        line(title, "\(key):")
        for part in lines { line("", "  \(shortened(part))") }
      }
      title = ""
    }
  }

  fileprivate mutating func addresses(_ pod: APIObject) {
    let addresses = pod.status["podIPs"]?.array?.compactMap { $0.object?["ip"]?.string } ?? []
    guard let first = addresses.first else { return }
    line("IP:", first)
    line("IPs:")
    for address in addresses { line("  IP:", address) }
  }

  /// Everything that the object holds besides what stands above already.
  fileprivate mutating func content(_ object: APIObject) {
    var content = object.json
    if var metadata = content["metadata"]?.object {
      for key in ["name", "namespace", "labels", "annotations"] { metadata[key] = nil }
      content["metadata"] = .object(metadata)
    }
    members(of: content, level: 0)
  }

  private mutating func members(of object: JSONObject, level: Int) {
    let indent = String(repeating: "  ", count: level)
    for member in object.sorted.members {
      let label = "\(indent)\(fieldLabel(member.key)):"
      switch member.value {
      case .object(let inner):
        line(label)
        members(of: inner, level: level + 1)
      case .array(let elements):
        line(label)
        for element in elements {
          if let inner = element.object {
            members(of: inner, level: level + 1)
          } else {
            line("\(indent)  \(shown(element))")
          }
        }
      default: line(label, shown(member.value))
      }
    }
  }
}

private let annotationWidth = 140

private func shortened(_ line: Substring) -> String {
  let limit = annotationWidth - 2
  return line.utf8.count > limit ? String(decoding: line.utf8.prefix(limit), as: UTF8.self) + "..." : String(line)
}

private func shown(_ value: JSONValue) -> String {
  switch value {
  case .string(let text): text
  case .null: "<nil>"
  default: value.text()
  }
}
