internal import CLinux
public import Netlink
public import NetworkAddresses

/// What a request says about a link, whatever its kind. What is `nil` is left alone.
public struct LinkAttributes: Hashable, Sendable {
  /// The interface index that a new link asks for; 0 lets the kernel choose. The corresponding C field is `ifi_index`.
  public var index: UInt32
  /// The name, of 1 to 15 bytes. The corresponding C constant is `IFLA_IFNAME`.
  public var name: String?
  /// The largest packet in bytes. The corresponding C constant is `IFLA_MTU`.
  public var mtu: UInt32?
  /// The corresponding C constant is `IFLA_ADDRESS`.
  public var address: MACAddress?
  /// The interface index of the bridge that the link becomes a port of; 0 takes it out. The corresponding C constant is
  /// `IFLA_MASTER`.
  public var master: UInt32?
  /// Whether the link is to be up or down. The kernel refuses `true` for the peer in a message that creates a veth.
  public var isUp: Bool?
  /// The number of transmit queues of a new link. The corresponding C constant is `IFLA_NUM_TX_QUEUES`.
  public var transmitQueues: UInt32?
  /// The number of receive queues of a new link. The corresponding C constant is `IFLA_NUM_RX_QUEUES`.
  public var receiveQueues: UInt32?
  /// A number that links of one namespace can share, and be deleted by. The corresponding C constant is `IFLA_GROUP`.
  public var group: UInt32?
  /// A text of up to 255 bytes. The kernel ignores it in a message that creates a link. The corresponding C constant is
  /// `IFLA_IFALIAS`.
  public var alias: String?
  /// The descriptor of the network namespace in which the link is made or to which it is moved. The corresponding C
  /// constant is `IFLA_NET_NS_FD`.
  public var namespace: Int32?
  /// How the link gets its fe80:: address. The kernel ignores it in a message that creates a link. The corresponding C
  /// constant is `IFLA_INET6_ADDR_GEN_MODE`.
  public var addressGeneration: AddressGenerationMode?

  /// The attributes given; the others are left alone.
  public init(
    index: UInt32 = 0, name: String? = nil, mtu: UInt32? = nil, address: MACAddress? = nil, master: UInt32? = nil,
    isUp: Bool? = nil, transmitQueues: UInt32? = nil, receiveQueues: UInt32? = nil, group: UInt32? = nil,
    alias: String? = nil, namespace: Int32? = nil, addressGeneration: AddressGenerationMode? = nil
  ) {
    self.index = index
    self.name = name
    self.mtu = mtu
    self.address = address
    self.master = master
    self.isUp = isUp
    self.transmitQueues = transmitQueues
    self.receiveQueues = receiveQueues
    self.group = group
    self.alias = alias
    self.namespace = namespace
    self.addressGeneration = addressGeneration
  }

  /// Writes a `struct ifinfomsg` and the attributes, as a request or a veth's peer has them.
  public func write(to writer: inout MessageWriter) {
    writeLinkHeader(
      index: index, flags: isUp == true ? .up : [], change: isUp == nil ? [] : .up, to: &writer)
    if let mtu { writer.attribute(UInt16(IFLA_MTU), mtu) }
    if let address { writer.attribute(UInt16(IFLA_ADDRESS), address) }
    if let master { writer.attribute(UInt16(IFLA_MASTER), master) }
    if let transmitQueues { writer.attribute(UInt16(IFLA_NUM_TX_QUEUES), transmitQueues) }
    if let receiveQueues { writer.attribute(UInt16(IFLA_NUM_RX_QUEUES), receiveQueues) }
    if let group { writer.attribute(UInt16(IFLA_GROUP), group) }
    if let alias { writer.attribute(UInt16(IFLA_IFALIAS), unterminated: alias) }
    if let namespace { writer.attribute(UInt16(IFLA_NET_NS_FD), namespace) }
    if let name { writer.attribute(UInt16(IFLA_IFNAME), string: name) }
    if let addressGeneration {
      writer.framed(UInt16(IFLA_AF_SPEC)) {
        $0.framed(UInt16(AF_INET6)) { $0.attribute(UInt16(IFLA_INET6_ADDR_GEN_MODE), addressGeneration.rawValue) }
      }
    }
  }
}

/// Writes a `struct ifinfomsg`.
func writeLinkHeader(
  index: UInt32 = 0, flags: LinkFlags = [], change: LinkFlags = [], to writer: inout MessageWriter
) {
  writer.u8(UInt8(AF_UNSPEC))
  writer.u8(0)
  writer.u16(0)
  writer.u32(index)
  writer.u32(flags.rawValue)
  writer.u32(change.rawValue)
}
