internal import CLinux
internal import Glibc
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

extension Connection {
  /// The route that the kernel takes for a packet; it decides as for a real one, with all rules and tables.
  ///
  /// The corresponding C constant is `RTM_GETROUTE`, without `NLM_F_DUMP`.
  ///
  /// - Parameters:
  ///   - source: Where the packet comes from; `nil` for one that this host is about to send.
  ///   - input: The interface index of the link that it came by; `nil` for this host's own.
  /// - Returns: `nil` where the kernel does not send the packet: no route, an unreachable or a prohibited one.
  public func route(
    to destination: IPAddress, from source: IPAddress? = nil, input: UInt32? = nil
  ) throws(NetlinkError) -> Route? {
    do throws(NetlinkError) {
      let replies = try perform("look up the route to \(destination)", type: UInt16(RTM_GETROUTE), answer: .reply) {
        $0.u8(destination.family.number)
        $0.u8(UInt8(destination.family.bits))
        $0.u8(UInt8(source?.family.bits ?? 0))
        for _ in 0..<5 { $0.u8(0) }
        $0.u32(0)
        $0.attribute(UInt16(RTA_DST.rawValue), destination)
        if let source { $0.attribute(UInt16(RTA_SRC.rawValue), source) }
        if let input { $0.attribute(UInt16(RTA_IIF.rawValue), input) }
      }
      return replies.first.flatMap(Route.init)
    } catch {
      if Self.refusals.contains(error.errno.rawValue) { return nil }
      throw error
    }
  }

  /// What the kernel answers for a packet that it does not send: the errors of the types of routes, `EXDEV` for a source
  /// that should have come by another link, `ENODEV` for a link without the family.
  private static let refusals: [Int32] = [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, EXDEV, ENODEV]
}
