package import JSON
internal import NetworkAddresses

extension CNIResult {
  /// The result in the shape of a version. The oldest cannot tell of an attachment without an address.
  package func json(version: CNIVersion) throws(CNIError) -> JSONValue {
    var object = JSONObject()
    object["cniVersion"] = .string(version.text)
    switch version.resultShape {
    case .addressPerFamily: try encodePerFamily(into: &object, version)
    case .listWithFamily, .list: encodeLists(into: &object, version)
    }
    if !dns.isEmpty { object["dns"] = dns.json }
    for member in additions.members { object[member.key] = member.value }
    return .object(object)
  }

  private func encodePerFamily(into object: inout JSONObject, _ version: CNIVersion) throws(CNIError) {
    guard !ips.isEmpty else {
      throw CNIError(
        .invalidConfiguration, "cniVersion: a result of \(version) needs an address, and there is none",
        "use 0.3.0 or newer")
    }
    for (family, key) in [(IPFamily.v4, "ip4"), (.v6, "ip6")] {
      guard let first = ips.first(where: { $0.address.address.family == family }) else { continue }
      var entry = JSONObject()
      entry["ip"] = .string(first.address.description)
      entry["gateway"] = text(first.gateway)
      let ownRoutes = routes.filter { $0.destination.family == family }
      if !ownRoutes.isEmpty { entry["routes"] = .array(ownRoutes.map { $0.json(withMetrics: false) }) }
      object[key] = .object(entry)
    }
  }

  private func encodeLists(into object: inout JSONObject, _ version: CNIVersion) {
    if !interfaces.isEmpty {
      object["interfaces"] = .array(interfaces.map { $0.json(withDetails: version.hasLinkDetails) })
    }
    if !ips.isEmpty {
      object["ips"] = .array(ips.map { $0.json(withFamily: version.resultShape == .listWithFamily) })
    }
    if !routes.isEmpty {
      object["routes"] = .array(routes.map { $0.json(withMetrics: version.hasLinkDetails) })
    }
  }
}

extension CNIResult.Interface {
  fileprivate func json(withDetails: Bool) -> JSONValue {
    var object = JSONObject()
    object["name"] = .string(name)
    if !mac.isEmpty { object["mac"] = .string(mac) }
    if withDetails { object["mtu"] = integer(mtu) }
    object["sandbox"] = sandbox.map { .string($0) }
    if withDetails {
      object["socketPath"] = socketPath.map { .string($0) }
      object["pciID"] = pciID.map { .string($0) }
    }
    return .object(object)
  }
}

extension CNIResult.Address {
  fileprivate func json(withFamily: Bool) -> JSONValue {
    var object = JSONObject()
    if withFamily { object["version"] = address.address.family == .v4 ? "4" : "6" }
    object["interface"] = integer(interface)
    object["address"] = .string(address.description)
    object["gateway"] = text(gateway)
    return .object(object)
  }
}

extension CNIResult.Route {
  fileprivate func json(withMetrics: Bool) -> JSONValue {
    var object = JSONObject()
    object["dst"] = .string(destination.description)
    object["gw"] = text(gateway)
    if withMetrics {
      object["mtu"] = integer(mtu)
      object["advmss"] = integer(advertisedMSS)
      object["priority"] = integer(priority)
      object["table"] = integer(table)
      object["scope"] = integer(scope)
    }
    return .object(object)
  }
}

private func integer(_ value: Int?) -> JSONValue? { value.map { .integer(Int64($0)) } }

private func text(_ address: IPAddress?) -> JSONValue? { address.map { .string($0.description) } }
