package import JSON
package import NetworkAddresses

/// `runtimeConfig`: what the runtime fills in for the declared capabilities. Go runtimes write its keys in any case.
///
/// Each capability is read and checked when asked for.
package struct RuntimeConfig: Sendable {
  package static let podAnnotationsKey = "io.kubernetes.cri.pod-annotations"

  let field: JSONField

  /// The pod's annotations; `nil` where the runtime does not pass them, empty where there are none.
  package func podAnnotations() throws(CNIError) -> JSONObject? {
    try readingConfiguration { () throws(JSONFieldError) in
      let annotations = try field.member(Self.podAnnotationsKey)
      if annotations.value == .null { return JSONObject() }
      for member in try annotations.members() ?? [] where member.value?.string == nil {
        throw member.error(expected: "a string")
      }
      return try annotations.object()
    }
  }

  package func dns() throws(CNIError) -> DNS? {
    try readingConfiguration { () throws(JSONFieldError) in
      let dns = try field.member(ignoringCase: "dns")
      return dns.isAbsent ? nil : try DNS(decoding: dns)
    }
  }

  package func mac() throws(CNIError) -> MACAddress? {
    try readingConfiguration { () throws(JSONFieldError) in try field.member(ignoringCase: "mac").interfaceMAC() }
  }

  package func ips() throws(CNIError) -> [RequestedAddress] {
    try readingConfiguration { () throws(JSONFieldError) in
      try field.member(ignoringCase: "ips").requestedAddresses()
    }
  }

  /// Names for the container, per network.
  package func aliases() throws(CNIError) -> [String: [String]] {
    try readingConfiguration { () throws(JSONFieldError) in
      var aliases: [String: [String]] = [:]
      for network in try field.member(ignoringCase: "aliases").members() ?? [] {
        aliases[network.lastKey] = try network.strings() ?? []
      }
      return aliases
    }
  }

  package func cgroupPath() throws(CNIError) -> String? {
    try readingConfiguration { () throws(JSONFieldError) in try field.member(ignoringCase: "cgroupPath").string() }
  }
}

extension RuntimeConfig {
  package struct PortMapping: Hashable, Sendable {
    package let hostPort: UInt16
    package let containerPort: UInt16
    /// `tcp`, `udp` or `sctp`.
    package let networkProtocol: String
    package let hostIP: IPAddress?
  }

  package func portMappings() throws(CNIError) -> [PortMapping] {
    try readingConfiguration { () throws(JSONFieldError) in
      var mappings: [PortMapping] = []
      for mapping in try field.member(ignoringCase: "portMappings").array() ?? [] {
        mappings.append(try portMapping(mapping))
      }
      return mappings
    }
  }

  private func portMapping(_ field: JSONField) throws(JSONFieldError) -> PortMapping {
    let hostPort = try field.member(ignoringCase: "hostPort").integer(in: 0...65_535)
    let containerField = try field.member(ignoringCase: "containerPort")
    guard let containerPort = try containerField.integer(in: 1...65_535) else {
      throw containerField.error(expected: "a whole number from 1 to 65535")
    }
    let networkProtocol = try field.member(ignoringCase: "protocol")
      .parsed(expected: "tcp, udp or sctp") { text in
        let name = text.lowercased()
        return ["tcp", "udp", "sctp"].contains(name) ? name : nil
      }
    let hostIP = try field.member(ignoringCase: "hostIP").optionalText { IPAddress($0) }
    return PortMapping(
      hostPort: UInt16(hostPort ?? 0), containerPort: UInt16(containerPort),
      networkProtocol: networkProtocol ?? "tcp", hostIP: hostIP)
  }

  package struct Bandwidth: Hashable, Sendable {
    /// Bits per second; 0 = unlimited.
    package let ingressRate: UInt64
    /// Bits.
    package let ingressBurst: UInt64
    /// Bits per second; 0 = unlimited.
    package let egressRate: UInt64
    /// Bits.
    package let egressBurst: UInt64
  }

  package func bandwidth() throws(CNIError) -> Bandwidth? {
    try readingConfiguration { () throws(JSONFieldError) in
      let bandwidth = try field.member(ignoringCase: "bandwidth")
      if bandwidth.isAbsent { return nil }
      func number(_ key: String) throws(JSONFieldError) -> UInt64 {
        UInt64(try bandwidth.member(ignoringCase: key).integer(in: 0...Int64.max) ?? 0)
      }
      return Bandwidth(
        ingressRate: try number("ingressRate"), ingressBurst: try number("ingressBurst"),
        egressRate: try number("egressRate"), egressBurst: try number("egressBurst"))
    }
  }

  package struct IPRange: Hashable, Sendable {
    package let subnet: IPPrefix
    package let rangeStart: IPAddress?
    package let rangeEnd: IPAddress?
    package let gateway: IPAddress?
  }

  /// Sets of ranges; one address is wanted from each set.
  package func ipRanges() throws(CNIError) -> [[IPRange]] {
    try readingConfiguration { () throws(JSONFieldError) in
      var sets: [[IPRange]] = []
      for set in try field.member(ignoringCase: "ipRanges").array() ?? [] {
        var ranges: [IPRange] = []
        for range in try set.array() ?? [] { ranges.append(try ipRange(range)) }
        sets.append(ranges)
      }
      return sets
    }
  }

  private func ipRange(_ field: JSONField) throws(JSONFieldError) -> IPRange {
    let subnetField = try field.member(ignoringCase: "subnet")
    guard let subnet = try subnetField.prefix() else { throw subnetField.error(expected: "a network") }
    return IPRange(
      subnet: subnet,
      rangeStart: try field.member(ignoringCase: "rangeStart").optionalText { IPAddress($0) },
      rangeEnd: try field.member(ignoringCase: "rangeEnd").optionalText { IPAddress($0) },
      gateway: try field.member(ignoringCase: "gateway").optionalText { IPAddress($0) })
  }
}
