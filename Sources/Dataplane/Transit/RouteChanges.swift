internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

/// What tells one of our routes from another.
private struct RouteKey: Hashable {
  let family: IPFamily
  let destination: IPPrefix?
  let type: RouteType
  let output: UInt32?
  let gateway: IPAddress?
  let source: IPAddress?
  let priority: UInt32?

  init(_ route: Route) {
    family = route.family
    destination = route.destination
    type = route.type
    // The kernel has IPv6's unreachable routes lead to the loopback link.
    output = route.type == .unicast ? route.output : nil
    gateway = route.gateway
    source = route.source
    priority = route.priority
  }
}

/// The difference between the routes of ours in one place and those that should be there.
struct RouteChanges {
  let added: [Route]
  let deleted: [Route]

  init(from found: [Route], to wanted: [Route]) {
    let present = Set(found.map(RouteKey.init))
    let kept = Set(wanted.map(RouteKey.init))
    added = wanted.filter { !present.contains(RouteKey($0)) }
    deleted = found.filter { !kept.contains(RouteKey($0)) }
  }

  var isEmpty: Bool { added.isEmpty && deleted.isEmpty }

  /// New routes first, so that nothing is without one in between.
  func add(to batch: inout Batch) {
    var replaced: Set<Destination> = []
    for route in added {
      batch.replaceRoute(route)
      replaced.insert(Destination(route))
    }
    for route in deleted where !replaced.contains(Destination(route)) { batch.deleteRoute(route) }
  }

  /// What a new route takes the place of.
  private struct Destination: Hashable {
    let family: IPFamily
    let prefix: IPPrefix?
    let priority: UInt32?

    init(_ route: Route) {
      family = route.family
      prefix = route.destination
      priority = route.priority
    }
  }
}

extension Route {
  /// One of ours, to a router that is on the link whatever the addresses say.
  static func ours(
    to prefix: IPPrefix, via gateway: IPAddress, output: UInt32, table: RouteTable = .main, priority: UInt32
  ) -> Route {
    Route(
      to: prefix, gateway: gateway, output: output, table: table, origin: TransitNames.routeOrigin, priority: priority,
      isOnLink: true)
  }

  /// The end of a table: what has no route here is not looked up elsewhere.
  static func unreachable(_ family: IPFamily, table: RouteTable, priority: UInt32?) -> Route {
    Route(
      to: everywhere(family), table: table, origin: TransitNames.routeOrigin, type: .unreachable, priority: priority)
  }
}

extension Connection {
  /// The routes of a table or, in a namespace that is not ours alone, those of ours to a link, in all families.
  func importRoutes(table: RouteTable = .main, output: UInt32? = nil) throws(DataplaneError) -> [Route] {
    let origin: RouteProtocol = table == .main ? TransitNames.routeOrigin : .any
    var found: [Route] = []
    for family in KernelFeatures.families {
      found += try asking { () throws(NetlinkError) in
        try routes(family: family, table: table, output: output, origin: origin)
      }
    }
    return found
  }
}
