/// What a client must know of a kind: how it is called, listed and explained.
package struct ResourceKind: Sendable {
  /// Where the objects of a kind come from.
  package enum Origin: Sendable {
    /// People apply and delete them.
    case applied
    /// Made from others, and from the configuration; people read them.
    case reconciled
    /// Views of what runs on the node: not stored.
    case observed
  }

  package let kind: Kind
  package let plural: String
  /// What else names the kind on a command line, the preferred one first; `api-resources` shows the first.
  package let shortNames: [String]
  /// Empty for the core group.
  package let group: String
  package let version: String
  package let isNamespaced: Bool
  package let origin: Origin
  package let columns: [PrinterColumn]
  /// One paragraph for `explain`.
  package let explanation: String

  /// `core.contrail.juniper.net/v1alpha1`, `v1`
  package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The kind in lower case.
  package var singular: String { kind.rawValue.lowercased() }

  /// `virtualnetwork.core.contrail.juniper.net`, `pod`: what stands before the name in `-o name` and in what `apply` says.
  package var qualifiedSingular: String { group.isEmpty ? singular : "\(singular).\(group)" }

  /// `virtualnetworks.core.contrail.juniper.net`, `pods`: what an error calls the kind.
  package var qualifiedPlural: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The kind of a word on a command line: plural, singular, kind or short name, with the group or not, in any case.
  package static func named(_ word: String) -> ResourceKind? {
    let word = word.lowercased()
    return all.first { kind in
      let names = [kind.plural, kind.singular] + kind.shortNames + kind.alternativeNames
      return names.contains { name in
        word == name || (!kind.group.isEmpty && (word == "\(name).\(kind.group)" || word == kind.versioned(name)))
      }
    }
  }

  /// The kind that a manifest names.
  package static func of(apiVersion: String, kind: String) -> ResourceKind? {
    all.first { $0.kind.rawValue == kind && $0.apiVersion == apiVersion }
  }

  /// `network-attachment-definition` is what the NPWG's own resource definition calls one.
  private var alternativeNames: [String] {
    kind == .networkAttachmentDefinition ? ["network-attachment-definition"] : []
  }

  private func versioned(_ name: String) -> String { "\(name).\(version).\(group)" }
}

extension Kind {
  /// The kind's row in the table.
  package var resource: ResourceKind { ResourceKind.byKind[self] ?? ResourceKind.all[0] }
}

extension ResourceKind {
  fileprivate static let byKind = Dictionary(uniqueKeysWithValues: all.map { ($0.kind, $0) })
}
