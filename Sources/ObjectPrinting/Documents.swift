internal import JSON
package import VirtualNetworks
internal import YAML

/// How `get` prints objects for other programs.
package enum DocumentFormat: String, Hashable, Sendable, CaseIterable {
  case yaml
  case json
  case name
}

extension DocumentFormat {
  /// The objects: one by itself where one was asked for, several as a List.
  package func text(_ objects: [APIObject], isList: Bool) -> String {
    if self == .name {
      return objects.map { "\($0.kind.resource.qualifiedSingular)/\($0.metadata.name)\n" }.joined()
    }
    let values = objects.map { JSONValue.object($0.json) }
    let list: JSONValue = [
      "apiVersion": "v1", "items": .array(values), "kind": "List", "metadata": ["resourceVersion": ""],
    ]
    let value = isList ? list : values.first ?? list
    return self == .yaml ? value.yaml : doublingIndents(value.text(.pretty)) + "\n"
  }
}

/// The text with every line's indent doubled: kubectl's has four spaces a level. No line break is inside of a JSON string.
private func doublingIndents(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    String(line.prefix { $0 == " " }) + line
  }.joined(separator: "\n")
}
