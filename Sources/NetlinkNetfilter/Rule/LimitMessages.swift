internal import Netlink

extension RuleLimit {
  /// Writes the expression that a set keeps for each of its elements; attribute numbers are those of
  /// `enum nft_connlimit_attributes` and `enum nft_limit_attributes`.
  func write(to writer: inout MessageWriter) {
    switch self {
    case .connections(let count):
      writer.attribute(ExpressionAttribute.name, string: "connlimit")
      writer.nested(ExpressionAttribute.data) { data in
        data.attribute(1, bigEndian: count)
        data.attribute(2, bigEndian: Self.isExceeded)
      }
    case .packets(let rate, let burst):
      writer.attribute(ExpressionAttribute.name, string: "limit")
      writer.nested(ExpressionAttribute.data) { data in
        data.attribute(1, bigEndian: rate)
        data.attribute(2, bigEndian: UInt64(1))
        data.attribute(3, bigEndian: burst)
        data.attribute(4, bigEndian: Self.packets)
        data.attribute(5, bigEndian: Self.isExceeded)
      }
    }
  }

  /// The corresponding C constants are `NFT_CONNLIMIT_F_INV` and `NFT_LIMIT_F_INV`.
  private static let isExceeded: UInt32 = 1
  /// The corresponding C constant is `NFT_LIMIT_PKTS`.
  private static let packets: UInt32 = 0
}
