/// An IPv4 address, kept as a number in host byte order.
public struct IPv4Address: Hashable, Comparable, Sendable {
  /// The address as a number: 10.0.0.1 is `0x0a000001`.
  public var rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// The address in dotted-decimal form with exactly four decimal parts and no leading zeros, as `inet_pton` reads it;
  /// `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    var value: UInt32 = 0
    var part: UInt32 = 0
    var digits = 0
    var parts = 1
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if digits > 0 && part == 0 { return nil }
        part = part * 10 + UInt32(byte - UInt8(ascii: "0"))
        digits += 1
        if part > 255 { return nil }
      case UInt8(ascii: "."):
        if digits == 0 || parts == 4 { return nil }
        value = value << 8 | part
        part = 0
        digits = 0
        parts += 1
      default: return nil
      }
    }
    if digits == 0 || parts != 4 { return nil }
    rawValue = value << 8 | part
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The four octets in network order.
  public var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (24 - 8 * $0)) } }
}

extension IPv4Address: CustomStringConvertible {
  public var description: String {
    "\(rawValue >> 24).\(rawValue >> 16 & 255).\(rawValue >> 8 & 255).\(rawValue & 255)"
  }
}
