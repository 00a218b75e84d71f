internal import CLinux
internal import Netlink
public import NetworkAddresses

/// One of several ways of a route.
///
/// The corresponding C type is `struct rtnexthop`.
public struct NextHop: Hashable, Sendable {
  /// The router; `nil` where the destination is on the link. The corresponding C constant is `RTA_GATEWAY`.
  public var gateway: IPAddress?
  /// The interface index of the link. The corresponding C field is `rtnh_ifindex`.
  public var output: UInt32
  /// Its share of the traffic, 1 to 256, against the others'. The corresponding C field is `rtnh_hops`, one less.
  public var weight: Int
  /// Whether the router is taken to be on the link, whatever the addresses say. The corresponding C constant is
  /// `RTNH_F_ONLINK`.
  public var isOnLink: Bool

  /// A way through a link.
  ///
  /// - Precondition: `weight` is 1 to 256.
  public init(gateway: IPAddress?, output: UInt32, weight: Int = 1, isOnLink: Bool = false) {
    precondition((1...256).contains(weight), "a next hop's weight is 1 to 256")
    self.gateway = gateway
    self.output = output
    self.weight = weight
    self.isOnLink = isOnLink
  }

  func write(to writer: inout MessageWriter) {
    writer.u16(gateway.map { $0.family == .v4 ? 16 : 28 } ?? 8)
    writer.u8(isOnLink ? UInt8(RTNH_F_ONLINK) : 0)
    writer.u8(UInt8(weight - 1))
    writer.u32(output)
    if let gateway { writer.attribute(UInt16(RTA_GATEWAY.rawValue), gateway) }
  }

  /// The next hops in the value of an `RTA_MULTIPATH`; `nil` where one is cut short.
  static func read(_ bytes: ArraySlice<UInt8>) -> [NextHop]? {
    var rest = bytes
    var hops: [NextHop] = []
    while !rest.isEmpty {
      guard let length: UInt16 = rest.number(at: 0), let flags: UInt8 = rest.number(at: 2),
        let share: UInt8 = rest.number(at: 3), let output: UInt32 = rest.number(at: 4),
        length >= 8, Int(length) <= rest.count
      else { return nil }
      let attributes = Attributes(rest.prefix(Int(length)), afterHeader: 8)
      hops.append(
        NextHop(
          gateway: attributes[UInt16(RTA_GATEWAY.rawValue)]?.ipAddress, output: output, weight: Int(share) + 1,
          isOnLink: Int32(flags) & RTNH_F_ONLINK != 0))
      rest = rest.dropFirst((Int(length) + 3) & ~3)
    }
    return hops
  }
}
