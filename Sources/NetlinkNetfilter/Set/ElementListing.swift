internal import LinuxSystem
public import Netlink

extension Connection {
  /// The names of a table's sets and maps, anonymous ones included.
  public func sets(of table: Table) throws(NetlinkError) -> [String] {
    try dump("list sets of \(table)", type: MessageType.getSet.wire) { writer in
      NetfilterHeader.write(table.family, to: &writer)
      writer.attribute(SetAttribute.table, string: table.name)
    }
    .compactMap { $0.attributes[SetAttribute.name]?.string }
  }

  /// All elements of a set or map, in no particular order.
  ///
  /// - Throws: `ENOENT` where there is no such table or set.
  public func elements(of set: NamedSet, in table: Table) throws(NetlinkError) -> [SetElement] {
    try items(of: set.name, in: table, marksRangeEnds: set.marksRangeEnds).elements
  }

  /// The elements, and what the set has for all other keys: at most one, `nil` in a plain set.
  func items(
    of set: String, in table: Table, marksRangeEnds: Bool
  ) throws(NetlinkError) -> (elements: [SetElement], fallbacks: [SetElement.Value?]) {
    let messages = try dump("list set \(table) \(set)", type: MessageType.getElement.wire) { writer in
      NetfilterHeader.write(table.family, to: &writer)
      writer.attribute(ElementListAttribute.table, string: table.name)
      writer.attribute(ElementListAttribute.set, string: set)
    }
    let items = messages.flatMap(ElementItem.items)
    return (
      marksRangeEnds ? ElementItem.joinRanges(items) : items.map(\.element), messages.flatMap(ElementItem.fallbacks)
    )
  }

  /// One element of a set or map, by its key: a single request, whose cost does not grow with the set.
  ///
  /// - Returns: `nil` where there is no such table, set or element.
  public func element(_ element: SetElement, of set: NamedSet, in table: Table) throws(NetlinkError) -> SetElement? {
    do {
      let replies = try perform(
        "look into set \(table) \(set.name)", type: MessageType.getElement.wire, answer: .reply
      ) { writer in
        NetfilterHeader.write(table.family, to: &writer)
        writer.attribute(ElementListAttribute.table, string: table.name)
        writer.attribute(ElementListAttribute.set, string: set.name)
        writer.nested(ElementListAttribute.elements) { list in
          SetElement(from: element.key, through: set.marksRangeEnds ? nil : element.end).writeKey(to: &list)
        }
      }
      return replies.first.flatMap { ElementItem.items(of: $0).first?.element }
    } catch  where error.errno == .noSuchFile {
      return nil
    }
  }
}

extension SetElement {
  fileprivate func writeKey(to list: inout MessageWriter) {
    list.nested(listElement) { item in
      item.value(ElementAttribute.key, key.bytes)
      if let end { item.value(ElementAttribute.keyEnd, end.bytes) }
    }
  }
}

/// One item of the kernel's list of elements.
private struct ElementItem {
  let element: SetElement
  let isRangeEnd: Bool

  static func items(of message: Message) -> [ElementItem] {
    message.attributes[ElementListAttribute.elements]?.nested.compactMap { ElementItem($0.nested) } ?? []
  }

  /// What is said of all other keys.
  static func fallbacks(of message: Message) -> [SetElement.Value?] {
    (message.attributes[ElementListAttribute.elements]?.nested.map(\.nested) ?? [])
      .filter { ($0[ElementAttribute.flags]?.bigEndian32 ?? 0) & ElementAttribute.fallback != 0 }
      .map { $0[ElementAttribute.data].flatMap { SetElement.Value($0.nested) } }
  }

  init?(_ attributes: Attributes) {
    guard let key = attributes[ElementAttribute.key]?.nested[DataAttribute.value] else { return nil }
    let end = attributes[ElementAttribute.keyEnd]?.nested[DataAttribute.value]
    let flags = attributes[ElementAttribute.flags]?.bigEndian32 ?? 0
    isRangeEnd = flags & ElementAttribute.intervalEnd != 0
    element = SetElement(
      from: SetKey(bytes: key.bytes), through: end.map { SetKey(bytes: $0.bytes) },
      attributes[ElementAttribute.data].flatMap { SetElement.Value($0.nested) })
  }

  /// Puts each first key together with the end mark that follows it in the order of keys.
  static func joinRanges(_ items: [ElementItem]) -> [SetElement] {
    let sorted = items.sorted { left, right in
      let (leftKey, rightKey) = (left.element.key.bytes, right.element.key.bytes)
      return leftKey == rightKey
        ? left.isRangeEnd && !right.isRangeEnd : leftKey.lexicographicallyPrecedes(rightKey)
    }
    var ranges: [SetElement] = []
    var index = 0
    while index < sorted.count {
      let first = sorted[index]
      index += 1
      if first.isRangeEnd { continue }
      let mark = index < sorted.count && sorted[index].isRangeEnd ? sorted[index].element.key : nil
      let last = mark?.predecessor ?? SetKey(bytes: first.element.key.bytes.map { _ in 255 })
      ranges.append(SetElement(from: first.element.key, through: last, first.element.value))
    }
    return ranges
  }
}

extension SetElement.Value {
  fileprivate init?(_ data: Attributes) {
    if let verdict = Verdict(data: data) {
      self = .verdict(verdict)
    } else if let bytes = data[DataAttribute.value]?.bytes {
      self = .data(KeyField(bytes: bytes))
    } else {
      return nil
    }
  }
}
