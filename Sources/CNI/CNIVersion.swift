/// A version of the CNI specification.
package struct CNIVersion: Sendable {
  /// How a result writes addresses.
  package enum ResultShape: Sendable {
    /// One address per family under `ip4` and `ip6`, no interfaces.
    case addressPerFamily
    /// A list under `ips`, each entry with `"version": "4"` or `"6"`.
    case listWithFamily
    /// A list under `ips`.
    case list
  }

  /// The exact text, as in `cniVersion`.
  package let text: String
  package let resultShape: ResultShape
  /// Whether results carry MTUs, device identities and the routes' metrics.
  package let hasLinkDetails: Bool
  /// The place in the history, from 0.
  private let rank: Int

  /// Every version, the oldest first. A new version is a row here.
  package static let all: [CNIVersion] = [
    CNIVersion("0.1.0", 0, .addressPerFamily),
    CNIVersion("0.2.0", 1, .addressPerFamily),
    CNIVersion("0.3.0", 2, .listWithFamily),
    CNIVersion("0.3.1", 3, .listWithFamily),
    CNIVersion("0.4.0", 4, .listWithFamily),
    CNIVersion("1.0.0", 5, .list),
    CNIVersion("1.1.0", 6, .list, hasLinkDetails: true),
  ]

  /// The version that a configuration without `cniVersion` means.
  package static var implied: CNIVersion { all[0] }
  package static var latest: CNIVersion { all[all.count - 1] }

  /// The version of exactly this text.
  package init?(_ text: String) {
    guard let version = Self.all.first(where: { $0.text == text }) else { return nil }
    self = version
  }

  private init(_ text: String, _ rank: Int, _ resultShape: ResultShape, hasLinkDetails: Bool = false) {
    self.text = text
    self.rank = rank
    self.resultShape = resultShape
    self.hasLinkDetails = hasLinkDetails
  }

  package func supports(_ verb: Verb) -> Bool {
    switch verb {
    case .add, .delete, .version: true
    case .check: rank >= 4
    case .collectGarbage, .status: rank >= 6
    }
  }

  /// Refuses a verb that the version does not have.
  package func require(_ verb: Verb) throws(CNIError) {
    if supports(verb) { return }
    let since = Self.all.first { $0.supports(verb) }?.text ?? "no version"
    throw CNIError(.incompatibleVersion, "cniVersion \(text) has no \(verb)", "\(verb) needs \(since) or newer")
  }
}

extension CNIVersion: Hashable, Comparable, CustomStringConvertible {
  package static func == (left: Self, right: Self) -> Bool { left.rank == right.rank }
  package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
  package func hash(into hasher: inout Hasher) { hasher.combine(rank) }
  package var description: String { text }
}
