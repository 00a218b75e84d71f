public import Netlink

/// An expression of a rule as the kernel has it, whatever it is: `nft` and iptables write more than ``Expression`` knows.
public struct InstalledExpression: Hashable, Sendable {
  /// What the kernel calls it: `meta`, `cmp`, `match`.
  public let name: String
  /// Its attributes, numbered by the `enum nft_*_attributes` of the expression.
  public let attributes: Attributes

  init(_ item: Attributes) {
    name = item[ExpressionAttribute.name]?.string ?? ""
    attributes = item[ExpressionAttribute.data]?.nested ?? Attributes([])
  }

  /// The bytes that the attribute holds as nf_tables data; `nil` where there is none, or a verdict.
  public func value(_ type: UInt16) -> [UInt8]? { attributes[type]?.nested[DataAttribute.value]?.bytes }

  /// The verdict that the attribute holds as nf_tables data.
  public func verdict(_ type: UInt16) -> Verdict? { attributes[type].flatMap { Verdict(data: $0.nested) } }
}
