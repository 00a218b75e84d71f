internal import JSON
package import NetworkAddresses

/// What the caller asks for in more than one place. `runtimeConfig` comes before `args.cni`, and that before `CNI_ARGS`.
extension NetworkConfiguration {
  package func requestedMAC(_ arguments: CNIArguments) throws(CNIError) -> MACAddress? {
    if let mac = try runtimeConfig().mac() { return mac }
    let field = try argumentsField("mac")
    if let mac = try readingConfiguration({ () throws(JSONFieldError) in try field.interfaceMAC() }) { return mac }
    guard let text = arguments["MAC"] else { return nil }
    guard let mac = MACAddress(interface: text) else {
      throw CNIError(.invalidConfiguration, "CNI_ARGS: MAC=\(text) is not valid", "expected \(unicastMAC)")
    }
    return mac
  }

  package func requestedAddresses(_ arguments: CNIArguments) throws(CNIError) -> [RequestedAddress] {
    let runtime = try runtimeConfig().ips()
    if !runtime.isEmpty { return runtime }
    let field = try argumentsField("ips")
    let configured = try readingConfiguration { () throws(JSONFieldError) in try field.requestedAddresses() }
    if !configured.isEmpty { return configured }
    guard let text = arguments["IP"] else { return [] }
    var addresses: [RequestedAddress] = []
    for part in text.split(separator: ",") {
      guard let address = RequestedAddress(String(part)) else {
        throw CNIError(
          .invalidConfiguration, "CNI_ARGS: IP=\(text) is not valid", "expected IP addresses separated by commas")
      }
      addresses.append(address)
    }
    return addresses
  }

  package struct Label: Hashable, Sendable {
    package let key: String
    package let value: String
  }

  /// `args.cni.labels`.
  package func labels() throws(CNIError) -> [Label] {
    let field = try argumentsField("labels")
    return try readingConfiguration { () throws(JSONFieldError) in
      var labels: [Label] = []
      for label in try field.array() ?? [] {
        let key = try label.member("key")
        guard let name = try key.string() else { throw key.error(expected: "a string") }
        labels.append(Label(key: name, value: try label.member("value").string() ?? ""))
      }
      return labels
    }
  }

  private func argumentsField(_ key: String) throws(CNIError) -> JSONField {
    try readingConfiguration { () throws(JSONFieldError) in
      try field.member("args").member("cni").member(key)
    }
  }
}
