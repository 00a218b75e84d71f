package import CNI
package import JSON
internal import NetworkAddresses

extension ContrailConfiguration {
  /// Reads the `contrail` object of a network configuration; absent keys have their defaults.
  package init(_ configuration: NetworkConfiguration) throws(CNIError) {
    let contrail = try readingConfiguration { () throws(JSONFieldError) in
      try configuration.field.member("contrail")
    }
    try self.init(contrail: contrail)
  }

  /// Reads the object itself, checks it, and gathers warnings.
  package init(contrail: JSONField) throws(CNIError) {
    self.init()
    try readingConfiguration { () throws(JSONFieldError) in try read(contrail) }
    let interfaceType = try readingConfiguration { () throws(JSONFieldError) in
      try contrail.member("vif-type")
    }
    if !interfaceType.isAbsent, interfaceType.value?.string != "veth" {
      throw CNIError(interfaceType.error(expected: "veth, the only kind there is"), code: .unsupportedField)
    }
    try checkAddresses(contrail)
  }

  private mutating func read(_ contrail: JSONField) throws(JSONFieldError) {
    clusterName =
      try contrail.member("cluster-name").parsed(expected: clusterNameRule, clusterName(from:)) ?? clusterName
    podNetwork = try PodNetwork(contrail.member("pod-network"))
    serviceNetwork = try ServiceNetwork(contrail.member("service-network"))
    mtu = try contrail.member("mtu").mtu() ?? mtu
    stateDirectory = try contrail.member("state-dir").parsed(expected: pathRule, absolutePath) ?? stateDirectory
    runDirectory = try contrail.member("run-dir").parsed(expected: pathRule, absolutePath) ?? runDirectory
    lockTimeout = try contrail.member("lock-timeout").integer(in: 0...3600).map { Int($0) } ?? lockTimeout
    unknownNamespace =
      try contrail.member("unknown-namespace").parsed(expected: "shared or refuse") { UnknownNamespace(rawValue: $0) }
      ?? unknownNamespace
    logFile = try contrail.member("log-file").logFile(default: logFile)
    logLevel = try contrail.member("log-level").logLevel() ?? logLevel
    network = try contrail.member("network").optionalText(
      expected: "NAMESPACE/NAME or DOMAIN:PROJECT:NAME", networkReference)
    linkLocalServices = try contrail.member("link-local-services").linkLocalAddresses()
    connectionLimit = try contrail.member("connection-limit").bound(from: 1024) ?? connectionLimit
    connectionRate = try contrail.member("connection-rate").bound(from: 1) ?? connectionRate
    warnings = try configurationWarnings(contrail)
  }
}

extension ContrailConfiguration.PodNetwork {
  fileprivate init(_ field: JSONField) throws(JSONFieldError) {
    self.init()
    ipv4Subnet = try field.member("ipamV4Subnet").subnet(.v4, default: ipv4Subnet)
    ipv4Gateway = try field.member("ipamV4Gateway").optionalText(expected: "an IPv4 address") { IPv4Address($0) }
    ipv6Subnet = try field.member("ipamV6Subnet").subnet(.v6, default: nil)
    ipv6Gateway = try field.member("ipamV6Gateway").optionalText(expected: "an IPv6 address") { IPv6Address($0) }
    fabricSNAT = try field.member("fabricSNAT").bool() ?? fabricSNAT
  }
}

extension ContrailConfiguration.ServiceNetwork {
  fileprivate init(_ field: JSONField) throws(JSONFieldError) {
    self.init()
    ipv4Subnet = try field.member("ipamV4Subnet").subnet(.v4, default: ipv4Subnet)
    ipv6Subnet = try field.member("ipamV6Subnet").subnet(.v6, default: nil)
  }
}

extension JSONField {
  /// A subnet of the family: the default where the key is absent, none where it is empty.
  fileprivate func subnet(_ family: IPFamily, default standard: IPPrefix?) throws(JSONFieldError) -> IPPrefix? {
    if isAbsent { return standard }
    guard let subnet = try prefix() else { return nil }
    guard subnet.family == family else { throw error(expected: "an \(family) network, not \(subnet.family)") }
    return subnet
  }

  fileprivate func mtu() throws(JSONFieldError) -> Int? {
    guard let mtu = try integer(in: 0...65_535) else { return nil }
    guard mtu == 0 || mtu >= 68 else {
      throw error(expected: "0 (that of the node's default-route interface) or 68 to 65535")
    }
    return Int(mtu)
  }

  /// A number of connections, or 0 for any number.
  fileprivate func bound(from least: UInt32) throws(JSONFieldError) -> UInt32? {
    guard let number = try integer(in: 0...1_048_576).map({ UInt32($0) }) else { return nil }
    guard number == 0 || number >= least else { throw error(expected: "0 (no limit) or \(least) to 1048576") }
    return number
  }

  fileprivate func logFile(default standard: String?) throws(JSONFieldError) -> String? {
    if isAbsent { return standard }
    return try optionalText(expected: "an absolute path, or \"\" for no log", absolutePath)
  }

  fileprivate func logLevel() throws(JSONFieldError) -> LogLevel? {
    if isAbsent { return nil }
    let level: LogLevel? =
      switch value {
      case .string(let text): LogLevel(text)
      case .integer(let number): LogLevel(rawValue: Int(number))
      default: nil
      }
    guard let level else {
      throw error(expected: "0 to 7 or emerg, alert, crit, err, warning, notice, info, debug")
    }
    return level
  }

  fileprivate func linkLocalAddresses() throws(JSONFieldError) -> [IPv4Address] {
    var addresses: [IPv4Address] = []
    for element in try array() ?? [] {
      guard let address = element.value?.string.flatMap({ IPv4Address($0) }), address.rawValue >> 16 == 0xa9fe else {
        throw element.error(expected: "an address in 169.254.0.0/16")
      }
      addresses.append(address)
    }
    return addresses
  }
}

private let clusterNameRule = "1 to 63 letters, digits, '-', '_' or '.', the first a letter or digit"
private let pathRule = "an absolute path"

private func clusterName(from text: String) -> String? { isIdentifier(text) && text.utf8.count <= 63 ? text : nil }

private func absolutePath(_ text: String) -> String? {
  text.utf8.first == UInt8(ascii: "/") && !text.utf8.contains(0) ? text : nil
}

private func networkReference(_ text: String) -> String? {
  switch NetworkReference(text) {
  case .named(_, namespace: _?), .qualified: text
  case .named, nil: nil
  }
}
