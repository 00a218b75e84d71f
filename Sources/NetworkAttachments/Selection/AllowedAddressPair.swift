internal import CNI
internal import JSON
public import NetworkAddresses

/// A source that an interface may use beside its own: Contrail's allowed address pair.
public struct AllowedAddressPair: Hashable, Sendable {
  /// Which of several interfaces with the same pair gets its traffic.
  public enum AddressMode: String, Hashable, Sendable, CaseIterable {
    /// All of them: equal-cost multipath.
    case activeActive = "active-active"
    /// The one that announced itself last, as VRRP does.
    case activeStandby = "active-standby"
  }

  /// The addresses; a host is a prefix of the whole width.
  public let prefix: IPPrefix
  /// The MAC address they are used with; `nil` for the interface's own.
  public let mac: MACAddress?
  /// Active-standby unless said otherwise.
  public let mode: AddressMode
}

extension JSONField {
  /// A list of pairs, or a text that holds one.
  func allowedAddressPairs() throws(JSONFieldError) -> [AllowedAddressPair] {
    var list = self
    if let text = value?.string {
      if trimmed(Array(text.utf8)[...]).isEmpty { return [] }
      do {
        list = JSONField(try JSONValue(parsing: text), path: path)
      } catch {
        throw self.error(expected: "a JSON array of objects; \(error)")
      }
    }
    guard let elements = list.value?.array else { throw list.error(expected: "an array of {ip, mac, addressMode}") }
    return try elements.indices.map { index throws(JSONFieldError) in
      try JSONField(elements[index], path: "\(path)[\(index)]").allowedAddressPair()
    }
  }

  private func allowedAddressPair() throws(JSONFieldError) -> AllowedAddressPair {
    guard value?.object != nil else { throw error(expected: "an object with an ip") }
    for member in try members() ?? [] where !["ip", "mac", "addressMode"].contains(member.lastKey) {
      throw member.error(expected: "no such key: a pair has ip, mac and addressMode")
    }
    let pair = AllowedAddressPair(
      prefix: try member("ip").pairPrefix(), mac: try member("mac").interfaceMAC(),
      mode: try member("addressMode").optionalText(expected: "active-active or active-standby", addressMode)
        ?? .activeStandby)
    let shortest = pair.prefix.family == .v4 ? 24 : 120
    if pair.mode == .activeStandby && pair.prefix.length < shortest {
      throw try member("ip").error(
        expected: "a prefix of /\(shortest) or longer, because the pair is active-standby")
    }
    return pair
  }

  /// `ADDRESS`, `ADDRESS/LENGTH`, or `{ipPrefix, ipPrefixLen}` as a VirtualMachineInterface has it.
  private func pairPrefix() throws(JSONFieldError) -> IPPrefix {
    let rule = "an IP address or a network ADDRESS/LENGTH"
    if value?.object != nil {
      let address = try member("ipPrefix")
      guard let base = try address.parsed(expected: "an IP address", { IPAddress($0) }) else {
        throw address.error(expected: "an IP address")
      }
      let length = try member("ipPrefixLen").integer(in: 0...Int64(base.family.bits)) ?? Int64(base.family.bits)
      return try JSONField(.string("\(base)/\(length)"), path: path).prefix() ?? IPPrefix(containing: base, length: 0)
    }
    guard let text = value?.string, !text.isEmpty else { throw error(expected: rule) }
    if let address = IPAddress(text) { return IPPrefix(containing: address, length: address.family.bits) }
    guard InterfaceAddress(text) != nil, let prefix = try prefix() else { throw error(expected: rule) }
    return prefix
  }
}

/// The spelling of the objects, and the one of the documentation's prose.
private func addressMode(_ text: String) -> AllowedAddressPair.AddressMode? {
  switch text {
  case "active-active", "active/active": .activeActive
  case "active-standby", "active/standby": .activeStandby
  default: nil
  }
}
