/// One message as it was received.
public struct Message: Hashable, Sendable {
  /// The meaning of the payload. The corresponding C constants are the protocol's (`RTM_…`).
  public let type: UInt16
  /// The corresponding C field is `nlmsg_flags`.
  public let flags: MessageFlags
  /// The number of the request that this answers. The corresponding C field is `nlmsg_seq`.
  public let sequence: UInt32
  /// The socket that asked. The corresponding C field is `nlmsg_pid`.
  public let port: UInt32
  /// What follows the header: the protocol's fixed header and attributes.
  public let payload: ArraySlice<UInt8>

  /// A message of these parts.
  public init(type: UInt16, flags: MessageFlags, sequence: UInt32, port: UInt32, payload: ArraySlice<UInt8>) {
    self.type = type
    self.flags = flags
    self.sequence = sequence
    self.port = port
    self.payload = payload
  }

  /// The corresponding C constant is `NLMSG_ERROR`.
  static let error: UInt16 = 2
  /// The corresponding C constant is `NLMSG_DONE`.
  static let done: UInt16 = 3
  /// The length of `struct nlmsghdr`.
  static let headerLength = 16
}

/// The messages of one datagram.
///
/// Like ``Attributes``, reading never leaves the bytes and always ends.
public struct Messages: Sequence, Sendable {
  private let bytes: ArraySlice<UInt8>

  /// The messages in a datagram.
  public init(_ datagram: ArraySlice<UInt8>) { bytes = datagram }

  /// Whether every byte belongs to a message or its padding.
  public var isWellFormed: Bool {
    var iterator = makeIterator()
    while iterator.next() != nil {}
    return iterator.rest.isEmpty
  }

  /// An iterator that starts at the first byte.
  public func makeIterator() -> Iterator { Iterator(rest: bytes) }

  /// Reads the messages in their order.
  public struct Iterator: IteratorProtocol {
    /// The bytes not read yet; not empty at the end only where they are no messages.
    public fileprivate(set) var rest: ArraySlice<UInt8>

    /// The next one; `nil` at the end, and before bytes that cannot be one.
    public mutating func next() -> Message? {
      guard let length: UInt32 = rest.number(at: 0), let type: UInt16 = rest.number(at: 4),
        let flags: UInt16 = rest.number(at: 6), let sequence: UInt32 = rest.number(at: 8),
        let port: UInt32 = rest.number(at: 12), length >= Message.headerLength, Int(length) <= rest.count
      else { return nil }
      let payload = rest.dropFirst(Message.headerLength).prefix(Int(length) - Message.headerLength)
      rest = rest.dropFirst((Int(length) + 3) & ~3)
      return Message(
        type: type, flags: MessageFlags(rawValue: flags), sequence: sequence, port: port, payload: payload)
    }
  }
}
