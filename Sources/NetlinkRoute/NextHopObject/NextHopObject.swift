internal import CLinux
public import Netlink
public import NetworkAddresses

/// A next hop that routes name by its number, or a group of them (Linux 5.3).
///
/// The kernel takes a next hop that goes out of its groups, a group without members with it, and the routes that name
/// either. The corresponding C type is `struct nhmsg`.
public struct NextHopObject: Hashable, Sendable {
  /// Unique in its namespace, never 0. The corresponding C constant is `NHA_ID`.
  public let id: UInt32
  /// Where it leads.
  public let way: Way
  /// Who made it. The corresponding C field is `nh_protocol`.
  public let origin: RouteProtocol

  /// Where a next hop leads.
  public enum Way: Hashable, Sendable {
    /// To a router. The corresponding C constants are `NHA_GATEWAY` and `NHA_OIF`.
    case gateway(IPAddress, output: UInt32, isOnLink: Bool)
    /// To one of several, by a hash of the flow; where one goes, the flows of the others stay where they are (Linux
    /// 5.13). The corresponding C constants are `NHA_GROUP` and `NEXTHOP_GRP_TYPE_RES`.
    ///
    /// A new member gets buckets that no packet used for `idleTime`, in hundredths of a second.
    case resilientGroup([UInt32], buckets: UInt16, idleTime: UInt32)
    /// To one of several, by a hash of the flow. The corresponding C constant is `NEXTHOP_GRP_TYPE_MPATH`.
    case group([UInt32])
  }

  /// A next hop of this number.
  public init(id: UInt32, _ way: Way, origin: RouteProtocol) {
    self.id = id
    self.way = way
    self.origin = origin
  }

  /// The next hop that an `RTM_NEWNEXTHOP` is about; `nil` for any other message and for what is neither of the ways.
  public init?(_ message: Message) {
    guard message.type == UInt16(RTM_NEWNEXTHOP), let attributes = message.attributes(afterHeader: 8),
      let id = attributes[UInt16(NHA_ID)]?.uint32
    else { return nil }
    let way: Way
    if let group = attributes[UInt16(NHA_GROUP)] {
      let members = stride(from: 0, to: group.payload.count - 7, by: 8).compactMap { offset -> UInt32? in
        group.payload.number(at: offset)
      }
      if attributes[UInt16(NHA_GROUP_TYPE)]?.uint16 == UInt16(NEXTHOP_GRP_TYPE_RES) {
        let group = attributes[UInt16(NHA_RES_GROUP)]?.nested
        way = .resilientGroup(
          members, buckets: group?[UInt16(NHA_RES_GROUP_BUCKETS)]?.uint16 ?? 0,
          idleTime: group?[UInt16(NHA_RES_GROUP_IDLE_TIMER)]?.uint32 ?? 0)
      } else {
        way = .group(members)
      }
    } else if let gateway = attributes[UInt16(NHA_GATEWAY)]?.ipAddress, let output = attributes[UInt16(NHA_OIF)]?.uint32
    {
      let flags: UInt32 = message.payload.number(at: 4) ?? 0
      way = .gateway(gateway, output: output, isOnLink: flags & UInt32(RTNH_F_ONLINK) != 0)
    } else {
      return nil
    }
    self.init(id: id, way, origin: RouteProtocol(rawValue: message.byte(at: 2)))
  }

  /// Writes a `struct nhmsg` and the attributes.
  public func write(to writer: inout MessageWriter) {
    var family = UInt8(AF_UNSPEC)
    var flags: UInt32 = 0
    if case .gateway(let address, _, let isOnLink) = way {
      family = address.family.number
      if isOnLink { flags = UInt32(RTNH_F_ONLINK) }
    }
    Self.writeHeader(family: family, origin: origin, flags: flags, to: &writer)
    writer.attribute(UInt16(NHA_ID), id)
    switch way {
    case .gateway(let address, let output, _):
      writer.attribute(UInt16(NHA_OIF), output)
      writer.attribute(UInt16(NHA_GATEWAY), address)
    case .resilientGroup(let members, let buckets, let idleTime):
      write(members, to: &writer)
      writer.nested(UInt16(NHA_RES_GROUP)) {
        $0.attribute(UInt16(NHA_RES_GROUP_BUCKETS), buckets)
        $0.attribute(UInt16(NHA_RES_GROUP_IDLE_TIMER), idleTime)
      }
      writer.attribute(UInt16(NHA_GROUP_TYPE), UInt16(NEXTHOP_GRP_TYPE_RES))
    case .group(let members): write(members, to: &writer)
    }
  }

  /// Each member is a `struct nexthop_grp`; all have the same weight.
  private func write(_ members: [UInt32], to writer: inout MessageWriter) {
    writer.framed(UInt16(NHA_GROUP)) { group in
      for member in members {
        group.u32(member)
        group.u32(0)
      }
    }
  }

  static func writeHeader(
    family: UInt8 = UInt8(AF_UNSPEC), origin: RouteProtocol = .any, flags: UInt32 = 0, to writer: inout MessageWriter
  ) {
    writer.u8(family)
    writer.u8(0)
    writer.u8(origin.rawValue)
    writer.u8(0)
    writer.u32(flags)
  }
}

extension NextHopObject: CustomStringConvertible {
  /// `next hop 17`
  public var description: String { "next hop \(id)" }
}
