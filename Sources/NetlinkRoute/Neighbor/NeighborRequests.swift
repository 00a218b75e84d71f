internal import CLinux
public import Netlink
public import NetworkAddresses

extension Batch {
  /// Adds an entry; one for the same address is an error (`EEXIST`). The corresponding C constant is `RTM_NEWNEIGH`.
  @discardableResult
  public mutating func addNeighbor(_ neighbor: Neighbor) -> Int {
    add("add neighbour \(neighbor)", type: UInt16(RTM_NEWNEIGH), flags: [.create, .exclusive]) {
      neighbor.write(to: &$0)
    }
  }

  /// Adds an entry, or changes the one for the same address. The corresponding C constant is `RTM_NEWNEIGH`.
  @discardableResult
  public mutating func replaceNeighbor(_ neighbor: Neighbor) -> Int {
    add("replace neighbour \(neighbor)", type: UInt16(RTM_NEWNEIGH), flags: [.create, .replace]) {
      neighbor.write(to: &$0)
    }
  }

  /// Deletes an entry; an error where there is none (`ENOENT`). The corresponding C constant is `RTM_DELNEIGH`.
  @discardableResult
  public mutating func deleteNeighbor(_ neighbor: Neighbor) -> Int {
    add("delete neighbour \(neighbor)", type: UInt16(RTM_DELNEIGH)) { neighbor.write(to: &$0) }
  }
}

extension Connection {
  /// The ARP and ND entries, or those of one family or link.
  public func neighbors(family: IPFamily? = nil, link: UInt32? = nil) throws(NetlinkError) -> [Neighbor] {
    try dump("list the neighbours", type: UInt16(RTM_GETNEIGH)) {
      writeNeighborHeader(family: family?.number ?? UInt8(AF_UNSPEC), to: &$0)
      if let link { $0.attribute(UInt16(NDA_IFINDEX), link) }
    }.compactMap(Neighbor.init)
  }

  /// The addresses of a family that this host answers for on its links.
  public func neighborProxies(family: IPFamily) throws(NetlinkError) -> [Neighbor] {
    try dump("list the neighbour proxies", type: UInt16(RTM_GETNEIGH)) {
      writeNeighborHeader(family: family.number, flags: .proxy, to: &$0)
    }.compactMap(Neighbor.init)
  }

  /// The forwarding entries of all bridges, or of one.
  public func forwardingEntries(bridge: UInt32? = nil) throws(NetlinkError) -> [Neighbor] {
    try dump("list the forwarding entries", type: UInt16(RTM_GETNEIGH)) {
      writeNeighborHeader(family: UInt8(AF_BRIDGE), to: &$0)
      if let bridge { $0.attribute(UInt16(NDA_MASTER), bridge) }
    }.compactMap(Neighbor.init)
  }
}
