internal import CLinux
public import Netlink
public import NetworkAddresses

/// A link as the kernel describes it.
public struct Link: Hashable, Sendable {
  /// The interface index. The corresponding C field is `ifi_index`.
  public let index: UInt32
  /// The corresponding C field is `ifi_flags`.
  public let flags: LinkFlags
  /// The corresponding C constant is `IFLA_IFNAME`.
  public private(set) var name = ""
  /// The largest packet in bytes. The corresponding C constant is `IFLA_MTU`.
  public private(set) var mtu: UInt32 = 0
  /// The Ethernet address, where the link has one. The corresponding C constant is `IFLA_ADDRESS`.
  public private(set) var address: MACAddress?
  /// The corresponding C constant is `IFLA_OPERSTATE`.
  public private(set) var operationalState = OperationalState.unknown
  /// The interface index of the bridge that the link is a port of. The corresponding C constant is `IFLA_MASTER`.
  public private(set) var master: UInt32?
  /// The interface index of the veth's other end, in the namespace where that is. The corresponding C constant is
  /// `IFLA_LINK`.
  public private(set) var peerIndex: UInt32?
  /// The number that this namespace has for the one where the other end is, if that is another. The corresponding C
  /// constant is `IFLA_LINK_NETNSID`.
  public private(set) var peerNamespace: Int32?
  /// The corresponding C constant is `IFLA_GROUP`.
  public private(set) var group: UInt32 = 0
  /// The corresponding C constant is `IFLA_IFALIAS`.
  public private(set) var alias: String?
  /// How the link gets its fe80:: address. The corresponding C constant is `IFLA_INET6_ADDR_GEN_MODE`.
  public private(set) var addressGeneration: AddressGenerationMode?
  /// The kind of a virtual link: `veth`. The corresponding C constant is `IFLA_INFO_KIND`.
  public private(set) var kind: String?
  /// What only this kind has. The corresponding C constant is `IFLA_INFO_DATA`.
  public private(set) var kindData = Attributes([])
  /// What kind of port the link is. The corresponding C constant is `IFLA_INFO_SLAVE_KIND`.
  public private(set) var portKind: String?
  /// What only this kind of port has. The corresponding C constant is `IFLA_INFO_SLAVE_DATA`.
  public private(set) var portData = Attributes([])
  /// The attributes that have no property here, as they came.
  public private(set) var others: [Attribute] = []

  /// Whether the link is up as far as the administrator decides it.
  public var isUp: Bool { flags.contains(.up) }

  /// The link that an `RTM_NEWLINK` or `RTM_DELLINK` is about; `nil` for any other message and for a broken one.
  public init?(_ message: Message) {
    guard message.type == UInt16(RTM_NEWLINK) || message.type == UInt16(RTM_DELLINK),
      let attributes = message.attributes(afterHeader: 16), let index: UInt32 = message.payload.number(at: 4),
      let flags: UInt32 = message.payload.number(at: 8)
    else { return nil }
    self.index = index
    self.flags = LinkFlags(rawValue: flags)
    for attribute in attributes { take(attribute) }
  }

  /// The link whose end an `RTM_DELLINK` tells; `nil` for any other message.
  ///
  /// A port that leaves its bridge is told by an `RTM_DELLINK` too, of family bridge: that link lives on.
  public static func deleted(by message: Message) -> Link? {
    guard message.type == UInt16(RTM_DELLINK), message.byte(at: 0) == UInt8(AF_UNSPEC) else { return nil }
    return Link(message)
  }

  private mutating func take(_ attribute: Attribute) {
    switch Int(attribute.type) {
    case IFLA_IFNAME: name = attribute.string
    case IFLA_MTU: mtu = attribute.uint32 ?? 0
    case IFLA_ADDRESS: address = attribute.macAddress
    case IFLA_OPERSTATE: operationalState = OperationalState(rawValue: attribute.uint8 ?? 0)
    case IFLA_MASTER: master = attribute.uint32
    case IFLA_LINK: peerIndex = attribute.uint32
    case IFLA_LINK_NETNSID: peerNamespace = attribute.int32
    case IFLA_GROUP: group = attribute.uint32 ?? 0
    case IFLA_IFALIAS: alias = attribute.string
    case IFLA_LINKINFO: takeKind(attribute.nested)
    case IFLA_AF_SPEC:
      let inet6 = attribute.nested[UInt16(AF_INET6)]?.nested[UInt16(IFLA_INET6_ADDR_GEN_MODE)]
      addressGeneration = inet6?.uint8.map(AddressGenerationMode.init(rawValue:))
    default: others.append(attribute)
    }
  }

  private mutating func takeKind(_ information: Attributes) {
    for attribute in information {
      switch Int(attribute.type) {
      case IFLA_INFO_KIND: kind = attribute.string
      case IFLA_INFO_DATA: kindData = attribute.nested
      case IFLA_INFO_SLAVE_KIND: portKind = attribute.string
      case IFLA_INFO_SLAVE_DATA: portData = attribute.nested
      default: break
      }
    }
  }
}
