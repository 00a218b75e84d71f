public import NetworkAddresses

extension Subnet {
  /// Reads and checks a configuration in text form, as it stands in a CNI configuration or an annotation.
  ///
  /// ```swift
  /// try Subnet(parsing: "10.0.0.5/24")  // subnet 10.0.0.5/24: host bits are set; the network is 10.0.0.0/24
  /// ```
  ///
  /// - Parameters:
  ///   - prefix: a network without host bits (`10.32.0.0/12`, `2001:db8::/64`).
  ///   - family: the family that the prefix must have, where the key it stands under says so.
  ///   - ranges: start and end; `nil` for the first and last host address.
  ///   - excludes: networks, or single addresses.
  public init(
    parsing prefix: some StringProtocol, family: IPFamily? = nil, gateway: String? = nil,
    ranges: [(start: String?, end: String?)] = [], excludes: [String] = []
  ) throws(SubnetError) {
    let network = try Self.network(.prefix, prefix)
    if let family, network.family != family {
      throw SubnetError(.prefix, String(prefix), .wrongFamily(expected: family))
    }
    var bounds: [Bounds] = []
    for range in ranges {
      let start = try Self.address(.rangeStart, range.start)
      bounds.append(Bounds(start: start, end: try Self.address(.rangeEnd, range.end)))
    }
    var excluded: [IPPrefix] = []
    for text in excludes {
      if let single = IPAddress(text) {
        excluded.append(IPPrefix(containing: single, length: single.family.bits))
      } else {
        excluded.append(try Self.network(.exclude, text))
      }
    }
    try self.init(network, gateway: try Self.address(.gateway, gateway), ranges: bounds, excludes: excluded)
  }

  private static func network(_ field: SubnetError.Field, _ text: some StringProtocol) throws(SubnetError) -> IPPrefix {
    do {
      return try IPPrefix(parsing: text)
    } catch {
      switch error {
      case .malformed: throw SubnetError(field, String(text), .malformed)
      case .hostBits(let network): throw SubnetError(field, String(text), .hostBits(network: network))
      }
    }
  }

  private static func address(_ field: SubnetError.Field, _ text: String?) throws(SubnetError) -> IPAddress? {
    guard let text else { return nil }
    guard let address = IPAddress(text) else { throw SubnetError(field, text, .malformed) }
    return address
  }
}
