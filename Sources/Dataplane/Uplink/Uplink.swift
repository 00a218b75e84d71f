package import NetworkAddresses

/// The way from a routing instance of its own namespace to the outside, through the node's.
package struct Uplink: Equatable, Sendable {
  /// `namespace/network`.
  package let name: String
  /// The network's number; at most 24 bits. The node's end of the link is named after it.
  package let vni: UInt32
  /// The networks that are behind the instance.
  package let prefixes: [IPPrefix]
  package let translation: Translation

  /// Under which addresses the outside sees the pods.
  package enum Translation: Equatable, Sendable {
    /// Under the node's (`fabricSNAT`). Networks may have the same addresses: the instance translates its own to these,
    /// at most one a family, which no other instance has, and the node those to its own. Nobody outside can begin.
    case node(by: [IPAddress])
    /// Under their own (`fabricForwarding`). No other network may have them, and the outside knows that they are here.
    case own
  }

  package init(name: String, vni: UInt32, prefixes: [IPPrefix], translation: Translation) {
    self.name = name
    self.vni = vni
    self.prefixes = prefixes
    self.translation = translation
  }

  /// What the node leads to the instance.
  var nodePrefixes: [IPPrefix] {
    switch translation {
    case .own: prefixes
    case .node(let addresses): addresses.map { IPPrefix(containing: $0, length: $0.family.bits) }
    }
  }
}

/// What all uplinks of a node have in common.
package struct UplinkSettings: Equatable, Sendable {
  /// Where instances' addresses towards the node are from, at most one a family.
  package let transitNetworks: [IPPrefix]
  /// The addresses in 169.254.0.0/16 that pods may reach.
  package let linkLocalServices: [IPv4Address]

  package init(transitNetworks: [IPPrefix] = Self.defaultTransitNetworks, linkLocalServices: [IPv4Address] = []) {
    self.transitNetworks = transitNetworks
    self.linkLocalServices = linkLocalServices
  }

  /// Addresses that carriers use between themselves and customers (RFC 6598), and a unique local network.
  package static let defaultTransitNetworks = [
    IPPrefix(containing: .v4(IPv4Address(rawValue: 0x6440_0000)), length: 16),
    IPPrefix(containing: .v6(IPv6Address(rawValue: 0xfd00_0064 << 96)), length: 64),
  ]

  /// An instance's addresses in the transit networks; `nil` where one of them has no room for that number.
  package func addresses(vni: UInt32) -> [IPAddress]? {
    var addresses: [IPAddress] = []
    for network in transitNetworks {
      let number = network.first + UInt128(vni)
      if number > network.last { return nil }
      addresses.append(IPAddress(family: network.family, number: number))
    }
    return addresses
  }
}

/// The names of uplinks. Next hops are those of the transit's links.
package enum UplinkNames {
  /// The instance's end.
  package static let instanceLink = "up0"
  /// The index that the instance's end asks for.
  static let instanceLinkIndex = NodeNames.bridgeIndex + 2
  static let instanceMAC = MACAddress(rawValue: 0x0200_5e00_0302)
  static let nodeMAC = MACAddress(rawValue: 0x0200_5e00_0301)
  /// What the node's ends' names begin with, by what the node does for them; the network's number follows.
  static let translatedPrefix = "snat"
  static let routedPrefix = "fabric"
}

extension Uplink {
  /// The node's end.
  var nodeLink: String {
    (translation == .own ? UplinkNames.routedPrefix : UplinkNames.translatedPrefix) + String(vni)
  }
}
