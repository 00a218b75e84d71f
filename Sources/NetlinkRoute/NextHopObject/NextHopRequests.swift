internal import CLinux
public import Netlink

extension Batch {
  /// Adds a next hop; an error where there is one of that number (`EEXIST`). The corresponding C constant is
  /// `RTM_NEWNEXTHOP`.
  @discardableResult
  public mutating func addNextHop(_ hop: NextHopObject) -> Int {
    add("add \(hop)", type: UInt16(RTM_NEWNEXTHOP), flags: [.create, .exclusive]) { hop.write(to: &$0) }
  }

  /// Adds a next hop, or makes the one of the same number like this. The corresponding C constant is `RTM_NEWNEXTHOP`.
  @discardableResult
  public mutating func replaceNextHop(_ hop: NextHopObject) -> Int {
    add("replace \(hop)", type: UInt16(RTM_NEWNEXTHOP), flags: [.create, .replace]) { hop.write(to: &$0) }
  }

  /// Deletes a next hop; an error where there is none (`ENOENT`). The corresponding C constant is `RTM_DELNEXTHOP`.
  @discardableResult
  public mutating func deleteNextHop(_ id: UInt32) -> Int {
    add("delete next hop \(id)", type: UInt16(RTM_DELNEXTHOP)) {
      NextHopObject.writeHeader(to: &$0)
      $0.attribute(UInt16(NHA_ID), id)
    }
  }
}

extension Connection {
  /// The next hops and groups of the namespace, or those of one maker.
  public func nextHops(origin: RouteProtocol = .any) throws(NetlinkError) -> [NextHopObject] {
    let all = try dump("list the next hops", type: UInt16(RTM_GETNEXTHOP)) { NextHopObject.writeHeader(to: &$0) }
      .compactMap(NextHopObject.init)
    return origin == .any ? all : all.filter { $0.origin == origin }
  }
}
