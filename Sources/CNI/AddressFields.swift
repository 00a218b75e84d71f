package import JSON
package import NetworkAddresses

extension JSONField {
  /// An IP address; `nil` where the field is absent or empty.
  package func optionalText<Value>(
    expected: String = "an IP address", _ read: (String) -> Value?
  ) throws(JSONFieldError) -> Value? {
    if let text = value?.string, text.isEmpty { return nil }
    return try parsed(expected: expected, read)
  }

  /// A network `ADDRESS/LENGTH` without host bits; `nil` where the field is absent or empty.
  package func prefix() throws(JSONFieldError) -> IPPrefix? {
    guard let text = try string(), !text.isEmpty else { return nil }
    do {
      return try IPPrefix(parsing: text)
    } catch {
      switch error {
      case .hostBits(let network): throw self.error(expected: "the network \(network): host bits are set")
      case .malformed: throw self.error(expected: "a network ADDRESS/LENGTH")
      }
    }
  }

  /// The MAC address of an interface; `nil` where the field is absent or empty.
  package func interfaceMAC() throws(JSONFieldError) -> MACAddress? {
    try optionalText(expected: unicastMAC) { MACAddress(interface: $0) }
  }

  /// A list of addresses, with or without a prefix length.
  package func requestedAddresses() throws(JSONFieldError) -> [RequestedAddress] {
    var addresses: [RequestedAddress] = []
    for element in try array() ?? [] {
      let expected = "an IP address, with or without a prefix length"
      guard let address = try element.parsed(expected: expected, { RequestedAddress($0) }) else {
        throw element.error(expected: expected)
      }
      addresses.append(address)
    }
    return addresses
  }
}

let unicastMAC = "six octets such as 02:00:00:00:00:01, neither all zero nor a group address"

extension MACAddress {
  /// An address that an interface can have.
  init?(interface text: String) {
    guard let address = MACAddress(text), !address.isMulticast, address.rawValue != 0 else { return nil }
    self = address
  }
}

/// An address that the caller asks for.
package struct RequestedAddress: Hashable, Sendable {
  package let address: IPAddress
  package let prefixLength: Int?

  package init(_ address: IPAddress, prefixLength: Int? = nil) {
    self.address = address
    self.prefixLength = prefixLength
  }

  /// `ADDRESS` or `ADDRESS/LENGTH`.
  package init?(_ text: String) {
    if let address = IPAddress(text) {
      self.init(address)
    } else if let address = InterfaceAddress(text) {
      self.init(address.address, prefixLength: address.prefixLength)
    } else {
      return nil
    }
  }
}
