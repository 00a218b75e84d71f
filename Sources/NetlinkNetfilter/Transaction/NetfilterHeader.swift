internal import Netlink

/// The corresponding C type is `struct nfgenmsg`.
enum NetfilterHeader {
  static let length = 4

  static func write(_ family: TableFamily, resource: UInt16 = 0, to writer: inout MessageWriter) {
    writer.u8(family.rawValue)
    writer.u8(0)
    writer.be16(resource)
  }
}

extension Message {
  /// The family in the message's header; `nil` where it is too short.
  var family: TableFamily? { payload.first.map(TableFamily.init(rawValue:)) }

  /// What follows the header.
  var attributes: Attributes { Attributes(payload, afterHeader: NetfilterHeader.length) }
}
