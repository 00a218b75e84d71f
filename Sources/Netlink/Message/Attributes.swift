/// One attribute of a message.
///
/// The corresponding C type is `struct nlattr`.
public struct Attribute: Hashable, Sendable {
  /// The mark for an attribute that holds attributes. The corresponding C constant is `NLA_F_NESTED`.
  public static let nestedBit: UInt16 = 0x8000

  /// The type, without the marks for nesting and byte order.
  public let type: UInt16
  /// The value, without padding.
  public let payload: ArraySlice<UInt8>

  /// An attribute with this value.
  public init(type: UInt16, payload: ArraySlice<UInt8>) {
    self.type = type
    self.payload = payload
  }

  /// The value as a number of one byte; `nil` where it is shorter.
  public var uint8: UInt8? { payload.first }
  /// The value as a number in host byte order; `nil` where it is shorter.
  public var uint16: UInt16? { payload.number(at: 0) }
  /// The value as a number in host byte order; `nil` where it is shorter.
  public var uint32: UInt32? { payload.number(at: 0) }
  /// The value as a signed number in host byte order; `nil` where it is shorter.
  public var int32: Int32? { payload.number(at: 0) }
  /// The value as a number in host byte order; `nil` where it is shorter.
  public var uint64: UInt64? { payload.number(at: 0) }
  /// The value as a number in network byte order; `nil` where it is shorter.
  public var bigEndian16: UInt16? { uint16.map(UInt16.init(bigEndian:)) }
  /// The value as a number in network byte order; `nil` where it is shorter.
  public var bigEndian32: UInt32? { uint32.map(UInt32.init(bigEndian:)) }
  /// The value as a number in network byte order; `nil` where it is shorter.
  public var bigEndian64: UInt64? { uint64.map(UInt64.init(bigEndian:)) }
  /// The value up to its first NUL as a text; bytes that are no UTF-8 are replaced.
  public var string: String { String(decoding: payload.prefix { $0 != 0 }, as: UTF8.self) }
  /// The value as attributes.
  public var nested: Attributes { Attributes(payload) }
  /// The value as bytes of its own.
  public var bytes: [UInt8] { Array(payload) }
}

/// The attributes in a run of bytes, read one by one.
///
/// Reading never leaves the bytes and always ends: at the first attribute whose length is impossible nothing more is
/// returned, and ``isWellFormed`` says so.
public struct Attributes: Sequence, Hashable, Sendable {
  /// The bytes that hold the attributes.
  public let bytes: ArraySlice<UInt8>

  /// The attributes in these bytes.
  public init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// The attributes that follow a fixed header of `length` bytes (padded to four) in a payload; none where the payload
  /// is shorter.
  public init(_ payload: ArraySlice<UInt8>, afterHeader length: Int) {
    bytes = payload.dropFirst((length + 3) & ~3)
  }

  /// Whether every byte belongs to an attribute or its padding.
  public var isWellFormed: Bool {
    var iterator = makeIterator()
    while iterator.next() != nil {}
    return iterator.rest.isEmpty
  }

  /// The first attribute of this type.
  public subscript(type: UInt16) -> Attribute? { first { $0.type == type } }

  /// An iterator that starts at the first byte.
  public func makeIterator() -> Iterator { Iterator(rest: bytes) }

  /// Reads the attributes in their order.
  public struct Iterator: IteratorProtocol {
    /// The bytes not read yet; not empty at the end only where they are no attributes.
    public fileprivate(set) var rest: ArraySlice<UInt8>

    /// The next one; `nil` at the end, and before bytes that cannot be one.
    public mutating func next() -> Attribute? {
      guard let length: UInt16 = rest.number(at: 0), let type: UInt16 = rest.number(at: 2),
        length >= 4, Int(length) <= rest.count
      else { return nil }
      let payload = rest.dropFirst(4).prefix(Int(length) - 4)
      rest = rest.dropFirst((Int(length) + 3) & ~3)
      return Attribute(type: type & 0x3fff, payload: payload)
    }
  }
}

extension ArraySlice<UInt8> {
  /// The number in host byte order at this distance from the slice's start, whatever its alignment; `nil` where the
  /// slice ends before.
  @inlinable
  public func number<Number: FixedWidthInteger>(at offset: Int, as type: Number.Type = Number.self) -> Number? {
    let size = Number.bitWidth / 8
    guard offset >= 0, count >= size, offset <= count - size else { return nil }
    return unsafe withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Number.self) }
  }
}
