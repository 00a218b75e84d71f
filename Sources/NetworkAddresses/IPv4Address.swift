/// An IPv4 address, kept as a number in host byte order.
public struct IPv4Address: Hashable, Comparable, Sendable {
  /// The address as a number: 10.0.0.1 is `0x0a000001`.
  public var rawValue: UInt32

  /// The address with this number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The address in dotted-decimal form with exactly four decimal parts and no leading zeros, as `inet_pton` reads it;
  /// `nil` for anything else.
  public init?(_ text: some StringProtocol) { self.init(ascii: Array(text.utf8)[...]) }

  init?(ascii: ArraySlice<UInt8>) {
    var value: UInt32 = 0
    var part: UInt32 = 0
    var digits = 0
    var parts = 1
    for byte in ascii {
      if let digit = decimalDigit(byte) {
        if digits > 0 && part == 0 { return nil }
        part = part * 10 + UInt32(digit)
        digits += 1
        if part > 255 { return nil }
      } else {
        guard byte == UInt8(ascii: "."), digits > 0, parts < 4 else { return nil }
        value = value << 8 | part
        part = 0
        digits = 0
        parts += 1
      }
    }
    if digits == 0 || parts != 4 { return nil }
    rawValue = value << 8 | part
  }

  /// By number.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The four octets in network order.
  public var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (24 - 8 * $0)) } }
}

extension IPv4Address: CustomStringConvertible {
  /// Dotted decimal.
  public var description: String {
    var writer = ASCIIWriter(capacity: 15)
    write(to: &writer)
    return writer.text
  }

  func write(to writer: inout ASCIIWriter) {
    for shift in stride(from: UInt32(24), through: 0, by: -8) {
      writer.writeDecimal(UInt8(truncatingIfNeeded: rawValue >> shift))
      if shift > 0 { writer.write(".") }
    }
  }
}
