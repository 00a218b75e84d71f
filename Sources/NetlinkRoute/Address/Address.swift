internal import CLinux
public import Netlink
public import NetworkAddresses

/// An address of a link.
///
/// The corresponding C type is `struct ifaddrmsg`.
public struct Address: Hashable, Sendable {
  /// The interface index of the link. The corresponding C field is `ifa_index`.
  public var link: UInt32
  /// The address and the length of its prefix. The corresponding C constant is `IFA_LOCAL`.
  public var address: InterfaceAddress
  /// The other end of a point-to-point link; otherwise the address itself. The corresponding C constant is
  /// `IFA_ADDRESS`.
  public var peer: IPAddress
  /// The corresponding C constant is `IFA_BROADCAST`.
  public var broadcast: IPv4Address?
  /// The corresponding C field is `ifa_scope`.
  public var scope: Scope
  /// The corresponding C constant is `IFA_FLAGS`.
  public var flags: AddressFlags
  /// A name of IPv4 addresses, which begins with the link's. The corresponding C constant is `IFA_LABEL`.
  public var label: String?
  /// The attributes that have no property here, as they came; they are not sent.
  public private(set) var others: [Attribute] = []

  /// An address for a link.
  public init(
    _ address: InterfaceAddress, link: UInt32, peer: IPAddress? = nil, broadcast: IPv4Address? = nil,
    scope: Scope = .universe, flags: AddressFlags = [], label: String? = nil
  ) {
    self.address = address
    self.link = link
    self.peer = peer ?? address.address
    self.broadcast = broadcast
    self.scope = scope
    self.flags = flags
    self.label = label
  }

  /// The address that an `RTM_NEWADDR` or `RTM_DELADDR` is about; `nil` for any other message and for a broken one.
  public init?(_ message: Message) {
    guard message.type == UInt16(RTM_NEWADDR) || message.type == UInt16(RTM_DELADDR),
      let attributes = message.attributes(afterHeader: 8), let link: UInt32 = message.payload.number(at: 4),
      let family = IPFamily(number: message.byte(at: 0)),
      // IPv6 has IFA_LOCAL only where a peer differs.
      let peer = attributes[UInt16(IFA_ADDRESS)]?.ipAddress, peer.family == family,
      message.byte(at: 1) <= family.bits
    else { return nil }
    let local = attributes[UInt16(IFA_LOCAL)]?.ipAddress ?? peer
    guard local.family == family else { return nil }
    self.init(
      InterfaceAddress(local, prefixLength: Int(message.byte(at: 1))), link: link, peer: peer,
      scope: Scope(rawValue: message.byte(at: 3)), flags: AddressFlags(rawValue: UInt32(message.byte(at: 2))))
    for attribute in attributes {
      switch Int(attribute.type) {
      case IFA_LOCAL, IFA_ADDRESS: break
      case IFA_FLAGS: flags = AddressFlags(rawValue: attribute.uint32 ?? 0)
      case IFA_LABEL: label = attribute.string
      case IFA_BROADCAST: broadcast = attribute.bigEndian32.map(IPv4Address.init(rawValue:))
      default: others.append(attribute)
      }
    }
  }

  /// Writes a `struct ifaddrmsg` and the attributes.
  public func write(to writer: inout MessageWriter) {
    writer.u8(address.address.family.number)
    writer.u8(UInt8(address.prefixLength))
    writer.u8(0)
    writer.u8(scope.rawValue)
    writer.u32(link)
    writer.attribute(UInt16(IFA_LOCAL), address.address)
    if let broadcast { writer.attribute(UInt16(IFA_BROADCAST), bigEndian: broadcast.rawValue) }
    if let label { writer.attribute(UInt16(IFA_LABEL), string: label) }
    if !flags.isEmpty { writer.attribute(UInt16(IFA_FLAGS), flags.rawValue) }
    writer.attribute(UInt16(IFA_ADDRESS), peer)
  }
}
