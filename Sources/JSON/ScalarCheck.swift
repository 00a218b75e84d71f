extension GrammarCheck {
  /// A string, from quote to quote: escapes, no raw control characters, well-formed UTF-8 (Unicode table 3-7).
  mutating func string(isKey: Bool) throws(JSONError) {
    position += 1
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"): try escape(isKey: isKey)
      case 0x20..<0x80: position += 1
      case 0x80...: try multiByteScalar(lead: byte)
      default: throw failure(.controlCharacter(byte))
      }
    }
    throw failure(.truncated)
  }

  private mutating func escape(isKey: Bool) throws(JSONError) {
    let start = position
    position += 1
    guard let byte = current else { throw failure(.truncated) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return
    case UInt8(ascii: "u"): break
    default: throw failure(.invalidEscape, at: start)
    }
    let unit = try fourDigits(escapeStart: start)
    if unit == 0 && isKey { throw failure(.nullInKey, at: start) }
    guard (0xd800...0xdfff).contains(unit) else { return }
    guard unit < 0xdc00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")),
      (0xdc00...0xdfff).contains(try fourDigits(escapeStart: start))
    else { throw failure(.loneSurrogate, at: start) }
  }

  private mutating func fourDigits(escapeStart: Int) throws(JSONError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = current else { throw failure(.truncated) }
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
      default: throw failure(.invalidEscape, at: escapeStart)
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  private mutating func multiByteScalar(lead: UInt8) throws(JSONError) {
    let second: ClosedRange<UInt8>
    let length: Int
    switch lead {
    case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: throw failure(.invalidUTF8)
    }
    guard position + length <= bytes.count, second.contains(bytes[position + 1]) else { throw failure(.invalidUTF8) }
    for index in position + 2..<max(position + length, position + 2) where bytes[index] & 0xc0 != 0x80 {
      throw failure(.invalidUTF8)
    }
    position += length
  }

  mutating func number() throws(JSONError) {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if let byte = current, isDigit(byte) { throw failure(.malformedNumber, at: start) }
    var isInteger = true
    if take(UInt8(ascii: ".")) {
      isInteger = false
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    try checkRange(of: start..<position, isInteger: isInteger)
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = current, isDigit(byte) { position += 1 }
    if position == start { throw current == nil ? failure(.truncated) : failure(.malformedNumber) }
  }

  private func checkRange(of range: Range<Int>, isInteger: Bool) throws(JSONError) {
    // Up to 18 digits always fit, and so does a short number without exponent.
    if isInteger && range.count <= 18 { return }
    let text = String(decoding: bytes[range], as: UTF8.self)
    let shortened = text.utf8.count > 40 ? "\(text.prefix(40))..." : text
    if isInteger {
      if Int64(text) == nil && UInt64(text) == nil { throw failure(.integerRange(shortened), at: range.lowerBound) }
    } else if Double(text)?.isFinite != true {
      throw failure(.numberRange(shortened), at: range.lowerBound)
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
