package import JSON
internal import NetworkAddresses

extension CNIResult {
  /// Reads a result of any version: `ip4`/`ip6` of the oldest, the lists of the others.
  package init(decoding field: JSONField) throws(JSONFieldError) {
    self.init()
    let version = try field.member("cniVersion")
    if let text = try version.string(), !text.isEmpty, CNIVersion(text) == nil {
      throw version.error(expected: "a version of the CNI specification")
    }
    for element in try field.member("interfaces").array() ?? [] { interfaces.append(try Interface(decoding: element)) }
    for element in try field.member("ips").array() ?? [] {
      ips.append(try Address(decoding: element, interfaces: interfaces.count))
    }
    for element in try field.member("routes").array() ?? [] { routes.append(try Route(decoding: element)) }
    for key in ["ip4", "ip6"] { try decodePerFamily(field.member(key)) }
    dns = try DNS(decoding: field.member("dns"))
  }

  private mutating func decodePerFamily(_ field: JSONField) throws(JSONFieldError) {
    if field.isAbsent { return }
    ips.append(try Address(decoding: field, addressKey: "ip", interfaces: 0))
    for element in try field.member("routes").array() ?? [] { routes.append(try Route(decoding: element)) }
  }
}

extension CNIResult.Interface {
  fileprivate init(decoding field: JSONField) throws(JSONFieldError) {
    func text(_ key: String) throws(JSONFieldError) -> String? {
      let text = try field.member(key).string()
      return text?.isEmpty == true ? nil : text
    }
    let name = try field.member("name")
    guard let nameText = try name.string() else { throw name.error(expected: "a string") }
    self.init(
      name: nameText, mac: try text("mac") ?? "", mtu: try field.number("mtu"), sandbox: try text("sandbox"),
      socketPath: try text("socketPath"), pciID: try text("pciID"))
  }
}

extension CNIResult.Address {
  fileprivate init(
    decoding field: JSONField, addressKey: String = "address", interfaces: Int
  ) throws(JSONFieldError) {
    let addressField = try field.member(addressKey)
    let expected = "an address with its prefix length"
    guard let address = try addressField.parsed(expected: expected, { InterfaceAddress($0) }) else {
      throw addressField.error(expected: expected)
    }
    let interface = try field.member("interface")
    let index = try interface.integer(in: 0...Int64(Int32.max)).map { Int($0) }
    if let index, index >= interfaces { throw interface.error(expected: "an index into interfaces") }
    self.init(address, gateway: try field.member("gateway").optionalText { IPAddress($0) }, interface: index)
  }
}

extension CNIResult.Route {
  fileprivate init(decoding field: JSONField) throws(JSONFieldError) {
    let destination = try field.member("dst")
    let expected = "a network ADDRESS/LENGTH"
    // Other plugins write host bits, and the kernel cuts them off.
    guard let network = try destination.parsed(expected: expected, { InterfaceAddress($0)?.network }) else {
      throw destination.error(expected: expected)
    }
    self.init(
      network, gateway: try field.member("gw").optionalText { IPAddress($0) }, mtu: try field.number("mtu"),
      advertisedMSS: try field.number("advmss"), priority: try field.number("priority"),
      table: try field.number("table"), scope: try field.number("scope"))
  }
}

extension JSONField {
  fileprivate func number(_ key: String) throws(JSONFieldError) -> Int? {
    try member(key).integer(in: 0...Int64(UInt32.max)).map { Int($0) }
  }
}
