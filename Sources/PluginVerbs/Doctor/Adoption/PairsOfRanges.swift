internal import NetworkAddresses
internal import NetworkAttachments

extension AllowedAddressPair {
  /// The pairs that the filter's ranges were made from.
  ///
  /// - Parameters:
  ///   - own: the interface's MAC, with which every pair's addresses may be used.
  ///   - gateways: what is left out of the ranges.
  ///   - shared: the ranges that several interfaces have at once.
  static func pairs(
    _ ranges: [(mac: MACAddress, first: IPAddress, last: IPAddress)], own: MACAddress, gateways: [IPAddress],
    shared: [(first: IPAddress, last: IPAddress)]
  ) -> [AllowedAddressPair] {
    var pairs: [AllowedAddressPair] = []
    for mac in Set(ranges.map(\.mac)).sorted(by: { ($0 == own ? 1 : 0, $0.rawValue) < ($1 == own ? 1 : 0, $1.rawValue) }
    ) {
      for family in IPFamily.allCases {
        let mine = ranges.filter { $0.mac == mac && $0.first.family == family }.map {
          ($0.first.number, $0.last.number)
        }
        for prefix in prefixes(joined(mine, gateways.filter { $0.family == family }.map(\.number)), family) {
          if mac == own, pairs.contains(where: { $0.prefix == prefix }) { continue }
          let isShared = shared.contains { $0.first <= prefix.address && prefix.last <= $0.last.number }
          pairs.append(
            AllowedAddressPair(
              prefix: prefix, mac: mac == own ? nil : mac, mode: isShared ? .activeActive : .activeStandby))
        }
      }
    }
    return pairs
  }

  /// Ranges whose gap is a gateway are one.
  private static func joined(_ ranges: [(UInt128, UInt128)], _ gateways: [UInt128]) -> [(UInt128, UInt128)] {
    var joined: [(first: UInt128, last: UInt128)] = []
    for (first, last) in ranges.sorted(by: { $0.0 < $1.0 }) {
      if let before = joined.last, before.last < .max - 1, before.last + 2 == first, gateways.contains(before.last + 1)
      {
        joined[joined.count - 1].last = last
      } else {
        joined.append((first, last))
      }
    }
    return joined.map { ($0.first, $0.last) }
  }

  /// The fewest prefixes that cover the ranges.
  private static func prefixes(_ ranges: [(UInt128, UInt128)], _ family: IPFamily) -> [IPPrefix] {
    var prefixes: [IPPrefix] = []
    for (first, last) in ranges {
      var next = first
      while next <= last {
        var length = family.bits
        while length > 0 {
          let wider = IPPrefix(containing: IPAddress(family: family, number: next), length: length - 1)
          if wider.address.number != next || wider.last > last { break }
          length -= 1
        }
        let prefix = IPPrefix(containing: IPAddress(family: family, number: next), length: length)
        prefixes.append(prefix)
        if prefix.last >= last { break }
        next = prefix.last + 1
      }
    }
    return prefixes
  }
}
