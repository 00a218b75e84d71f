internal import LinuxSystem
public import Netlink

extension Transaction {
  /// Adds the table.
  public mutating func add(_ table: Table, ifExists: ExistingObject = .keep) {
    append("add table \(table)", .newTable, ifExists.flags, in: table.family) { writer in
      writer.attribute(TableAttribute.name, string: table.name)
      writer.attribute(TableAttribute.flags, bigEndian: UInt32(0))
    }
  }

  /// Deletes the table with everything in it.
  public mutating func delete(_ table: Table, ifMissing: MissingObject = .fail) {
    // An object that was just added can be deleted by every kernel; a deletion that tolerates absence is new in 6.3.
    if ifMissing == .ignore { add(table) }
    append("delete table \(table)", .deleteTable, [], in: table.family) { writer in
      writer.attribute(TableAttribute.name, string: table.name)
    }
  }
}

extension Connection {
  /// All tables, or those of one family.
  public func tables(_ family: TableFamily = .any) throws(NetlinkError) -> [Table] {
    try tableMessages(family).compactMap(\.table)
  }

  /// The tables that are switched off, all or those of one family: their chains see no packets. The corresponding C
  /// constant is `NFT_TABLE_F_DORMANT`.
  public func dormantTables(_ family: TableFamily = .any) throws(NetlinkError) -> [Table] {
    try tableMessages(family).filter { ($0.attributes[TableAttribute.flags]?.bigEndian32 ?? 0) & 1 != 0 }
      .compactMap(\.table)
  }

  private func tableMessages(_ family: TableFamily) throws(NetlinkError) -> [Message] {
    try dump("list tables", type: MessageType.getTable.wire) { NetfilterHeader.write(family, to: &$0) }
  }

  /// The number that every change of any ruleset in the namespace increments.
  public func rulesetGeneration() throws(NetlinkError) -> UInt32 {
    let operation = "read the ruleset's generation"
    let replies = try perform(operation, type: MessageType.getGeneration.wire, answer: .reply) {
      NetfilterHeader.write(.any, to: &$0)
    }
    guard let generation = replies.first?.attributes[1]?.bigEndian32 else {
      throw NetlinkError(operation: operation, errno: .badMessage)
    }
    return generation
  }
}

extension Message {
  fileprivate var table: Table? {
    guard let family, let name = attributes[TableAttribute.name]?.string else { return nil }
    return Table(family, name)
  }
}

/// The corresponding C constants are those of `enum nft_table_attributes`.
enum TableAttribute {
  static let name: UInt16 = 1
  static let flags: UInt16 = 2
}
