package import VirtualNetworks

/// What `explain` says of a kind, or of a field of it: `["spec", "cidr"]`.
///
/// - Returns: `nil` if there is no such field.
package func explanation(of kind: ResourceKind, field path: some Collection<String>) -> String? {
  var field = Field("", .object, kind.explanation, fields(of: kind))
  for name in path {
    guard let next = field.fields.first(where: { $0.name == name }) else { return nil }
    field = next
  }
  var text = "KIND:     \(kind.kind.rawValue)\nVERSION:  \(kind.apiVersion)\n\n"
  if !field.name.isEmpty {
    text += "\(field.fields.isEmpty ? "FIELD" : "RESOURCE"):    \(field.name) <\(field.type.rawValue)>\n\n"
  }
  text += "DESCRIPTION:\n" + wrapped(field.text)
  if field.fields.isEmpty { return text + "\n" }
  text += "\nFIELDS:\n"
  for inner in field.fields {
    text += "   \(inner.name)\t<\(inner.type.rawValue)>\n" + wrapped(inner.text) + "\n"
  }
  return text
}

private let indent = 5
private let lineWidth = 80

/// The text in lines of no more than 80 columns, indented by five.
private func wrapped(_ text: String) -> String {
  var lines: [String] = []
  for word in text.split(separator: " ") {
    if let last = lines.last, last.count + 1 + word.count <= lineWidth - indent {
      lines[lines.count - 1] += " \(word)"
    } else {
      lines.append(String(word))
    }
  }
  return lines.map { String(repeating: " ", count: indent) + $0 + "\n" }.joined()
}

/// A field of an object, for people.
struct Field: Sendable {
  enum FieldType: String, Sendable {
    case string
    case boolean
    case object = "Object"
    case objects = "[]Object"
    case strings = "[]string"
    case map = "map[string]string"
  }

  let name: String
  let type: FieldType
  let text: String
  let fields: [Field]

  init(_ name: String, _ type: FieldType, _ text: String, _ fields: [Field] = []) {
    self.name = name
    self.type = type
    self.text = text
    self.fields = fields
  }
}
