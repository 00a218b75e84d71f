/// Message types within the subsystem nf_tables. The corresponding C constants are those of
/// `enum nf_tables_msg_types`.
enum MessageType: UInt16 {
  case newTable = 0
  case getTable = 1
  case deleteTable = 2
  case newChain = 3
  case getChain = 4
  case deleteChain = 5
  case newRule = 6
  case getRule = 7
  case deleteRule = 8
  case newSet = 9
  case getSet = 10
  case deleteSet = 11
  case newElement = 12
  case getElement = 13
  case deleteElement = 14
  case newGeneration = 15
  case getGeneration = 16

  /// The corresponding C constant is `NFNL_SUBSYS_NFTABLES`.
  static let subsystem: UInt16 = 10

  /// The type on the wire: the subsystem in the upper byte.
  var wire: UInt16 { Self.subsystem << 8 | rawValue }
}
