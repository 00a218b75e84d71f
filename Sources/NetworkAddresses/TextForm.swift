/// Addresses are read and written as ASCII bytes: their text needs nothing of Unicode, whose tables cost a short-lived
/// process more than all the rest.
struct ASCIIWriter {
  private var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func write(_ byte: Unicode.Scalar) { bytes.append(UInt8(ascii: byte)) }

  /// Without leading zeros.
  mutating func writeDecimal(_ number: UInt8) {
    if number >= 100 { bytes.append(zero + number / 100) }
    if number >= 10 { bytes.append(zero + number / 10 % 10) }
    bytes.append(zero + number % 10)
  }

  /// Lower case, at least `digits` of the at most four.
  mutating func writeHexadecimal(_ number: UInt16, digits: Int = 1) {
    for place in [3, 2, 1, 0] where place < digits || number >> (4 * place) != 0 {
      let digit = UInt8(truncatingIfNeeded: number >> (4 * place)) & 15
      bytes.append(digit < 10 ? zero + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}

/// The value of a decimal digit.
func decimalDigit(_ byte: UInt8) -> UInt8? {
  byte >= zero && byte <= UInt8(ascii: "9") ? byte - zero : nil
}

/// The value of a hexadecimal digit in either case.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
  if let digit = decimalDigit(byte) { return digit }
  let lower = byte | 0x20
  return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "f") ? lower - UInt8(ascii: "a") + 10 : nil
}

/// `ADDRESS/LENGTH`, the length within the family's width and without leading zeros.
func parseAddressAndLength(_ ascii: ArraySlice<UInt8>) -> (IPAddress, Int)? {
  guard let slash = ascii.firstIndex(of: UInt8(ascii: "/")), let address = IPAddress(ascii: ascii[..<slash]) else {
    return nil
  }
  let digits = ascii[(slash + 1)...]
  guard let first = digits.first, digits.count <= 3, digits.count == 1 || first != zero else { return nil }
  var length = 0
  for byte in digits {
    guard let digit = decimalDigit(byte) else { return nil }
    length = length * 10 + Int(digit)
  }
  return length <= address.family.bits ? (address, length) : nil
}

private let zero = UInt8(ascii: "0")
