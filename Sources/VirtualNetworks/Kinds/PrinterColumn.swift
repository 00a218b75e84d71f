internal import JSON

/// A column of a table of objects.
package struct PrinterColumn: Sendable {
  package enum Cell: Sendable {
    case name
    /// How long ago the object was made; the printer knows the time.
    case age
    case text(@Sendable (APIObject) -> String)
  }

  package let header: String
  package let cell: Cell

  static let name = PrinterColumn(header: "NAME", cell: .name)
  static let age = PrinterColumn(header: "AGE", cell: .age)
  static let state = text("STATE") { $0.text("status", "state") }

  static func text(_ header: String, _ text: @escaping @Sendable (APIObject) -> String) -> PrinterColumn {
    PrinterColumn(header: header, cell: .text(text))
  }
}

extension APIObject {
  /// The scalar at that path below the object's `spec` or `status`, as a table shows it; empty if there is none.
  package func text(_ path: String...) -> String {
    var value: JSONValue? = path.first == "spec" ? .object(spec) : path.first == "status" ? .object(status) : nil
    for key in path.dropFirst() { value = value?.object?[key] }
    return switch value {
    case .string(let text)?: text
    case .integer(let number)?: String(number)
    case .bool(let truth)?: String(truth)
    default: ""
    }
  }

  /// `v4`, `v6` or `v6,v4`: the families of a network's subnets.
  var ipFamilies: String {
    [("v6SubnetReference", "v6"), ("v4SubnetReference", "v4")]
      .filter { spec[$0.0] != nil }.map(\.1).joined(separator: ",")
  }
}
