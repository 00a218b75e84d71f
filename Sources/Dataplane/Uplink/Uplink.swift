package import NetworkAddresses

/// The way between a routing instance of its own namespace and the node: to the outside, to services, to the pods.
package struct Uplink: Equatable, Sendable {
  /// `namespace/network`.
  package let name: String
  /// The node's number for it, which no other uplink has; at most 24 bits. The node's end of the link is named after it.
  package let number: UInt32
  /// The networks that are behind the instance.
  package let prefixes: [IPPrefix]
  /// In bytes: the pods'. What is larger is told so by the node, which has addresses to speak from.
  package let mtu: UInt32
  package let translation: Translation
  package let access: Access
  /// Whether the node, and what it translates for a service, may open connections to pods.
  package let isOpenToNode: Bool
  /// Of a port's connections, in the instance.
  package let connectionLimit: ConnectionLimit
  /// Whether the instance's pods send from their own addresses only.
  package let checksSources: Bool

  /// Under which addresses the outside sees the pods.
  package enum Translation: Equatable, Sendable {
    /// Under the node's (`fabricSNAT`). Networks may have the same addresses: the instance translates its own to these,
    /// at most one a family, which no other instance has, and the node those to its own. Nobody outside can begin.
    case node(by: [IPAddress])
    /// Under their own (`fabricForwarding`). No other network may have them, and the outside knows that they are here.
    case own
  }

  /// What pods may open connections to. Those with their own addresses may open them to the outside.
  package enum Access: String, Sendable {
    /// Nothing: they answer the node.
    case answers
    /// What the node translates: services.
    case services
    /// The outside, and services.
    case outside
  }

  package init(
    name: String, number: UInt32, prefixes: [IPPrefix], mtu: UInt32, translation: Translation,
    access: Access = .outside, isOpenToNode: Bool = false,
    connectionLimit: ConnectionLimit = .none, checksSources: Bool = true
  ) {
    self.name = name
    self.number = number
    self.prefixes = prefixes
    self.mtu = mtu
    self.translation = translation
    self.access = access
    self.isOpenToNode = isOpenToNode
    self.connectionLimit = connectionLimit
    self.checksSources = checksSources
  }

  /// The families that its link speaks.
  var families: [IPFamily] { mtu < KernelFeatures.minimalIPv6MTU ? [.v4] : KernelFeatures.families }

  /// What the node leads to the instance, beside single pods.
  var nodePrefixes: [IPPrefix] {
    switch translation {
    // Its addresses may be of a network that it shares with others.
    case .own: isOpenToNode ? [] : prefixes
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

  /// The node's own addresses in the transit networks: uplinks' numbers begin after it.
  package var nodeAddresses: [IPAddress] { addresses(number: UplinkNames.nodeNumber) ?? [] }

  /// An instance's addresses in the transit networks; `nil` where one of them has no room for that number.
  package func addresses(number: UInt32) -> [IPAddress]? {
    var addresses: [IPAddress] = []
    for network in transitNetworks {
      let number = network.first + UInt128(number)
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
  /// The node's own number among those of uplinks.
  static let nodeNumber: UInt32 = 4
  /// The least number of an uplink.
  package static let firstNumber: UInt32 = 5
  /// What the node's ends' names begin with, by what the node does for them; the uplink's number follows.
  static let translatedPrefix = "ctsnat"
  static let routedPrefix = "ctfabric"
  static let servicesPrefix = "ctsvc"
  static let answersPrefix = "ctpod"
  /// Behind these nobody's addresses are seen.
  static let hiddenPrefixes = [translatedPrefix, servicesPrefix, answersPrefix]
  static let prefixes = hiddenPrefixes + [routedPrefix]

  /// The index that the node's end asks for, far from those that the kernel gives and from our others.
  static func nodeIndex(_ number: UInt32) -> UInt32 { 0x2000_0000 + number }
}

extension Uplink {
  /// The node's end.
  var nodeLink: String {
    let prefix =
      switch (translation, access) {
      case (.own, _): UplinkNames.routedPrefix
      case (_, .outside): UplinkNames.translatedPrefix
      case (_, .services): UplinkNames.servicesPrefix
      case (_, .answers): UplinkNames.answersPrefix
      }
    return prefix + String(number)
  }
}
