internal import CLinux
internal import LinuxSystem
public import Netlink
public import NetworkAddresses

extension Batch {
  /// Adds a route; one to the same destination with the same priority is an error (`EEXIST`).
  ///
  /// The corresponding C constant is `RTM_NEWROUTE`.
  @discardableResult
  public mutating func addRoute(_ route: Route) -> Int {
    add("add route \(route)", type: UInt16(RTM_NEWROUTE), flags: [.create, .exclusive]) { route.write(to: &$0) }
  }

  /// Adds a route, or puts it in the place of the one to the same destination with the same priority.
  ///
  /// The corresponding C constant is `RTM_NEWROUTE`.
  @discardableResult
  public mutating func replaceRoute(_ route: Route) -> Int {
    add("replace route \(route)", type: UInt16(RTM_NEWROUTE), flags: [.create, .replace]) { route.write(to: &$0) }
  }

  /// Deletes the first route of its table that fits; an error where there is none (`ESRCH`).
  ///
  /// The corresponding C constant is `RTM_DELROUTE`.
  @discardableResult
  public mutating func deleteRoute(_ route: Route) -> Int {
    add("delete route \(route)", type: UInt16(RTM_DELROUTE)) { route.write(to: &$0) }
  }
}

extension Connection {
  /// The routes of all tables, or those of one family, table, link or maker.
  public func routes(
    family: IPFamily? = nil, table: RouteTable? = nil, output: UInt32? = nil, origin: RouteProtocol = .any
  ) throws(NetlinkError) -> [Route] {
    do throws(NetlinkError) {
      return try dump("list the routes", type: UInt16(RTM_GETROUTE)) {
        $0.u8(family?.number ?? UInt8(AF_UNSPEC))
        for _ in 0..<3 { $0.u8(0) }
        $0.u8(table?.byte ?? 0)
        $0.u8(origin.rawValue)
        $0.u8(0)
        $0.u8(0)
        $0.u32(0)
        if let table { $0.attribute(UInt16(RTA_TABLE.rawValue), table.rawValue) }
        if let output { $0.attribute(UInt16(RTA_OIF.rawValue), output) }
      }.compactMap(Route.init)
    } catch {
      // A table that was never used does not exist for the kernel.
      if table != nil && error.errno == .noSuchFile { return [] }
      throw error
    }
  }
}
