package import VirtualNetworks

/// The table of the objects of one kind, as `kubectl get` prints it.
package struct ObjectTable {
  package struct Options: Hashable, Sendable {
    /// With the column NAMESPACE, where the kind has namespaces.
    package var showsNamespace = false
    /// `virtualnetwork.core.contrail.juniper.net/vn1` instead of `vn1`.
    package var showsKind = false
    package var showsLabels = false
    package var showsHeader = true
    /// With the columns that are otherwise left out.
    package var isWide = false

    package init() {}
  }

  private let kind: ResourceKind
  private let options: Options
  /// Seconds since 1970.
  private let now: Int64
  private var columns = Columns()
  private var hasHeader: Bool

  package init(_ kind: ResourceKind, _ options: Options, now: Int64) {
    self.kind = kind
    self.options = options
    self.now = now
    hasHeader = !options.showsHeader
  }

  /// The next rows as text, under the header if they are the first.
  package mutating func text(_ objects: [APIObject]) -> String {
    var rows = objects.map(row)
    if !hasHeader && !rows.isEmpty {
      rows.insert(header, at: 0)
      hasHeader = true
    }
    return columns.lines(rows)
  }

  private var showsNamespace: Bool { options.showsNamespace && kind.isNamespaced }

  private var header: [String] {
    (showsNamespace ? ["NAMESPACE"] : []) + kind.columns.map(\.header) + (showsWorkload ? ["IP", "NODE"] : [])
      + (showsPairs ? ["ALLOWEDADDRESSPAIRS"] : [])
      + (options.showsLabels ? ["LABELS"] : [])
  }

  private func row(_ object: APIObject) -> [String] {
    var row = showsNamespace ? [object.metadata.namespace] : []
    row += kind.columns.map { column in
      switch column.cell {
      case .name: options.showsKind ? "\(kind.qualifiedSingular)/\(object.metadata.name)" : object.metadata.name
      case .age: age(of: object.metadata.creationTimestamp, at: now)
      case .text(let text): text(object)
      }
    }
    if showsWorkload { row += [orNone(object.text("status", "podIP")), orNone(object.text("spec", "nodeName"))] }
    if showsPairs { row.append(orNone(object.allowedAddressPairs)) }
    if options.showsLabels {
      row.append(orNone(object.metadata.labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: ",")))
    }
    return row
  }

  private var showsPairs: Bool { options.isWide && kind.kind == .virtualMachineInterface }
  private var showsWorkload: Bool { options.isWide && kind.kind == .pod }
}

private func orNone(_ text: String) -> String { text.isEmpty ? "<none>" : text }

/// The table of kinds: names, version, whether they have namespaces.
package func table(of kinds: [ResourceKind], showsHeader: Bool = true) -> String {
  var columns = Columns()
  let header = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]
  return columns.lines(
    (showsHeader ? [header] : [])
      + kinds.map {
        [$0.plural, $0.shortNames.first ?? "", $0.apiVersion, String($0.isNamespaced), $0.kind.rawValue]
      })
}
