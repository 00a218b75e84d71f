public import Netlink

/// A kind of virtual link: how it is named, and what only it can be told.
///
/// The corresponding C attribute is `IFLA_LINKINFO`. The set is open: another kind is another type.
public protocol LinkKind: Sendable {
  /// The kernel's name: `veth`. The corresponding C constant is `IFLA_INFO_KIND`.
  static var name: String { get }

  /// Whether there is anything to write.
  var hasData: Bool { get }

  /// Writes the kind's own attributes. The corresponding C constant is `IFLA_INFO_DATA`.
  func write(to writer: inout MessageWriter)
}
