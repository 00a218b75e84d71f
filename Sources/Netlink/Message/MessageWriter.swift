/// Writes netlink messages one after the other into one growing buffer.
///
/// Lengths are patched in when a message or an attribute ends, so nothing is ever measured beforehand. Messages and
/// attributes start at multiples of four bytes, and the padding is zero. Numbers are in host byte order, unless the
/// label says `bigEndian`.
///
/// The layout is that of `struct nlmsghdr` and `struct nlattr` in `<linux/netlink.h>`.
public struct MessageWriter: Sendable {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  /// Whether an attribute outgrew the 65,535 bytes that its length can state. Such a buffer must not be sent;
  /// ``Connection`` refuses it.
  public private(set) var isOversized = false

  /// An empty buffer.
  public init() { bytes.reserveCapacity(1024) }

  /// Writes one message: its header, with sequence number and port 0, and what `body` writes.
  public mutating func message(
    type: UInt16, flags: MessageFlags, sequence: UInt32 = 0, port: UInt32 = 0, _ body: (inout MessageWriter) -> Void
  ) {
    let start = bytes.count
    u32(0)
    u16(type)
    u16(flags.rawValue)
    u32(sequence)
    u32(port)
    body(&self)
    pad()
    patch(UInt32(truncatingIfNeeded: bytes.count - start), at: start)
  }

  // MARK: Fixed headers

  /// Appends one byte.
  public mutating func u8(_ value: UInt8) { bytes.append(value) }
  /// Appends a number in host byte order.
  public mutating func u16(_ value: UInt16) { host(value) }
  /// Appends a number in host byte order.
  public mutating func u32(_ value: UInt32) { host(value) }
  /// Appends a signed number in host byte order.
  public mutating func i32(_ value: Int32) { host(value) }
  /// Appends a number in host byte order.
  public mutating func u64(_ value: UInt64) { host(value) }
  /// Appends a number in network byte order.
  public mutating func be16(_ value: UInt16) { host(value.bigEndian) }
  /// Appends a number in network byte order.
  public mutating func be32(_ value: UInt32) { host(value.bigEndian) }
  /// Appends bytes as they are.
  public mutating func raw(_ value: [UInt8]) { bytes.append(contentsOf: value) }
  /// Appends zeros up to the next multiple of four.
  public mutating func pad() {
    while bytes.count & 3 != 0 { bytes.append(0) }
  }

  // MARK: Attributes

  /// Writes an attribute without a value, whose presence says all.
  public mutating func attribute(_ type: UInt16) { framed(type) { _ in } }
  /// Writes a number of one byte.
  public mutating func attribute(_ type: UInt16, _ value: UInt8) { framed(type) { $0.u8(value) } }
  /// Writes a number of two bytes in host byte order.
  public mutating func attribute(_ type: UInt16, _ value: UInt16) { framed(type) { $0.host(value) } }
  /// Writes a number of four bytes in host byte order.
  public mutating func attribute(_ type: UInt16, _ value: UInt32) { framed(type) { $0.host(value) } }
  /// Writes a signed number of four bytes in host byte order.
  public mutating func attribute(_ type: UInt16, _ value: Int32) { framed(type) { $0.host(value) } }
  /// Writes a number of eight bytes in host byte order.
  public mutating func attribute(_ type: UInt16, _ value: UInt64) { framed(type) { $0.host(value) } }
  /// Writes a number of two bytes in network byte order.
  public mutating func attribute(_ type: UInt16, bigEndian value: UInt16) { framed(type) { $0.host(value.bigEndian) } }
  /// Writes a number of four bytes in network byte order.
  public mutating func attribute(_ type: UInt16, bigEndian value: UInt32) { framed(type) { $0.host(value.bigEndian) } }
  /// Writes a number of eight bytes in network byte order.
  public mutating func attribute(_ type: UInt16, bigEndian value: UInt64) { framed(type) { $0.host(value.bigEndian) } }
  /// Writes a number of sixteen bytes in network byte order: an IPv6 address.
  public mutating func attribute(_ type: UInt16, bigEndian value: UInt128) { framed(type) { $0.host(value.bigEndian) } }
  /// Writes bytes as they are.
  public mutating func attribute(_ type: UInt16, bytes value: [UInt8]) { framed(type) { $0.raw(value) } }
  /// Writes bytes as they are.
  public mutating func attribute(_ type: UInt16, bytes value: ArraySlice<UInt8>) {
    framed(type) { $0.bytes.append(contentsOf: value) }
  }
  /// Writes a text in UTF-8 without a terminating NUL.
  public mutating func attribute(_ type: UInt16, unterminated value: String) {
    framed(type) { $0.bytes.append(contentsOf: value.utf8) }
  }
  /// Writes a text in UTF-8 with a terminating NUL.
  public mutating func attribute(_ type: UInt16, string value: String) {
    framed(type) {
      $0.bytes.append(contentsOf: value.utf8)
      $0.bytes.append(0)
    }
  }

  /// Writes an attribute that holds what `body` writes: a fixed header, other attributes.
  ///
  /// The type is marked with `NLA_F_NESTED`.
  public mutating func nested(_ type: UInt16, _ body: (inout MessageWriter) -> Void) {
    framed(type | Attribute.nestedBit, body)
  }

  /// Writes an attribute that holds what `body` writes, without the mark: for the types that newer strict kernels
  /// know as plain structures.
  public mutating func framed(_ type: UInt16, _ body: (inout MessageWriter) -> Void) {
    let start = bytes.count
    u16(0)
    u16(type)
    body(&self)
    let length = bytes.count - start
    if length > Int(UInt16.max) { isOversized = true }
    patch(UInt16(truncatingIfNeeded: length), at: start)
    pad()
  }

  // MARK: Bytes

  private mutating func host<Number: FixedWidthInteger>(_ value: Number) {
    unsafe withUnsafeBytes(of: value) { unsafe bytes.append(contentsOf: $0) }
  }

  mutating func patch<Number: FixedWidthInteger>(_ value: Number, at offset: Int) {
    unsafe withUnsafeBytes(of: value) {
      for index in $0.indices { unsafe bytes[offset + index] = $0[index] }
    }
  }
}
