internal import CLinux
public import Netlink
public import NetworkAddresses

/// A route.
///
/// The corresponding C type is `struct rtmsg`.
public struct Route: Hashable, Sendable {
  /// The corresponding C field is `rtm_family`.
  public let family: IPFamily
  /// Which packets it is for; `nil` for all of the family. The corresponding C constant is `RTA_DST`.
  public let destination: IPPrefix?
  /// The router; `nil` where the destination is on the link. The corresponding C constant is `RTA_GATEWAY`.
  public var gateway: IPAddress?
  /// The interface index of the link. The corresponding C constant is `RTA_OIF`.
  public var output: UInt32?
  /// The source address that the host's own packets get. The corresponding C constant is `RTA_PREFSRC`.
  public var source: IPAddress?
  /// The corresponding C constant is `RTA_TABLE`.
  public var table: RouteTable
  /// Who made it. The corresponding C field is `rtm_protocol`.
  public var origin: RouteProtocol
  /// The corresponding C field is `rtm_scope`.
  public var scope: Scope
  /// The corresponding C field is `rtm_type`.
  public var type: RouteType
  /// Lower goes first; `nil` leaves it to the kernel: 0 for IPv4, 1024 for IPv6. The corresponding C constant is
  /// `RTA_PRIORITY`.
  public var priority: UInt32?
  /// The largest packet in bytes. The corresponding C constant is `RTAX_MTU`.
  public var mtu: UInt32?
  /// The largest TCP segment in bytes that is announced. The corresponding C constant is `RTAX_ADVMSS`.
  public var advertisedSegment: UInt32?
  /// Whether the router is taken to be on the link, whatever the addresses say. The corresponding C constant is
  /// `RTNH_F_ONLINK`.
  public var isOnLink: Bool
  /// Several ways instead of `gateway` and `output`. The corresponding C constant is `RTA_MULTIPATH`.
  public var nextHops: [NextHop]
  /// The number of a next hop or group instead of `gateway`, `output` and `nextHops`. The corresponding C constant is
  /// `RTA_NH_ID`.
  public var nextHopID: UInt32?
  /// The attributes that have no property here, as they came; they are not sent.
  public private(set) var others: [Attribute] = []

  /// A route to a network.
  ///
  /// - Parameter scope: Unless given, ``Scope/link`` for an IPv4 route without a router, otherwise ``Scope/universe``.
  public init(
    to destination: IPPrefix, gateway: IPAddress? = nil, output: UInt32? = nil, source: IPAddress? = nil,
    table: RouteTable = .main, origin: RouteProtocol = .boot, scope: Scope? = nil, type: RouteType = .unicast,
    priority: UInt32? = nil, mtu: UInt32? = nil, advertisedSegment: UInt32? = nil, isOnLink: Bool = false,
    nextHops: [NextHop] = [], nextHopID: UInt32? = nil
  ) {
    self.nextHopID = nextHopID
    family = destination.family
    self.destination = destination.length == 0 ? nil : destination
    self.gateway = gateway
    self.output = output
    self.source = source
    self.table = table
    self.origin = origin
    let isDirect = family == .v4 && type == .unicast && gateway == nil && nextHops.isEmpty && nextHopID == nil
    self.scope = scope ?? (isDirect ? .link : .universe)
    self.type = type
    self.priority = priority
    self.mtu = mtu
    self.advertisedSegment = advertisedSegment
    self.isOnLink = isOnLink
    self.nextHops = nextHops
  }

  /// The network that the default route of a family is to.
  public static func everywhere(_ family: IPFamily) -> IPPrefix {
    IPPrefix(containing: IPAddress(family: family, number: 0), length: 0)
  }

  /// The route that an `RTM_NEWROUTE` or `RTM_DELROUTE` is about; `nil` for any other message and for a broken one.
  public init?(_ message: Message) {
    guard message.type == UInt16(RTM_NEWROUTE) || message.type == UInt16(RTM_DELROUTE),
      let attributes = message.attributes(afterHeader: 12), let flags: UInt32 = message.payload.number(at: 8),
      let family = IPFamily(number: message.byte(at: 0)), message.byte(at: 1) <= family.bits
    else { return nil }
    let to = attributes[UInt16(RTA_DST.rawValue)]?.ipAddress ?? IPAddress(family: family, number: 0)
    guard to.family == family else { return nil }
    self.init(
      to: IPPrefix(containing: to, length: Int(message.byte(at: 1))),
      table: RouteTable(rawValue: UInt32(message.byte(at: 4))), origin: RouteProtocol(rawValue: message.byte(at: 5)),
      scope: Scope(rawValue: message.byte(at: 6)), type: RouteType(rawValue: message.byte(at: 7)),
      isOnLink: flags & UInt32(RTNH_F_ONLINK) != 0)
    for attribute in attributes {
      if !take(attribute) { return nil }
    }
  }

  private mutating func take(_ attribute: Attribute) -> Bool {
    switch rtattr_type_t(UInt32(attribute.type)) {
    case RTA_DST: break
    case RTA_GATEWAY: gateway = attribute.ipAddress
    case RTA_OIF: output = attribute.uint32
    case RTA_PREFSRC: source = attribute.ipAddress
    case RTA_NH_ID: nextHopID = attribute.uint32
    case RTA_PRIORITY: priority = attribute.uint32
    case RTA_TABLE: table = RouteTable(rawValue: attribute.uint32 ?? table.rawValue)
    case RTA_METRICS:
      mtu = attribute.nested[UInt16(RTAX_MTU)]?.uint32
      advertisedSegment = attribute.nested[UInt16(RTAX_ADVMSS)]?.uint32
    case RTA_MULTIPATH:
      guard let hops = NextHop.read(attribute.payload) else { return false }
      nextHops = hops
    default: others.append(attribute)
    }
    return true
  }

  /// Writes a `struct rtmsg` and the attributes.
  public func write(to writer: inout MessageWriter) {
    writer.u8(family.number)
    writer.u8(UInt8(destination?.length ?? 0))
    writer.u8(0)
    writer.u8(0)
    writer.u8(table.byte)
    writer.u8(origin.rawValue)
    writer.u8(scope.rawValue)
    writer.u8(type.rawValue)
    writer.u32(isOnLink ? UInt32(RTNH_F_ONLINK) : 0)
    if let destination { writer.attribute(UInt16(RTA_DST.rawValue), destination.address) }
    if let gateway { writer.attribute(UInt16(RTA_GATEWAY.rawValue), gateway) }
    if let source { writer.attribute(UInt16(RTA_PREFSRC.rawValue), source) }
    if let priority { writer.attribute(UInt16(RTA_PRIORITY.rawValue), priority) }
    if table.rawValue > 255 { writer.attribute(UInt16(RTA_TABLE.rawValue), table.rawValue) }
    if let nextHopID { writer.attribute(UInt16(RTA_NH_ID.rawValue), nextHopID) }
    if let output { writer.attribute(UInt16(RTA_OIF.rawValue), output) }
    if mtu != nil || advertisedSegment != nil {
      writer.framed(UInt16(RTA_METRICS.rawValue)) {
        if let mtu { $0.attribute(UInt16(RTAX_MTU), mtu) }
        if let advertisedSegment { $0.attribute(UInt16(RTAX_ADVMSS), advertisedSegment) }
      }
    }
    if !nextHops.isEmpty {
      writer.framed(UInt16(RTA_MULTIPATH.rawValue)) {
        for hop in nextHops { hop.write(to: &$0) }
      }
    }
  }
}

extension Route: CustomStringConvertible {
  /// `10.1.0.0/16`, or `default (IPv6)`; with the table if it is not the main one.
  public var description: String {
    let place = table == .main ? "" : " in table \(table.rawValue)"
    return (destination?.description ?? "default (\(family))") + place
  }
}
