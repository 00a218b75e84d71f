internal import CLinux
public import Netlink

/// What a bridge does with one of its ports. What is `nil` is left alone.
///
/// The corresponding C constants are the `IFLA_BRPORT_…` of `<linux/if_link.h>`.
public struct BridgePort: Hashable, Sendable {
  /// The kernel's name for links that are such ports. The corresponding C constant is `IFLA_INFO_SLAVE_KIND`.
  public static var kindName: String { "bridge" }

  /// Whether and what the port forwards. The corresponding C constant is `IFLA_BRPORT_STATE`.
  public var state: PortState?
  /// Whether a frame may leave by the port it came from. The corresponding C constant is `IFLA_BRPORT_MODE`.
  public var hairpin: Bool?
  /// Whether spanning tree messages from the port are refused. The corresponding C constant is `IFLA_BRPORT_GUARD`.
  public var `guard`: Bool?
  /// Whether source addresses are learnt. The corresponding C constant is `IFLA_BRPORT_LEARNING`.
  public var learning: Bool?
  /// Whether frames to unknown addresses leave here. The corresponding C constant is `IFLA_BRPORT_UNICAST_FLOOD`.
  public var unicastFlood: Bool?
  /// Whether multicast leaves here without having been asked for. The corresponding C constant is
  /// `IFLA_BRPORT_MCAST_FLOOD`.
  public var multicastFlood: Bool?
  /// Whether broadcast leaves here. The corresponding C constant is `IFLA_BRPORT_BCAST_FLOOD`.
  public var broadcastFlood: Bool?
  /// Whether the bridge answers ARP and ND for the neighbours it knows. The corresponding C constant is
  /// `IFLA_BRPORT_NEIGH_SUPPRESS`.
  public var neighborSuppression: Bool?
  /// Whether the port reaches only ports that are not isolated. The corresponding C constant is `IFLA_BRPORT_ISOLATED`.
  public var isolated: Bool?

  /// The options given; the others are left alone.
  public init(
    state: PortState? = nil, hairpin: Bool? = nil, guard: Bool? = nil, learning: Bool? = nil,
    unicastFlood: Bool? = nil, multicastFlood: Bool? = nil, broadcastFlood: Bool? = nil,
    neighborSuppression: Bool? = nil, isolated: Bool? = nil
  ) {
    self.state = state
    self.hairpin = hairpin
    self.guard = `guard`
    self.learning = learning
    self.unicastFlood = unicastFlood
    self.multicastFlood = multicastFlood
    self.broadcastFlood = broadcastFlood
    self.neighborSuppression = neighborSuppression
    self.isolated = isolated
  }

  /// Writes the options given.
  public func write(to writer: inout MessageWriter) {
    if let state { writer.attribute(UInt16(IFLA_BRPORT_STATE), state.rawValue) }
    if let hairpin { writer.attribute(UInt16(IFLA_BRPORT_MODE), hairpin) }
    if let `guard` { writer.attribute(UInt16(IFLA_BRPORT_GUARD), `guard`) }
    if let learning { writer.attribute(UInt16(IFLA_BRPORT_LEARNING), learning) }
    if let unicastFlood { writer.attribute(UInt16(IFLA_BRPORT_UNICAST_FLOOD), unicastFlood) }
    if let multicastFlood { writer.attribute(UInt16(IFLA_BRPORT_MCAST_FLOOD), multicastFlood) }
    if let broadcastFlood { writer.attribute(UInt16(IFLA_BRPORT_BCAST_FLOOD), broadcastFlood) }
    if let neighborSuppression { writer.attribute(UInt16(IFLA_BRPORT_NEIGH_SUPPRESS), neighborSuppression) }
    if let isolated { writer.attribute(UInt16(IFLA_BRPORT_ISOLATED), isolated) }
  }

  /// The options that a port reports.
  public init(reading data: Attributes) {
    self.init()
    for attribute in data {
      switch Int(attribute.type) {
      case IFLA_BRPORT_STATE: state = attribute.uint8.map(PortState.init(rawValue:))
      case IFLA_BRPORT_MODE: hairpin = attribute.flag
      case IFLA_BRPORT_GUARD: `guard` = attribute.flag
      case IFLA_BRPORT_LEARNING: learning = attribute.flag
      case IFLA_BRPORT_UNICAST_FLOOD: unicastFlood = attribute.flag
      case IFLA_BRPORT_MCAST_FLOOD: multicastFlood = attribute.flag
      case IFLA_BRPORT_BCAST_FLOOD: broadcastFlood = attribute.flag
      case IFLA_BRPORT_NEIGH_SUPPRESS: neighborSuppression = attribute.flag
      case IFLA_BRPORT_ISOLATED: isolated = attribute.flag
      default: break
      }
    }
  }
}

extension Link {
  /// The options, if the link is a port of a bridge.
  public var bridgePort: BridgePort? { portKind == BridgePort.kindName ? BridgePort(reading: portData) : nil }
}

/// Whether and what a bridge's port forwards.
///
/// The corresponding C constants are the `BR_STATE_…` of `<linux/if_bridge.h>`.
public struct PortState: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt8

  /// The value with this number, known here or not.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Nothing passes. The corresponding C constant is `BR_STATE_DISABLED`.
  public static let disabled = PortState(rawValue: 0)
  /// Everything passes. The corresponding C constant is `BR_STATE_FORWARDING`.
  public static let forwarding = PortState(rawValue: 3)
  /// Only spanning tree messages pass. The corresponding C constant is `BR_STATE_BLOCKING`.
  public static let blocking = PortState(rawValue: 4)
}
