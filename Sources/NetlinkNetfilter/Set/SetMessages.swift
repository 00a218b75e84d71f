internal import Netlink

extension Transaction {
  /// Adds the set.
  ///
  /// An existing set must be of the same type, else `EEXIST`.
  public mutating func add(_ set: NamedSet, to table: Table, ifExists: ExistingObject = .keep) {
    // The kernel wants a number for the set within the transaction; ours is its place in it.
    let identifier = UInt32(count + 1)
    append("add set \(table) \(set.name)", .newSet, ifExists.flags, in: table.family) { writer in
      writer.attribute(SetAttribute.table, string: table.name)
      set.write(to: &writer, identifier: identifier)
    }
  }

  /// Deletes the set with its elements; one that a rule uses is refused with `EBUSY`.
  public mutating func delete(set: String, in table: Table) {
    append("delete set \(table) \(set)", .deleteSet, [], in: table.family) { writer in
      writer.attribute(SetAttribute.table, string: table.name)
      writer.attribute(SetAttribute.name, string: set)
    }
  }

  /// Deletes all elements of the set.
  public mutating func flush(set: String, in table: Table) {
    append("flush set \(table) \(set)", .deleteElement, [], in: table.family) { writer in
      writer.attribute(ElementListAttribute.table, string: table.name)
      writer.attribute(ElementListAttribute.set, string: set)
    }
  }
}

extension NamedSet {
  fileprivate func write(to writer: inout MessageWriter, identifier: UInt32) {
    writer.attribute(SetAttribute.name, string: name)
    writer.attribute(SetAttribute.flags, bigEndian: wireFlags.rawValue)
    writer.attribute(SetAttribute.keyType, bigEndian: keyType)
    writer.attribute(SetAttribute.keyLength, bigEndian: UInt32(keyLength))
    switch content {
    case .membership: break
    case .data(let type):
      writer.attribute(SetAttribute.dataType, bigEndian: type.number)
      writer.attribute(SetAttribute.dataLength, bigEndian: UInt32(type.length))
    case .verdict:
      writer.attribute(SetAttribute.dataType, bigEndian: Self.verdictType)
      writer.attribute(SetAttribute.dataLength, bigEndian: UInt32(0))
    }
    writer.attribute(SetAttribute.identifier, bigEndian: identifier)
    if wireFlags.contains(.concatenation) || size != nil {
      writer.nested(SetAttribute.description) { description in
        if let size { description.attribute(SetAttribute.descriptionSize, bigEndian: size) }
        if wireFlags.contains(.concatenation) { writeFields(to: &description) }
      }
    }
    if let timeout { writer.attribute(SetAttribute.timeout, bigEndian: timeout) }
    writer.attribute(SetAttribute.userData, bytes: userData)
  }

  private func writeFields(to description: inout MessageWriter) {
    description.nested(SetAttribute.descriptionFields) { fields in
      for type in key {
        fields.nested(listElement) { $0.attribute(SetAttribute.fieldLength, bigEndian: UInt32(type.length)) }
      }
    }
  }

  /// What `nft` needs to print the set: the byte order of keys, and of data (type, length, four bytes each).
  private var userData: [UInt8] {
    var bytes = property(0, isConcatenation ? 0 : key[0].byteOrder)
    if case .data(let type) = content { bytes += property(1, type.byteOrder) }
    return bytes
  }

  private func property(_ type: UInt8, _ value: UInt32) -> [UInt8] {
    [type, 4] + (0..<4).map { UInt8(truncatingIfNeeded: value.littleEndian >> (8 * $0)) }
  }

  /// The corresponding C constant is `NFT_DATA_VERDICT`.
  static var verdictType: UInt32 { 0xffff_ff00 }
}

/// The corresponding C constants are those of `enum nft_set_attributes`, `nft_set_desc_attributes` and
/// `nft_set_field_attributes`.
enum SetAttribute {
  static let table: UInt16 = 1
  static let name: UInt16 = 2
  static let flags: UInt16 = 3
  static let keyType: UInt16 = 4
  static let keyLength: UInt16 = 5
  static let dataType: UInt16 = 6
  static let dataLength: UInt16 = 7
  static let description: UInt16 = 9
  static let identifier: UInt16 = 10
  static let timeout: UInt16 = 11
  static let userData: UInt16 = 13
  static let descriptionSize: UInt16 = 1
  static let descriptionFields: UInt16 = 2
  static let fieldLength: UInt16 = 1
}
