/// An IPv6 address, kept as a number in host byte order.
public struct IPv6Address: Hashable, Comparable, Sendable {
  /// The address as a number: `::1` is 1.
  public var rawValue: UInt128

  /// The address with this number.
  public init(rawValue: UInt128) { self.rawValue = rawValue }

  /// The address in any form of RFC 4291 section 2.2, an embedded IPv4 tail included; `nil` for anything else, a zone
  /// (`%eth0`) included.
  public init?(_ text: some StringProtocol) { self.init(ascii: Array(text.utf8)[...]) }

  init?(ascii: ArraySlice<UInt8>) {
    var scanner = GroupScanner()
    guard scanner.scan(ascii), let value = scanner.value else { return nil }
    rawValue = value
  }

  /// By number.
  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The sixteen octets in network order.
  public var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: rawValue >> (120 - 8 * $0)) } }

  /// The link-local address that an interface with this MAC makes for itself (RFC 4291 appendix A, modified EUI-64).
  public static func linkLocal(from mac: MACAddress) -> IPv6Address {
    let octets = mac.rawValue ^ 0x0200_0000_0000
    let identifier = UInt128(octets >> 24) << 40 | UInt128(0xfffe) << 24 | UInt128(octets & 0xff_ffff)
    return IPv6Address(rawValue: UInt128(0xfe80) << 112 | identifier)
  }
}

/// Reads the groups of an IPv6 address and where its `::` stands.
private struct GroupScanner {
  /// The groups so far as one number.
  private var number: UInt128 = 0
  private var count = 0
  /// How many groups precede the `::`.
  private var gap: Int?

  /// The address that the scanned groups make, if they are enough.
  var value: UInt128? {
    guard let gap else { return count == 8 ? number : nil }
    guard count < 8 else { return nil }
    let below = 16 * (count - gap)
    let lower = number & ((1 << below) &- 1)
    return (number >> below) << (16 * (8 - gap)) | lower
  }

  /// False if the text is no address; a number of groups that is too small is left to `value`.
  mutating func scan(_ ascii: ArraySlice<UInt8>) -> Bool {
    var rest = ascii
    if rest.first == colon {
      rest.removeFirst()
      guard scanGap(&rest) else { return false }
    }
    while !rest.isEmpty {
      let end = rest.firstIndex(of: colon) ?? rest.endIndex
      let isLast = end == rest.endIndex
      guard scanWord(rest[..<end], isLast: isLast) else { return false }
      if isLast { break }
      rest = rest[(end + 1)...]
      if rest.first == colon {
        guard scanGap(&rest) else { return false }
      } else if rest.isEmpty {
        return false
      }
    }
    return true
  }

  /// The second colon of a `::`, of which there is one at most.
  private mutating func scanGap(_ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.first == colon, gap == nil else { return false }
    rest.removeFirst()
    gap = count
    return true
  }

  private mutating func scanWord(_ word: ArraySlice<UInt8>, isLast: Bool) -> Bool {
    if isLast, let tail = IPv4Address(ascii: word) {
      number = number << 32 | UInt128(tail.rawValue)
      count += 2
    } else {
      guard !word.isEmpty, word.count <= 4 else { return false }
      var group: UInt128 = 0
      for byte in word {
        guard let digit = hexadecimalDigit(byte) else { return false }
        group = group << 4 | UInt128(digit)
      }
      number = number << 16 | group
      count += 1
    }
    return count <= 8
  }
}

private let colon = UInt8(ascii: ":")

extension IPv6Address: CustomStringConvertible {
  /// The canonical form of RFC 5952: lower case, the longest run of two or more zero groups as `::`, and an IPv4-mapped
  /// address with its IPv4 tail.
  public var description: String {
    var writer = ASCIIWriter(capacity: 39)
    if rawValue >> 32 == 0xffff {
      for character in "::ffff:".unicodeScalars { writer.write(character) }
      IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawValue)).write(to: &writer)
      return writer.text
    }
    let run = longestZeroRun
    var index = 0
    while index < 8 {
      if index == run.lowerBound, !run.isEmpty {
        writer.write(":")
        writer.write(":")
        index = run.upperBound
      } else {
        if index > 0, index != run.upperBound || run.isEmpty { writer.write(":") }
        writer.writeHexadecimal(group(index))
        index += 1
      }
    }
    return writer.text
  }

  /// One of the eight 16-bit groups, the most significant first.
  private func group(_ index: Int) -> UInt16 { UInt16(truncatingIfNeeded: rawValue >> (112 - 16 * index)) }

  /// The first of the longest runs of at least two zero groups; empty if there is none.
  private var longestZeroRun: Range<Int> {
    var best = 0..<0
    var start = 0
    while start < 8 {
      var end = start
      while end < 8 && group(end) == 0 { end += 1 }
      if end - start >= 2 && end - start > best.count { best = start..<end }
      start = end + 1
    }
    return best
  }
}
