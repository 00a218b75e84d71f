internal import LinuxSystem
public import Netlink

/// A set or map as the kernel has it, whoever made it, with its elements.
public struct InstalledSet: Hashable, Sendable {
  /// Whether the set maps keys to values or verdicts.
  public let isMap: Bool
  /// The bytes of a key, padding included.
  public let keyLength: Int
  /// The bytes of each field of a key, where the kernel says; one field otherwise.
  public let fields: [Int]
  /// The elements; of ranges, the last key is in ``SetElement/end``.
  public let elements: [SetElement]
  /// What the set has for every key that no element has: `*` of `nft`.
  public let fallback: SetElement.Value?
  /// Whether every key is in the set: it has a fallback, maybe without a value.
  public let hasFallback: Bool
}

extension Connection {
  /// A set or map by its name, anonymous ones included, with its elements.
  ///
  /// - Returns: `nil` where there is no such table or set.
  public func installedSet(_ name: String, in table: Table) throws(NetlinkError) -> InstalledSet? {
    let found: Attributes
    do {
      let replies = try perform("read set \(table) \(name)", type: MessageType.getSet.wire, answer: .reply) { writer in
        NetfilterHeader.write(table.family, to: &writer)
        writer.attribute(SetAttribute.table, string: table.name)
        writer.attribute(SetAttribute.name, string: name)
      }
      guard let attributes = replies.first?.attributes else { return nil }
      found = attributes
    } catch  where error.errno == .noSuchFile {
      return nil
    }
    let flags = NamedSet.Flags(rawValue: found[SetAttribute.flags]?.bigEndian32 ?? 0)
    let fields =
      found[SetAttribute.description]?.nested[SetAttribute.descriptionFields]?.nested.compactMap {
        $0.nested[SetAttribute.fieldLength]?.bigEndian32.map(Int.init)
      } ?? []
    let length = Int(found[SetAttribute.keyLength]?.bigEndian32 ?? 0)
    let isRanges = flags.contains(.interval) && !flags.contains(.concatenation)
    let (elements, fallbacks) = try items(of: name, in: table, marksRangeEnds: isRanges)
    return InstalledSet(
      isMap: flags.contains(.map), keyLength: length, fields: fields.isEmpty ? [length] : fields, elements: elements,
      fallback: fallbacks.first.flatMap { $0 }, hasFallback: !fallbacks.isEmpty)
  }
}
