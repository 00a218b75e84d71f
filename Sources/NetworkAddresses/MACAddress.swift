/// A 48-bit Ethernet address.
public struct MACAddress: Hashable, Sendable {
  /// The six octets as a number, the first octet the most significant; the upper 16 bits are zero.
  public let rawValue: UInt64

  /// The address in the lower 48 bits; the upper 16 are cut off.
  public init(rawValue: UInt64) { self.rawValue = rawValue & 0xffff_ffff_ffff }

  /// Six octets of two hexadecimal digits, separated by `:` or throughout by `-`; `nil` for anything else.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard bytes.count == 17, bytes[2] == UInt8(ascii: ":") || bytes[2] == UInt8(ascii: "-") else { return nil }
    var value: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      if index % 3 == 2 {
        guard byte == bytes[2] else { return nil }
      } else {
        guard let digit = hexadecimalDigit(byte) else { return nil }
        value = value << 4 | UInt64(digit)
      }
    }
    rawValue = value
  }

  /// The address in the given six octets; `nil` for any other count.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 6 else { return nil }
    rawValue = bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The six octets in transmission order.
  public var bytes: [UInt8] { (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> (40 - 8 * $0)) } }

  /// Whether this is a group address (multicast or broadcast), which no interface can own.
  public var isMulticast: Bool { rawValue & 0x0100_0000_0000 != 0 }
}

extension MACAddress: CustomStringConvertible {
  /// Lower-case octets separated by colons.
  public var description: String {
    var writer = ASCIIWriter(capacity: 17)
    for shift in stride(from: UInt64(40), through: 0, by: -8) {
      writer.writeHexadecimal(UInt16(rawValue >> shift & 0xff), digits: 2)
      if shift > 0 { writer.write(":") }
    }
    return writer.text
  }
}
