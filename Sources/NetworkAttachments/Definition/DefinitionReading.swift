internal import CNI
internal import JSON
internal import NetworkAddresses

extension NetworkAttachmentDefinition {
  /// The network that the annotations ask for.
  ///
  /// - Throws: an error whose `status` is what the annotation `juniper.net/networks-status` says then.
  public func networkDefinition() throws(NetworkDefinitionError) -> NetworkDefinition {
    var definition = NetworkDefinition(name: name)
    do {
      try definition.read(annotations)
    } catch {
      throw NetworkDefinitionError(name: name, reason: error.description)
    }
    return definition
  }
}

extension NetworkDefinition {
  fileprivate mutating func read(_ annotations: JSONObject) throws(JSONFieldError) {
    func field(_ key: String) -> JSONField { JSONField(annotations[key], path: key) }
    displayName = annotations[AnnotationKey.displayName]?.string
    details = annotations[AnnotationKey.description]?.string
    let networks = try field(AnnotationKey.juniperNetworks).jsonObject()
    existing = try field(AnnotationKey.tungstenNetwork).tungstenNetwork()
    try readSubnets(networks, cidr: field(AnnotationKey.tungstenCIDR))
    routeTargets = try networks.member("routeTargetList").routeTargets()
    importRouteTargets = try networks.member("importRouteTargetList").routeTargets()
    exportRouteTargets = try networks.member("exportRouteTargetList").routeTargets()
    podNetwork = try networks.member("podNetwork").bool() ?? false
    allocation = try networks.member("allocation").choice() ?? allocation
    let properties = try networks.member("virtualNetworkProperties")
    forwardingMode = try properties.member("forwardingMode").choice() ?? forwardingMode
    reversePathForwarding = try properties.member("rpf").choice() ?? reversePathForwarding
    try readFabric(networks, field)
    try readUnknown(networks)
  }

  private mutating func readSubnets(_ networks: JSONField, cidr: JSONField) throws(JSONFieldError) {
    for family in IPFamily.allCases {
      let key = family == .v4 ? "ipamV4" : "ipamV6"
      let subnetField = try networks.member(key + "Subnet")
      let gatewayField = try networks.member(key + "Gateway")
      let prefix = try subnetField.podSubnet(family)
      let gateway = try gatewayField.optionalText(expected: "an \(family) address") { IPAddress($0) }
      let other = try cidr.prefix().flatMap { $0.family == family ? $0 : nil }
      if let other { try checkPodSubnet(other, cidr) }
      if let prefix, let other, prefix != other {
        throw cidr.error(expected: "\(prefix), as \(subnetField.path) says, or no such annotation")
      }
      try checkGateway(gateway, prefix ?? other, gatewayField)
      if let prefix = prefix ?? other { subnets.append(Subnet(prefix: prefix, gateway: gateway)) }
    }
    if let existing, !subnets.isEmpty {
      throw JSONFieldError(
        path: AnnotationKey.tungstenNetwork, value: .string(existing.description),
        expected: "no network that exists beside a subnet for a new one")
    }
    if existing == nil && subnets.isEmpty {
      throw networks.error(expected: "a subnet under ipamV4Subnet or ipamV6Subnet, or \(AnnotationKey.tungstenCIDR)")
    }
  }

  /// Forwarding wins over translation, and CN2's key over Tungsten Fabric's.
  private mutating func readFabric(
    _ networks: JSONField, _ field: (String) -> JSONField
  ) throws(JSONFieldError) {
    let translation = try field(AnnotationKey.tungstenFabricSNAT).truth()
    let forwarding = try field(AnnotationKey.tungstenFabricForwarding).truth()
    fabricForwarding = try networks.member("fabricForwarding").bool() ?? forwarding ?? false
    fabricSNAT = try networks.member("fabricSNAT").bool() ?? translation ?? false
    if fabricForwarding && fabricSNAT {
      fabricSNAT = false
      warnings.append("fabricSNAT has no effect, because fabricForwarding is true")
    }
  }

  private mutating func readUnknown(_ networks: JSONField) throws(JSONFieldError) {
    func unknown(_ field: JSONField, _ known: [String]) throws(JSONFieldError) -> [String] {
      try (field.object()?.keys ?? []).filter { !known.contains($0) }
    }
    unknownKeys = try unknown(networks, networkKeys)
    unknownKeys += try unknown(networks.member("virtualNetworkProperties"), propertyKeys)
      .map { "virtualNetworkProperties." + $0 }
    if !unknownKeys.isEmpty {
      warnings.append(
        "unknown keys of \(AnnotationKey.juniperNetworks) are ignored: " + unknownKeys.joined(separator: ", "))
    }
  }
}

private let networkKeys = [
  "ipamV4Subnet", "ipamV6Subnet", "ipamV4Gateway", "ipamV6Gateway", "allocation", "routeTargetList",
  "importRouteTargetList", "exportRouteTargetList", "fabricSNAT", "podNetwork", "fabricForwarding",
  "virtualNetworkProperties",
]
private let propertyKeys = ["forwardingMode", "rpf"]

extension JSONField {
  /// The object in a text of JSON, under the same path; absent where the text is absent or empty.
  func jsonObject() throws(JSONFieldError) -> JSONField {
    guard let text = try string(), !trimmed(Array(text.utf8)[...]).isEmpty else { return JSONField(nil, path: path) }
    let value: JSONValue
    do {
      value = try JSONValue(parsing: text, limit: JSONValue.configurationLimit)
    } catch {
      throw self.error(expected: "a JSON object; \(error)")
    }
    guard value.object != nil else { throw error(expected: "a JSON object") }
    return JSONField(value, path: path)
  }

  fileprivate func podSubnet(_ family: IPFamily) throws(JSONFieldError) -> IPPrefix? {
    guard let prefix = try prefix() else { return nil }
    guard prefix.family == family else { throw error(expected: "an \(family) network, not \(prefix.family)") }
    try checkPodSubnet(prefix, self)
    return prefix
  }

  fileprivate func routeTargets() throws(JSONFieldError) -> [RouteTargetName] {
    var targets: [RouteTargetName] = []
    for element in try array() ?? [] {
      guard let target = element.value?.string.flatMap({ RouteTargetName($0) }) else {
        throw element.error(expected: "target:<asn or IPv4>:<number>, such as target:64500:100")
      }
      targets.append(target)
    }
    return targets
  }

  /// One of the texts of `Choice`.
  fileprivate func choice<Choice: RawRepresentable<String> & CaseIterable>() throws(JSONFieldError) -> Choice? {
    try parsed(expected: Choice.allCases.map(\.rawValue).joined(separator: " or ")) { Choice(rawValue: $0) }
  }

  /// `true` or `false` in any case.
  fileprivate func truth() throws(JSONFieldError) -> Bool? {
    try optionalText(expected: "true or false") { truthValue($0) }
  }
}

/// `true` or `false` in any case; `nil` for anything else.
func truthValue(_ text: String) -> Bool? {
  switch text.lowercased() {
  case "true": true
  case "false": false
  default: nil
  }
}
