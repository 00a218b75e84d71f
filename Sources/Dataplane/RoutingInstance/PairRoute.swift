internal import NetlinkRoute
package import NetworkAddresses

/// How a network's gateway reaches the addresses of allowed address pairs.
package struct PairRoute: Hashable, Sendable {
  package let prefix: IPPrefix
  /// The own addresses of the ports that have the prefix at once; empty where the last one that announced itself has it.
  package let holders: [IPAddress]

  package init(prefix: IPPrefix, holders: [IPAddress]) {
    self.prefix = prefix
    self.holders = holders
  }
}

/// What has changed about a gateway's routes to pairs.
package struct PairRouteChange: Sendable {
  /// The routes to prefixes that somebody has, as they are to be.
  package var wanted: [PairRoute] = []
  /// The prefixes that nobody has any more.
  package var gone: [IPPrefix] = []
  /// The own addresses of ports that have joined those who have them, or left.
  package var ports: [IPAddress] = []
  /// Those of them that have nothing together with others any more.
  package var idle: [IPAddress] = []
  /// All prefixes that several may have, if one that has changed holds another one of them or is in it.
  package var nested: [IPPrefix]?

  package init() {}

  package var isEmpty: Bool { wanted.isEmpty && gone.isEmpty }
}

extension PairRoute {
  /// Before imported networks, after what the bridge is connected to.
  static let priority: UInt32 = 512
  var id: UInt32 { NodeNames.nextHopID("\(prefix)") }
}

extension IPAddress {
  var nextHopID: UInt32 { NodeNames.nextHopID(description) }
}

extension RouteProtocol {
  /// Beside that of imported routes (``TransitNames/origin``).
  static let pairs = RouteProtocol(rawValue: TransitNames.origin + 1)
}
