public import NetworkAddresses

/// A BGP route target (RFC 4360, RFC 5668) as manifests write it: `target:<asn or IPv4>:<number>`.
public struct RouteTargetName: Hashable, Sendable {
  /// Who numbers the target.
  public enum Administrator: Hashable, Sendable {
    /// An autonomous system, from 1.
    case autonomousSystem(UInt32)
    /// A router's address.
    case address(IPv4Address)
  }

  /// The first half.
  public let administrator: Administrator
  /// The second half: 16 bits where the first takes four octets, else 32.
  public let number: UInt32

  /// The target of these halves; `nil` where they do not fit into eight octets together.
  public init?(_ administrator: Administrator, _ number: UInt32) {
    if case .autonomousSystem(let asn) = administrator {
      if asn == 0 || (asn > 65_535 && number > 65_535) { return nil }
    } else if number > 65_535 {
      return nil
    }
    self.administrator = administrator
    self.number = number
  }

  /// `target:<asn or IPv4>:<number>` without leading zeros; `nil` for anything else.
  public init?(_ text: String) {
    self.init(parts: text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false))
  }

  /// `target-<asn or IPv4>-<number>`, the name of the target's object; `nil` for anything else.
  public init?(objectName: String) {
    self.init(parts: objectName.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false))
  }

  private init?(parts: [Substring.UTF8View]) {
    guard parts.count == 3, parts[0].elementsEqual("target".utf8), let number = decimal(parts[2]) else { return nil }
    if let asn = decimal(parts[1]) {
      self.init(.autonomousSystem(asn), number)
    } else if let address = IPv4Address(Substring(parts[1])) {
      self.init(.address(address), number)
    } else {
      return nil
    }
  }

  /// `64512:8000009`
  public var shortText: String {
    switch administrator {
    case .autonomousSystem(let asn): "\(asn):\(number)"
    case .address(let address): "\(address):\(number)"
    }
  }

  /// The name of the target's object: `target-64512-8000009`.
  public var objectName: String {
    switch administrator {
    case .autonomousSystem(let asn): "target-\(asn)-\(number)"
    case .address(let address): "target-\(address)-\(number)"
    }
  }
}

extension RouteTargetName: CustomStringConvertible {
  /// `target:64512:8000009`
  public var description: String { "target:" + shortText }
}

/// A 32-bit number without leading zeros.
private func decimal(_ digits: Substring.UTF8View) -> UInt32? {
  guard (1...10).contains(digits.count), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
  var value: UInt64 = 0
  for byte in digits {
    guard (0x30...0x39).contains(byte) else { return nil }
    value = value * 10 + UInt64(byte - 0x30)
  }
  return UInt32(exactly: value)
}
