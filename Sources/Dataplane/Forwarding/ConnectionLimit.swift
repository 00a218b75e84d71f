internal import NetlinkNetfilter

/// How many of the connections that a namespace keeps track of a port may hold, and open in a second.
///
/// The kernel's table is one for the namespace: who fills it keeps everybody there from opening connections. A closed TCP
/// connection is remembered for up to two minutes and is not counted as one; so the rate at which they are opened is bounded
/// too. A port is known by the MAC that its frames come from, which the source filter makes true; an IPv6 prefix is one port.
package struct ConnectionLimit: Equatable, Sendable {
  /// Open connections of a port; 0 = no limit.
  package let open: UInt32
  /// TCP connections that a port may open in a second; 0 = no limit.
  package let perSecond: UInt32

  package init(open: UInt32, perSecond: UInt32) {
    self.open = open
    self.perSecond = perSecond
  }

  package static let none = ConnectionLimit(open: 0, perSecond: 0)

  /// For an instance's fingerprint.
  var fingerprint: String { "connections \(open) rate \(perSecond)" }

  // MARK: Rules

  private static let perPort = "port-connections"
  private static let perLink = "link-connections"
  private static let open = NamedSet("open", key: [.etherAddress, .mark], flags: .dynamic, size: 65_536)
  private static let rates = NamedSet("rates", key: [.etherAddress], flags: .dynamic, timeout: 60_000, size: 65_536)
  private static let linkOpen = NamedSet("link-open", key: [.interfaceName, .mark], flags: .dynamic, size: 1024)
  private static let linkRates = NamedSet(
    "link-rates", key: [.interfaceName], flags: .dynamic, timeout: 60_000, size: 1024)
  /// The comment of the rules that a kernel without `nft_connlimit` refuses.
  package static let tooMany = "too many connections"
  /// A port's connections are kept in so many parts, by chance: counting looks at all of one part.
  private static let buckets: UInt32 = 64
  /// What comes by a link from many ports may be so many times as much as comes from one.
  private static let linkShare: UInt32 = 8

  /// Makes sets and chains in a table of family inet, before the chains that ``rules`` are for.
  func add(to transaction: inout Transaction, in table: Table) {
    if self == .none { return }
    for set in [Self.open, Self.rates, Self.linkOpen, Self.linkRates] { transaction.add(set, to: table) }
    for (chain, field, openSet, rateSet, share) in [
      (Self.perPort, Field.sourceMAC, Self.open, Self.rates, 1),
      (Self.perLink, Field.inputInterface, Self.linkOpen, Self.linkRates, Self.linkShare),
    ] {
      transaction.add(Chain(chain), to: table)
      if perSecond > 0 {
        // A burst as large as what may be open at once: a program that starts may open all of it.
        let limit = RuleLimit.packets(
          perSecond: UInt64(perSecond) * UInt64(share), burst: max(open, perSecond) * share)
        transaction.add(
          rule: [
            .match(.transportProtocol, is: 6), .exceeds(limit, of: [field], in: rateSet.name), .counter, .drop,
          ], comment: "opens connections too fast", to: chain, in: table)
      }
      if open > 0 {
        let limit = RuleLimit.connections((open + Self.buckets - 1) / Self.buckets)
        transaction.add(
          rule: [
            .exceeds(limit, of: [field], buckets: Self.buckets * share, in: openSet.name), .counter, .drop,
          ], comment: Self.tooMany, to: chain, in: table)
      }
    }
  }

  /// The first rules of the forward and input chains: what opens a connection is counted.
  ///
  /// - Parameter knowsPorts: whether a frame's source says which port it is from; otherwise all ports together are
  ///   counted as a link.
  func rules(knowsPorts: Bool = true) -> [[Statement]] {
    if self == .none { return [] }
    // Only the first packet of a connection is not confirmed yet.
    let isFirst = Statement.match(.conntrackStatus, mask: UInt64(ConntrackStatus.confirmed.rawValue), is: 0)
    return [(NodeNames.bridge, knowsPorts ? Self.perPort : Self.perLink), (TransitNames.instanceLink, Self.perLink)]
      .map { link, chain in [.match(.inputInterface, is: .interface(link)), isFirst, .jump(chain)] }
  }
}
