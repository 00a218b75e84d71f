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
    return isList ? list(values) : values.first.map(text) ?? list([])
  }

  fileprivate func list(_ values: [JSONValue]) -> String {
    text(["apiVersion": "v1", "items": .array(values), "kind": "List", "metadata": ["resourceVersion": ""]])
  }

  private func text(_ value: JSONValue) -> String {
    self == .yaml ? value.yaml : doublingIndents(value.text(.pretty)) + "\n"
  }
}

/// A List that is printed a page at a time, so that a long one need not be held in memory.
package struct DocumentList {
  private let format: DocumentFormat
  /// What stands before the first element of a List, and after the last.
  private let head: String
  private let tail: String
  private var isEmpty = true

  package init(_ format: DocumentFormat) {
    self.format = format
    let lines = format.list(["ELEMENT"]).split(separator: "\n", omittingEmptySubsequences: false)
    let place = lines.firstIndex { $0.hasSuffix("ELEMENT") || $0.hasSuffix("ELEMENT\"") } ?? 0
    head = lines[..<place].joined(separator: "\n") + "\n"
    // The elements of a list in YAML are lines; in JSON there are commas between them, and no line break at the end.
    tail = (format == .json ? "\n" : "") + lines[(place + 1)...].joined(separator: "\n")
  }

  /// The next objects as text.
  package mutating func text(_ page: [APIObject]) -> String {
    if format == .name { return format.text(page, isList: true) }
    if page.isEmpty { return "" }
    let whole = format.text(page, isList: true).utf8.dropLast(tail.utf8.count)
    defer { isEmpty = false }
    if isEmpty { return String(Substring(whole)) }
    return (format == .json ? ",\n" : "") + String(Substring(whole.dropFirst(head.utf8.count)))
  }

  /// What comes after the last page.
  package var end: String { format == .name ? "" : isEmpty ? format.text([], isList: true) : tail }
}

/// The text with every line's indent doubled: kubectl's has four spaces a level. No line break is inside of a JSON string.
private func doublingIndents(_ text: String) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    String(line.prefix { $0 == " " }) + line
  }.joined(separator: "\n")
}
