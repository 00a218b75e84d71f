internal import CLinux
internal import Netlink
internal import NetworkAddresses

/// The shape of rtnetlink's answers: a fixed header, then attributes.
extension Message {
  /// The attributes after a fixed header; `nil` where the header or an attribute is cut short.
  func attributes(afterHeader length: Int) -> Attributes? {
    guard payload.count >= length else { return nil }
    let attributes = Attributes(payload, afterHeader: length)
    return attributes.isWellFormed ? attributes : nil
  }

  /// A byte of the fixed header; 0 where it is cut short.
  func byte(at offset: Int) -> UInt8 { payload.number(at: offset) ?? 0 }
}

extension MessageWriter {
  mutating func attribute(_ type: UInt16, _ address: IPAddress) {
    switch address {
    case .v4(let address): attribute(type, bigEndian: address.rawValue)
    case .v6(let address): attribute(type, bigEndian: address.rawValue)
    }
  }

  mutating func attribute(_ type: UInt16, _ address: MACAddress) { attribute(type, bytes: address.bytes) }

  mutating func attribute(_ type: UInt16, _ flag: Bool) { attribute(type, flag ? UInt8(1) : 0) }
}

extension Attribute {
  /// The value as an address, told by its length.
  var ipAddress: IPAddress? {
    switch payload.count {
    case 4: payload.number(at: 0).map { .v4(IPv4Address(rawValue: UInt32(bigEndian: $0))) }
    case 16: payload.number(at: 0).map { .v6(IPv6Address(rawValue: UInt128(bigEndian: $0))) }
    default: nil
    }
  }

  /// The value as an Ethernet address.
  var macAddress: MACAddress? {
    guard payload.count == 6, let high: UInt32 = payload.number(at: 0), let low: UInt16 = payload.number(at: 4) else {
      return nil
    }
    return MACAddress(rawValue: UInt64(UInt32(bigEndian: high)) << 16 | UInt64(UInt16(bigEndian: low)))
  }

  /// The value as a yes or no.
  var flag: Bool? { uint8.map { $0 != 0 } }
}

extension IPFamily {
  /// The corresponding C constants are `AF_INET` and `AF_INET6`.
  var number: UInt8 { self == .v4 ? UInt8(AF_INET) : UInt8(AF_INET6) }

  init?(number: UInt8) {
    switch Int32(number) {
    case AF_INET: self = .v4
    case AF_INET6: self = .v6
    default: return nil
    }
  }
}
