package import JSON
internal import NetworkAddresses

extension NetworkStatus {
  /// The annotation's value: a JSON array, laid out as Multus and CN2 do (four spaces a level, elements joined by `},{`).
  public static func annotation(_ statuses: [NetworkStatus]) -> String {
    var text: [UInt8] = [UInt8(ascii: "[")]
    for status in statuses {
      if text.count > 1 { text.append(UInt8(ascii: ",")) }
      text += doublingIndents(JSONValue.object(status.json).text(.pretty))
    }
    text.append(UInt8(ascii: "]"))
    return String(decoding: text, as: UTF8.self)
  }

  /// The annotation's value as JSON.
  package static func json(_ statuses: [NetworkStatus]) -> JSONValue { .array(statuses.map { .object($0.json) }) }

  /// Keys in the order in which they are always printed.
  var json: JSONObject {
    var object: JSONObject = ["name": .string(name.description), "interface": .string(interface)]
    object["ips"] = texts(ips)
    object["mac"] = mac.map { .string($0.description) }
    object["default"] = isDefault ? true : nil
    object["dns"] = .object(dns.json)
    object["gateway"] = texts(gateways)
    object["mtu"] = mtu.map { .integer(Int64($0)) }
    return object
  }

  private func texts(_ addresses: [IPAddress]) -> JSONValue? {
    addresses.isEmpty ? nil : .array(addresses.map { .string($0.description) })
  }
}

extension NetworkStatus.DNS {
  fileprivate var json: JSONObject {
    var object = JSONObject()
    object["nameservers"] = texts(nameservers)
    object["domain"] = domain.isEmpty ? nil : .string(domain)
    object["search"] = texts(search)
    object["options"] = texts(options)
    return object
  }

  private func texts(_ strings: [String]) -> JSONValue? {
    strings.isEmpty ? nil : .array(strings.map { .string($0) })
  }
}

/// The text with every line's indent doubled: two spaces a level become four. No line break is inside of a JSON string.
private func doublingIndents(_ text: String) -> [UInt8] {
  var doubled: [UInt8] = []
  doubled.reserveCapacity(text.utf8.count * 2)
  var isIndent = true
  for byte in text.utf8 {
    isIndent = byte == UInt8(ascii: "\n") || (isIndent && byte == UInt8(ascii: " "))
    doubled.append(byte)
    if isIndent && byte == UInt8(ascii: " ") { doubled.append(byte) }
  }
  return doubled
}
