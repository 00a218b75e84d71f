public import NetworkAddresses

/// A network from which pods get addresses: its prefix, its gateway, and which of its addresses may be handed out.
///
/// The gateway, the excluded networks, the first address and (IPv4) the last address are never handed out. The last
/// address of an IPv6 subnet is an ordinary one.
public struct Subnet: Hashable, Sendable {
  /// The network: all of its addresses, and the on-link prefix of its pods.
  public let prefix: IPPrefix
  /// A host address of `prefix`; the first one unless another was asked for.
  public let gateway: IPAddress
  /// Where addresses are taken from: ascending, without overlap. The whole prefix unless ranges were asked for.
  public let ranges: [AddressRange]
  /// Networks from which no address is taken.
  public let excludes: [IPPrefix]

  /// A range as people configure it: an open end means the subnet's first or last host address.
  public struct Bounds: Hashable, Sendable {
    /// The lowest address; `nil` for the first host address.
    public var start: IPAddress?
    /// The highest address; `nil` for the last host address.
    public var end: IPAddress?

    /// Bounds as configured; ``Subnet`` checks them.
    public init(start: IPAddress? = nil, end: IPAddress? = nil) {
      self.start = start
      self.end = end
    }
  }

  /// Checks the configuration; the error names the field and what would be right.
  ///
  /// - Parameters:
  ///   - gateway: a host address in `prefix`, inside the ranges or not; `nil` for the first one.
  ///   - ranges: the parts of `prefix` to allocate from; none means all of it.
  ///   - excludes: networks that overlap `prefix`.
  public init(_ prefix: IPPrefix, gateway: IPAddress? = nil, ranges: [Bounds] = [], excludes: [IPPrefix] = [])
    throws(SubnetError)
  {
    let longest = prefix.family.bits - 2
    guard prefix.length <= longest else { throw SubnetError(.prefix, "\(prefix)", .tooSmall(longest: longest)) }
    let hosts = Self.hosts(of: prefix)
    if let gateway {
      try Self.check(.gateway, gateway, in: prefix)
      guard hosts.contains(gateway) else { throw SubnetError(.gateway, "\(gateway)", .notAHostAddress(prefix)) }
    }
    for exclude in excludes where !exclude.overlaps(prefix) {
      throw SubnetError(
        .exclude, "\(exclude)",
        exclude.family == prefix.family ? .outside(prefix) : .wrongFamily(expected: prefix.family))
    }
    self.prefix = prefix
    self.gateway = gateway ?? hosts.first
    self.ranges = ranges.isEmpty ? [hosts] : try Self.validated(ranges, of: prefix, hosts: hosts)
    self.excludes = excludes
  }

  /// Whether `address` is in the subnet, handed out or not.
  public func contains(_ address: IPAddress) -> Bool { prefix.contains(address) }

  /// The addresses that hosts can have: without the first, and for IPv4 without the last.
  var hosts: AddressRange { Self.hosts(of: prefix) }

  /// The addresses that may be handed out, ascending.
  var allocatable: [AddressRange] {
    let holes = [AddressRange(gateway, gateway)] + excludes.map { AddressRange($0) }
    return ranges.flatMap { $0.intersection(hosts)?.subtracting(holes) ?? [] }
  }

  /// What decides which addresses may be handed out, in text form. Written without `map` and `joined`, whose first use
  /// costs a short-lived process more than the allocation.
  var configuration: String {
    var text = prefix.description
    text += " via "
    text += gateway.description
    var separator = " from "
    if ranges.count != 1 || ranges[0] != hosts {
      for range in ranges {
        text += separator
        text += range.description
        separator = ","
      }
    }
    separator = " except "
    for exclude in excludes {
      text += separator
      text += exclude.description
      separator = ","
    }
    return text
  }

  private static func hosts(of prefix: IPPrefix) -> AddressRange {
    AddressRange(family: prefix.family, prefix.first + 1, prefix.family == .v4 ? prefix.last - 1 : prefix.last)
  }

  private static func check(_ field: SubnetError.Field, _ address: IPAddress, in prefix: IPPrefix) throws(SubnetError) {
    guard address.family == prefix.family else {
      throw SubnetError(field, "\(address)", .wrongFamily(expected: prefix.family))
    }
    guard prefix.contains(address) else { throw SubnetError(field, "\(address)", .outside(prefix)) }
  }

  private static func validated(_ ranges: [Bounds], of prefix: IPPrefix, hosts: AddressRange) throws(SubnetError)
    -> [AddressRange]
  {
    var accepted: [AddressRange] = []
    for bounds in ranges {
      let start = bounds.start ?? hosts.first
      let end = bounds.end ?? hosts.last
      try check(.rangeStart, start, in: prefix)
      try check(.rangeEnd, end, in: prefix)
      guard start <= end else { throw SubnetError(.rangeStart, "\(start)", .startAfterEnd(end: end)) }
      let range = AddressRange(start, end)
      if let other = accepted.first(where: { $0.overlaps(range) }) {
        throw SubnetError(.rangeStart, "\(start)", .overlaps(other))
      }
      accepted.append(range)
    }
    return accepted.sorted { $0.first < $1.first }
  }
}
