public import NetworkAddresses

/// One field of a key, as bytes.
public struct KeyField: Hashable, Sendable {
  /// The field as the kernel compares it, without padding.
  public let bytes: [UInt8]

  /// A field of these bytes.
  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// The interface's name, at most 15 bytes, filled up with zeros to 16.
  public static func interface(_ name: String) -> KeyField {
    var bytes = Array(name.utf8)
    precondition(bytes.count < 16, "an interface name has at most 15 bytes")
    bytes.append(contentsOf: repeatElement(0, count: 16 - bytes.count))
    return KeyField(bytes: bytes)
  }

  /// Six bytes.
  public static func mac(_ address: MACAddress) -> KeyField { KeyField(bytes: address.bytes) }

  /// Four or sixteen bytes.
  public static func ip(_ address: IPAddress) -> KeyField { KeyField(bytes: address.bytes) }

  /// Four bytes.
  public static func ipv4(_ address: IPv4Address) -> KeyField { KeyField(bytes: address.bytes) }

  /// Sixteen bytes.
  public static func ipv6(_ address: IPv6Address) -> KeyField { KeyField(bytes: address.bytes) }

  /// One byte: a protocol.
  public static func uint8(_ number: UInt8) -> KeyField { KeyField(bytes: [number]) }

  /// Two bytes in network order: a port, an ethertype.
  public static func uint16(_ number: UInt16) -> KeyField {
    KeyField(bytes: [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)])
  }
}

/// A key of a set: its fields, padded as the kernel's registers are.
public struct SetKey: Hashable, Sendable {
  /// A single field as it is; several fields each filled up with zeros to a multiple of four bytes.
  public let bytes: [UInt8]

  /// A key of these bytes, padding included.
  public init(bytes: [UInt8]) { self.bytes = bytes }

  /// A key of these fields.
  public init(_ fields: KeyField...) { self.init(fields) }

  /// A key of these fields.
  public init(_ fields: [KeyField]) {
    guard fields.count > 1 else {
      bytes = fields.first?.bytes ?? []
      return
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(48)
    for field in fields {
      bytes += field.bytes
      while bytes.count % 4 != 0 { bytes.append(0) }
    }
    self.bytes = bytes
  }
}

/// An element of a set or map.
public struct SetElement: Hashable, Sendable {
  /// The key, or the first of a range.
  public let key: SetKey
  /// The last key of a range; `nil` for an exact key.
  ///
  /// In a set of concatenated ranges each field has its own bounds, and exact fields have them equal.
  public let end: SetKey?
  /// What a map has for the key; `nil` in a plain set.
  public let value: Value?

  /// What a map has for the key.
  public enum Value: Hashable, Sendable {
    case data(KeyField)
    case verdict(Verdict)
  }

  /// An exact key; in a map with its value.
  public init(_ key: SetKey, _ value: Value? = nil) { self.init(from: key, through: nil, value) }

  /// A range of keys, both bounds included.
  public init(from first: SetKey, through last: SetKey?, _ value: Value? = nil) {
    key = first
    end = last
    self.value = value
  }

  /// An exact key of several fields.
  public init(_ fields: KeyField...) { self.init(SetKey(fields)) }

  /// The network's addresses after exact fields: an element of a set of (concatenated) ranges.
  public init(_ fields: KeyField..., in network: IPPrefix) {
    let last = IPAddress(family: network.family, number: network.last)
    self.init(from: SetKey(fields + [.ip(network.address)]), through: SetKey(fields + [.ip(last)]))
  }
}
