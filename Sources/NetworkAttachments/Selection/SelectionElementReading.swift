internal import CNI
internal import JSON
internal import NetworkAddresses

extension NetworkSelectionElement {
  /// Reads one object of the JSON form. Keys may be in another case, as Go programs accept them; `null` and an empty
  /// text say nothing.
  init(index: Int, decoding field: JSONField) throws(JSONFieldError) {
    guard field.value?.object != nil else { throw field.error(expected: "an object with a name") }
    self.init(index: index, network: try field.network())
    interface = try field.member(ignoringCase: "interface").interfaceName()
    ips = try field.member(ignoringCase: "ips").requestedIPs()
    mac = try field.member(ignoringCase: "mac").interfaceMAC()
    defaultRoute = try field.member(ignoringCase: "default-route").gateways()
    try readArguments(field.member(ignoringCase: "cni-args"))
    try readUnsupported(field)
  }

  /// What is checked and then refused, so that a wrong value is called wrong rather than unsupported.
  private mutating func readUnsupported(_ field: JSONField) throws(JSONFieldError) {
    let bandwidth = try field.member(ignoringCase: "bandwidth")
    if try bandwidth.checkBandwidth() { refuse(bandwidth, "this version shapes no traffic") }
    let mappings = try field.member(ignoringCase: "portMappings")
    if try mappings.checkPortMappings() {
      refuse(mappings, "port mappings are for the default network only: hostPort in the pod's specification")
    }
    let guid = try field.member(ignoringCase: "infiniband-guid")
    if try guid.optionalText(expected: guidRule, infinibandGUID) != nil {
      refuse(guid, "the interfaces are veth pairs, which have no GUID")
    }
    let claim = try field.member(ignoringCase: "ipam-claim-reference")
    if let text = try claim.string(), !text.isEmpty {
      guard ips.isEmpty else { throw claim.error(expected: "nothing here, because ips says which addresses") }
      refuse(claim, "there are no IPAMClaim objects: ask for addresses with ips")
    }
    try readUnknown(field)
  }

  private mutating func readUnknown(_ field: JSONField) throws(JSONFieldError) {
    let known = try elementKeys.map { key throws(JSONFieldError) in try field.member(ignoringCase: key).lastKey }
    for member in try field.members() ?? [] where !known.contains(member.lastKey) && !member.isAbsent {
      // Whoever meant it for somebody else may have meant it for nobody else, and errors are logged.
      unsupported.append(UnsupportedRequest(key: member.path, value: "(not shown)", reason: unknownKeyReason))
    }
  }

  mutating func refuse(_ field: JSONField, _ reason: String) {
    unsupported.append(
      UnsupportedRequest(key: field.path, value: field.error(expected: "").shownValue, reason: reason))
  }
}

private let elementKeys = [
  "name", "namespace", "interface", "ips", "mac", "cni-args", "default-route", "bandwidth", "portMappings",
  "infiniband-guid", "ipam-claim-reference",
]

private let unknownKeyReason = "unknown key; known are " + elementKeys.joined(separator: ", ")
private let guidRule = "eight octets such as 00:11:22:33:44:55:66:77"

private func infinibandGUID(_ text: String) -> String? {
  let octets = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
  let isHexadecimal: (UInt8) -> Bool = { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
  return octets.count == 8 && octets.allSatisfy { $0.count == 2 && $0.allSatisfy(isHexadecimal) } ? text : nil
}

extension JSONField {
  fileprivate func network() throws(JSONFieldError) -> NetworkReference {
    let nameField = try member(ignoringCase: "name")
    let namespaceField = try member(ignoringCase: "namespace")
    let namespace = try namespaceField.optionalText(expected: namespaceRule, namespaceName)
    let network = try nameField.parsed(expected: networkNameRule) { NetworkReference(name: $0) }
    guard var network else { throw nameField.error(expected: networkNameRule) }
    if let namespace {
      guard case .named(let name, _) = network else {
        throw namespaceField.error(expected: "nothing here, because \(network) has a project")
      }
      network = .named(name, namespace: namespace)
    }
    return network
  }

  fileprivate func interfaceName() throws(JSONFieldError) -> String? {
    guard let name = try string(), !name.isEmpty else { return nil }
    if let problem = interfaceNameProblem(name) { throw error(expected: String(problem.dropFirst("expected ".count))) }
    return name
  }

  func requestedIPs() throws(JSONFieldError) -> [AddressRequest] {
    if isAbsent { return [] }
    let requests = try requestedAddresses()
    if requests.isEmpty { throw error(expected: "at least one address, or no such key") }
    try checkOnePerFamily(requests.map(\.address), "address")
    return requests.map { AddressRequest(address: $0.address, prefixLength: $0.prefixLength) }
  }

  fileprivate func gateways() throws(JSONFieldError) -> [IPAddress]? {
    guard let elements = try array() else { return nil }
    var gateways: [IPAddress] = []
    for element in elements {
      guard let gateway = element.value?.string.flatMap({ IPAddress($0) }) else {
        throw element.error(expected: "a gateway's IP address")
      }
      gateways.append(gateway)
    }
    try checkOnePerFamily(gateways, "gateway")
    return gateways
  }

  private func checkOnePerFamily(_ addresses: [IPAddress], _ what: String) throws(JSONFieldError) {
    for family in IPFamily.allCases where addresses.count(where: { $0.family == family }) > 1 {
      throw error(expected: "at most one \(family) \(what)")
    }
  }

  /// Whether a limit is asked for: at least one rate, and no burst without its rate.
  fileprivate func checkBandwidth() throws(JSONFieldError) -> Bool {
    if isAbsent { return false }
    var isLimited = false
    for direction in ["ingress", "egress"] {
      let rate = try member(ignoringCase: direction + "Rate").integer(in: 0...Int64.max) ?? 0
      let burst = try member(ignoringCase: direction + "Burst")
      if try burst.integer(in: 0...Int64.max) ?? 0 > 0 && rate == 0 {
        throw burst.error(expected: "\(direction)Rate beside it")
      }
      isLimited = isLimited || rate > 0
    }
    if !isLimited { throw error(expected: "ingressRate or egressRate above 0") }
    return true
  }

  /// Whether ports are to be mapped.
  fileprivate func checkPortMappings() throws(JSONFieldError) -> Bool {
    guard let mappings = try array(), !mappings.isEmpty else { return false }
    for mapping in mappings {
      for key in ["hostPort", "containerPort"] {
        let port = try mapping.member(ignoringCase: key)
        guard try port.integer(in: 1...65_535) != nil else { throw port.error(expected: "a port from 1 to 65535") }
      }
      _ = try mapping.member(ignoringCase: "protocol").optionalText(expected: "tcp, udp or sctp") { text in
        ["tcp", "udp", "sctp"].contains(text.lowercased()) ? text : nil
      }
    }
    return true
  }
}
