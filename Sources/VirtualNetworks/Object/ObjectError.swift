package import JSON

/// Why an object is not what it should be, or cannot be had: kind, name, field and reason, as kubectl says it.
package struct ObjectError: Error, Hashable, Sendable {
  package enum Reason: String, Hashable, Sendable {
    case invalid = "Invalid"
    case notFound = "NotFound"
    /// What the object is, or what others make of it, does not allow it.
    case forbidden = "Forbidden"
    case conflict = "Conflict"
    case unknownKind = "NoKindMatch"
  }

  package let reason: Reason
  /// As the object or the command names it.
  package let kind: String
  package let name: String
  /// The field's path: `metadata.annotations[juniper.net/networks].ipamV4Subnet`; empty for the object as a whole.
  package let field: String
  /// What is wrong, without kind, name and field.
  package let detail: String
  /// What kubectl calls the kind: `virtualnetworks.core.contrail.juniper.net`.
  private let resource: String

  private init(_ reason: Reason, kind: String, name: String, field: String = "", _ detail: String) {
    self.reason = reason
    self.kind = kind
    self.name = name
    self.field = field
    self.detail = detail
    resource = Kind(rawValue: kind)?.resource.qualifiedPlural ?? kind
  }

  package static func invalid(kind: String, name: String, field: String, value: JSONValue?, _ detail: String) -> Self {
    let shown =
      value.map { "Invalid value: \(JSONFieldError(path: field, value: $0, expected: "").shownValue): " } ?? ""
    return Self(.invalid, kind: kind, name: name, field: field, shown + detail)
  }

  package static func invalid(_ key: ObjectKey, field: String, value: JSONValue?, _ detail: String) -> Self {
    invalid(kind: key.kind.rawValue, name: key.name, field: field, value: value, detail)
  }

  package static func required(kind: String, name: String, field: String) -> Self {
    Self(.invalid, kind: kind, name: name, field: field, "Required value")
  }

  package static func notFound(_ key: ObjectKey) -> Self {
    Self(.notFound, kind: key.kind.rawValue, name: key.name, "not found")
  }

  package static func forbidden(_ key: ObjectKey, field: String = "", _ detail: String) -> Self {
    Self(.forbidden, kind: key.kind.rawValue, name: key.name, field: field, detail)
  }

  package static func conflict(_ key: ObjectKey, _ detail: String) -> Self {
    Self(.conflict, kind: key.kind.rawValue, name: key.name, detail)
  }

  package static func unknownKind(_ kind: String, apiVersion: String, name: String) -> Self {
    Self(.unknownKind, kind: kind, name: name, "no matches for kind \"\(kind)\" in version \"\(apiVersion)\"")
  }
}

extension ObjectError: CustomStringConvertible {
  /// One line, as kubectl prints it.
  package var description: String {
    switch reason {
    case .invalid:
      let place = field.isEmpty ? "" : "\(field): "
      return kind.isEmpty ? "error: \(place)\(detail)" : "The \(kind) \"\(name)\" is invalid: \(place)\(detail)"
    case .notFound: return "Error from server (NotFound): \(resource) \"\(name)\" not found"
    case .forbidden, .conflict:
      let place = field.isEmpty ? "" : "\(field): "
      let verb = reason == .forbidden ? "is forbidden: " : ""
      return "Error from server (\(reason.rawValue)): \(resource) \"\(name)\" \(verb)\(place)\(detail)"
    case .unknownKind: return "error: \(name.isEmpty ? "" : "\(name): ")\(detail)"
    }
  }
}
