internal import CLinux
public import Netlink
public import NetworkAddresses

/// An entry of the ARP or ND table, of the addresses that this host answers for, or of a bridge's forwarding table.
///
/// The corresponding C type is `struct ndmsg`.
public struct Neighbor: Hashable, Sendable {
  /// The interface index of the link; for a forwarding entry, of the port. The corresponding C field is `ndm_ifindex`.
  public var link: UInt32
  /// The IP address; `nil` in a bridge's forwarding entry. The corresponding C constant is `NDA_DST`.
  public var address: IPAddress?
  /// The corresponding C constant is `NDA_LLADDR`.
  public var mac: MACAddress?
  /// The corresponding C field is `ndm_state`.
  public var state: NeighborState
  /// The corresponding C field is `ndm_flags`.
  public var flags: NeighborFlags
  /// The interface index of the bridge, in a forwarding entry as read. The corresponding C constant is `NDA_MASTER`.
  public private(set) var master: UInt32?
  /// The attributes that have no property here, as they came; they are not sent.
  public private(set) var others: [Attribute] = []

  /// A neighbour on a link.
  public init(
    _ address: IPAddress, at mac: MACAddress, link: UInt32, state: NeighborState = .permanent,
    flags: NeighborFlags = []
  ) {
    self.init(link: link, address: address, mac: mac, state: state, flags: flags)
  }

  /// An address that this host answers for on a link, though it is elsewhere.
  public static func proxy(_ address: IPAddress, link: UInt32) -> Neighbor {
    Neighbor(link: link, address: address, mac: nil, state: .permanent, flags: .proxy)
  }

  /// A bridge's knowledge that an Ethernet address is behind a port.
  ///
  /// - Parameter state: ``NeighborState/noARP`` for an entry that learning neither ages nor moves.
  public static func forwarding(
    _ mac: MACAddress, port: UInt32, state: NeighborState = .noARP, flags: NeighborFlags = .ownedByMaster
  ) -> Neighbor {
    Neighbor(link: port, address: nil, mac: mac, state: state, flags: flags)
  }

  private init(link: UInt32, address: IPAddress?, mac: MACAddress?, state: NeighborState, flags: NeighborFlags) {
    self.link = link
    self.address = address
    self.mac = mac
    self.state = state
    self.flags = flags
  }

  /// The entry that an `RTM_NEWNEIGH` or `RTM_DELNEIGH` is about; `nil` for any other message and for a broken one.
  public init?(_ message: Message) {
    guard message.type == UInt16(RTM_NEWNEIGH) || message.type == UInt16(RTM_DELNEIGH),
      let attributes = message.attributes(afterHeader: 12), let link: UInt32 = message.payload.number(at: 4),
      let state: UInt16 = message.payload.number(at: 8)
    else { return nil }
    self.init(
      link: link, address: nil, mac: nil, state: NeighborState(rawValue: state),
      flags: NeighborFlags(rawValue: message.byte(at: 10)))
    for attribute in attributes {
      switch Int(attribute.type) {
      case NDA_DST: address = attribute.ipAddress
      case NDA_LLADDR: mac = attribute.macAddress
      case NDA_MASTER: master = attribute.uint32
      default: others.append(attribute)
      }
    }
  }

  /// Writes a `struct ndmsg` and the attributes.
  public func write(to writer: inout MessageWriter) {
    writeNeighborHeader(
      family: address?.family.number ?? UInt8(AF_BRIDGE), link: link, state: state, flags: flags, to: &writer)
    if let address { writer.attribute(UInt16(NDA_DST), address) }
    if let mac { writer.attribute(UInt16(NDA_LLADDR), mac) }
  }
}

/// Writes a `struct ndmsg`.
func writeNeighborHeader(
  family: UInt8, link: UInt32 = 0, state: NeighborState = [], flags: NeighborFlags = [],
  to writer: inout MessageWriter
) {
  writer.u8(family)
  writer.u8(0)
  writer.u16(0)
  writer.u32(link)
  writer.u16(state.rawValue)
  writer.u8(flags.rawValue)
  writer.u8(0)
}

extension Neighbor: CustomStringConvertible {
  /// `10.32.0.7 on link 4`.
  public var description: String {
    "\(address?.description ?? mac?.description ?? "?") on link \(link)"
  }
}
