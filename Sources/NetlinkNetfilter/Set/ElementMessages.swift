internal import Netlink

extension Transaction {
  /// Adds elements to a set or map.
  ///
  /// A key that is there already stays as it is; with other data it is an error (`EEXIST`), as is a range that overlaps
  /// another.
  public mutating func add(
    _ elements: [SetElement], to set: NamedSet, in table: Table, ifExists: ExistingObject = .keep
  ) {
    write(elements, .newElement, ifExists.flags, "add to", set, table)
  }

  /// Deletes elements from a set or map.
  ///
  /// - Parameter ifMissing: `.fail` refuses the transaction with `ENOENT` for an element that is not there. `.ignore`
  ///   adds each element first, where it is missing, which every kernel can do: an element of a map then needs the same
  ///   value as the one that is there.
  public mutating func delete(
    _ elements: [SetElement], from set: NamedSet, in table: Table, ifMissing: MissingObject = .fail
  ) {
    if ifMissing == .ignore { add(elements, to: set, in: table) }
    write(elements, .deleteElement, [], "delete from", set, table)
  }

  private mutating func write(
    _ elements: [SetElement], _ type: MessageType, _ flags: MessageFlags, _ verb: String, _ set: NamedSet,
    _ table: Table
  ) {
    // The list is one attribute, which cannot be longer than 64 KiB. (No elements at all would mean all of them.)
    var rest = elements[...]
    while !rest.isEmpty {
      let part = rest.prefix(300)
      rest = rest.dropFirst(part.count)
      append("\(verb) set \(table) \(set.name) (\(part.count) elements)", type, flags, in: table.family) { writer in
        writer.attribute(ElementListAttribute.table, string: table.name)
        writer.attribute(ElementListAttribute.set, string: set.name)
        writer.nested(ElementListAttribute.elements) { list in
          for element in part { element.write(to: &list, of: set) }
        }
      }
    }
  }
}

extension SetElement {
  /// Writes the element: one item, or two where the set marks the ends of ranges.
  func write(to list: inout MessageWriter, of set: NamedSet) {
    list.nested(listElement) { item in
      item.value(ElementAttribute.key, key.bytes)
      if let end, !set.marksRangeEnds { item.value(ElementAttribute.keyEnd, end.bytes) }
      switch value {
      case .data(let field): item.value(ElementAttribute.data, field.bytes)
      case .verdict(let verdict): item.verdict(ElementAttribute.data, verdict)
      case nil: break
      }
    }
    // The topmost range has no end mark.
    if set.marksRangeEnds, let beyond = (end ?? key).successor {
      list.nested(listElement) { item in
        item.attribute(ElementAttribute.flags, bigEndian: ElementAttribute.intervalEnd)
        item.value(ElementAttribute.key, beyond.bytes)
      }
    }
  }
}

extension SetKey {
  /// The next key in the order of bytes; `nil` after the last.
  var successor: SetKey? { stepped(by: 1, wrappingTo: 0) }

  /// The key before in the order of bytes; `nil` before the first.
  var predecessor: SetKey? { stepped(by: 255, wrappingTo: 255) }

  private func stepped(by step: UInt8, wrappingTo wrapped: UInt8) -> SetKey? {
    var bytes = bytes
    for index in bytes.indices.reversed() {
      bytes[index] &+= step
      if bytes[index] != wrapped { return SetKey(bytes: bytes) }
    }
    return nil
  }
}

/// The corresponding C constants are those of `enum nft_set_elem_list_attributes`.
enum ElementListAttribute {
  static let table: UInt16 = 1
  static let set: UInt16 = 2
  static let elements: UInt16 = 3
}

/// The corresponding C constants are those of `enum nft_set_elem_attributes`.
enum ElementAttribute {
  static let key: UInt16 = 1
  static let data: UInt16 = 2
  static let flags: UInt16 = 3
  static let keyEnd: UInt16 = 10
  /// The corresponding C constant is `NFT_SET_ELEM_INTERVAL_END`.
  static let intervalEnd: UInt32 = 1
  /// The corresponding C constant is `NFT_SET_ELEM_CATCHALL`.
  static let fallback: UInt32 = 2
}
