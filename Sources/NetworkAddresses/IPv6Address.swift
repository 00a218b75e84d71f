/// An IPv6 address, kept as a number in host byte order.
public struct IPv6Address: Hashable, Comparable, Sendable {
  /// The address as a number: `::1` is 1.
  public var rawValue: UInt128

  public init(rawValue: UInt128) { self.rawValue = rawValue }

  /// The address in any form of RFC 4291 section 2.2, an embedded IPv4 tail included; `nil` for anything else, a zone
  /// (`%eth0`) included.
  public init?(_ text: some StringProtocol) {
    var scanner = GroupScanner()
    guard scanner.scan(text), let value = scanner.value else { return nil }
    rawValue = value
  }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The sixteen octets in network order.
  public var bytes: [UInt8] { (0..<16).map { UInt8(truncatingIfNeeded: rawValue >> (120 - 8 * $0)) } }

  /// The eight 16-bit groups, the most significant first.
  var groups: [UInt16] { (0..<8).map { UInt16(truncatingIfNeeded: rawValue >> (112 - 16 * $0)) } }

  /// The link-local address that an interface with this MAC makes for itself (RFC 4291 appendix A, modified EUI-64).
  public static func linkLocal(from mac: MACAddress) -> IPv6Address {
    let octets = mac.rawValue ^ 0x0200_0000_0000
    let identifier = UInt128(octets >> 24) << 40 | UInt128(0xfffe) << 24 | UInt128(octets & 0xff_ffff)
    return IPv6Address(rawValue: UInt128(0xfe80) << 112 | identifier)
  }
}

/// Reads the groups of an IPv6 address and where its `::` stands.
private struct GroupScanner {
  private var groups: [UInt16] = []
  private var gap: Int?

  /// The address that the scanned groups make, if they are enough.
  var value: UInt128? {
    var all = groups
    if let gap {
      guard groups.count < 8 else { return nil }
      all.insert(contentsOf: repeatElement(0, count: 8 - groups.count), at: gap)
    }
    guard all.count == 8 else { return nil }
    return all.reduce(0) { $0 << 16 | UInt128($1) }
  }

  mutating func scan(_ text: some StringProtocol) -> Bool {
    var rest = Array(text.utf8)[...]
    if rest.starts(with: [colon, colon]) {
      gap = 0
      rest = rest.dropFirst(2)
    }
    while !rest.isEmpty {
      let word = rest.prefix { $0 != colon }
      rest = rest.dropFirst(word.count)
      if word.contains(UInt8(ascii: ".")) {
        guard rest.isEmpty, let tail = IPv4Address(String(decoding: word, as: UTF8.self)) else { return false }
        groups += [UInt16(tail.rawValue >> 16), UInt16(truncatingIfNeeded: tail.rawValue)]
        break
      }
      guard (1...4).contains(word.count), word.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
        let group = UInt16(String(decoding: word, as: UTF8.self), radix: 16)
      else { return false }
      groups.append(group)
      if rest.isEmpty { break }
      rest = rest.dropFirst()
      if rest.first == colon {
        guard gap == nil else { return false }
        gap = groups.count
        rest = rest.dropFirst()
      } else if rest.isEmpty {
        return false
      }
    }
    return groups.count <= 8
  }
}

private let colon = UInt8(ascii: ":")

extension IPv6Address: CustomStringConvertible {
  /// The canonical form of RFC 5952: lower case, the longest run of two or more zero groups as `::`.
  public var description: String {
    let groups = self.groups
    if groups[0..<5].allSatisfy({ $0 == 0 }), groups[5] == 0xffff {
      return "::ffff:\(IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawValue)))"
    }
    guard let run = longestZeroRun(groups) else { return join(groups[...]) }
    return join(groups[..<run.lowerBound]) + "::" + join(groups[run.upperBound...])
  }

  private func join(_ groups: ArraySlice<UInt16>) -> String {
    groups.map { String($0, radix: 16) }.joined(separator: ":")
  }

  private func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
    var best: Range<Int>?
    var start = 0
    while start < groups.count {
      var end = start
      while end < groups.count && groups[end] == 0 { end += 1 }
      if end - start >= 2 && end - start > best?.count ?? 0 { best = start..<end }
      start = end + 1
    }
    return best
  }
}
