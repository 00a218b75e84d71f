internal import CNI
package import JSON
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

  package init(prefix: IPPrefix, mac: MACAddress?, mode: AddressMode) {
    self.prefix = prefix
    self.mac = mac
    self.mode = mode
  }
}

extension JSONField {
  /// A list of pairs, or a text that holds one.
  func allowedAddressPairs() throws(JSONFieldError) -> [AllowedAddressPair] {
    var list = self
    if let text = value?.string {
      if trimmed(Array(text.utf8)[...]).isEmpty { return [] }
      do {
        list = JSONField(try JSONValue(parsing: text, limit: JSONValue.configurationLimit), path: path)
      } catch {
        throw self.error(expected: "a JSON array of objects such as \(pairExample); \(error)")
      }
    }
    if list.isAbsent { return [] }
    guard let elements = list.value?.array else { throw list.error(expected: "an array of {ip, mac, addressMode}") }
    guard elements.count <= AllowedAddressPair.limit else {
      throw error(expected: "at most \(AllowedAddressPair.limit) pairs")
    }
    return try elements.indices.map { index throws(JSONFieldError) in
      try JSONField(elements[index], path: "\(path)[\(index)]").allowedAddressPair()
    }
  }

  func allowedAddressPair() throws(JSONFieldError) -> AllowedAddressPair {
    guard value?.object != nil else { throw error(expected: "an object with an ip, as in \(pairExample)") }
    for member in try members() ?? [] where !["ip", "mac", "addressMode"].contains(member.lastKey) {
      throw member.error(expected: "no such key: a pair has ip, mac and addressMode")
    }
    let pair = AllowedAddressPair(
      prefix: try member("ip").pairPrefix(), mac: try member("mac").interfaceMAC(),
      mode: try member("addressMode").optionalText(expected: "active-active or active-standby", addressMode)
        ?? .activeStandby)
    if let reason = pair.prefix.unusable { throw try member("ip").error(expected: reason) }
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

/// What messages show to those who made one of the usual mistakes.
let pairExample =
  #"[{"ip": "10.1.1.5", "mac": "00:00:5e:00:01:05", "addressMode": "active-standby"}], with every address in quotes and a "#
  + "comma between members"

extension AllowedAddressPair {
  /// The pairs of a VirtualMachineInterface's `spec`: `allowedAddressPairs.allowedAddressPair`.
  package static func pairs(
    inInterface spec: JSONObject
  ) throws(JSONFieldError) -> [AllowedAddressPair] {
    let field = try JSONField(.object(spec), path: "spec").member("allowedAddressPairs")
    for member in try field.members() ?? [] where member.lastKey != "allowedAddressPair" {
      throw member.error(expected: "no such key: there is allowedAddressPair, a list of {ip, mac, addressMode}")
    }
    return try field.member("allowedAddressPair").allowedAddressPairs()
  }

  /// How many an interface can have.
  package static let limit = 1024

  /// `172.16.10.100/32`, `10.9.0.0/24 active-active mac 00:00:5e:00:01:05`
  package var summary: String {
    var text = prefix.length == prefix.family.bits ? "\(prefix.address)" : "\(prefix)"
    if let mac { text += " mac \(mac)" }
    return mode == .activeActive ? text + " active-active" : text
  }
}

extension IPPrefix {
  /// Why nobody can have the addresses; `nil` where somebody can.
  fileprivate var unusable: String? {
    let isAnything = length == 0
    let bytes = address.bytes
    let isMulticast = family == .v4 ? bytes[0] >= 224 : bytes[0] == 0xff
    let isLoopback = family == .v4 ? bytes[0] == 127 : length == 128 && address.number == 1
    let isUnspecified = length == family.bits && address.number == 0
    return !isAnything && (isMulticast || isLoopback || isUnspecified)
      ? "the address of a host or network: no multicast, loopback or unspecified one" : nil
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
