internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
package import NetworkAddresses

/// How a network's gateway reaches the addresses of allowed address pairs.
package struct PairRoute: Hashable, Sendable {
  package let prefix: IPPrefix
  /// The own addresses of the ports that have the prefix at once; empty where the last one that announced itself has it.
  package let holders: [IPAddress]

  package init(prefix: IPPrefix, holders: [IPAddress]) {
    self.prefix = prefix
    self.holders = holders
  }
}

extension PlacedInstance {
  /// Makes the gateway's routes to pairs exactly these.
  ///
  /// A prefix that several have is reached by a resilient group of next hops: where one goes, the flows of the others stay.
  ///
  /// - Parameter holdersAreUp: whether one of them has just come up, so that the bridge has a carrier or gets it. Otherwise
  ///   nobody may have a link that is up: then there is no way to them.
  package func routePairs(_ wanted: [PairRoute], holdersAreUp: Bool) throws(DataplaneError) {
    let shared = wanted.filter { !$0.holders.isEmpty }
    if !shared.isEmpty { try spreadFlows() }
    let areReached = try replaceNextHops(shared, holdersAreUp: holdersAreUp)
    try replaceRoutes(areReached ? wanted : wanted.filter(\.holders.isEmpty))
    try removeNextHops(besides: areReached ? shared : [])
    try kernel.replaceShared(shared.map(\.prefix))
  }

  /// What ``routePairs(_:)`` made that is not there.
  package func pairProblems(_ wanted: [PairRoute]) throws(DataplaneError) -> [String] {
    let found = Set(try kernel.pairRoutes().map(PairKey.init))
    return wanted.filter { !found.contains(PairKey(route(to: $0))) }.map { "the route to \($0.prefix) is missing" }
  }

  /// By addresses, protocol and ports. On the node the choice by addresses alone may be somebody's wish; but then all of a
  /// pod's flows go to one holder.
  ///
  /// The usual hash of these (policy 1) is that of the sender's socket where there is one: it changes when TCP has to send
  /// again, and the connection would go on with somebody else.
  private func spreadFlows() throws(DataplaneError) {
    try kernel.inside("spread flows over several next hops") { () throws(Errno) in
      for family in ["ipv4", "ipv6"] {
        do throws(Errno) {
          try Sysctl("net/\(family)/fib_multipath_hash_fields").ensure("\(Self.flowFields)")
          try Sysctl("net/\(family)/fib_multipath_hash_policy").ensure("3")
        } catch {
          // A kernel without IPv6, or one before 5.13.
          if error != .noSuchFile && error != .invalidArgument { throw error }
          do throws(Errno) { try Sysctl("net/\(family)/fib_multipath_hash_policy").ensure("1") } catch {
            if error != .noSuchFile { throw error }
          }
        }
      }
    }
  }

  /// Source, destination, protocol and both ports: `FIB_MULTIPATH_HASH_FIELD_…`.
  private static var flowFields: Int { 0x01 | 0x02 | 0x04 | 0x10 | 0x20 }

  private func route(to pair: PairRoute) -> Route {
    Route(
      to: pair.prefix, output: pair.holders.isEmpty ? bridge : nil, origin: .pairs,
      priority: PairRoute.priority, nextHopID: pair.holders.isEmpty ? nil : pair.id)
  }

  /// - Returns: whether the bridge has a carrier, without which the kernel takes no next hop.
  private func replaceNextHops(_ shared: [PairRoute], holdersAreUp: Bool) throws(DataplaneError) -> Bool {
    if shared.isEmpty { return true }
    let route = try kernel.route()
    let found = try asking { () throws(NetlinkError) in try route.nextHops(origin: .pairs) }
    var present: [UInt32: NextHopObject.Way] = [:]
    for hop in found { present[hop.id] = hop.way }
    var batch = Batch()
    for holder in Set(shared.flatMap(\.holders)).sorted() {
      let way = NextHopObject.Way.gateway(holder, output: bridge, isOnLink: true)
      if present[holder.nextHopID] == nil {
        batch.replaceNextHop(NextHopObject(id: holder.nextHopID, way, origin: .pairs))
      }
    }
    guard try add(batch, holdersAreUp: holdersAreUp) else { return false }
    for pair in shared {
      let members = pair.holders.map(\.nextHopID).sorted()
      if let group = present[pair.id], group.members == members { continue }
      try replaceGroup(pair.id, members, on: route)
    }
    return true
  }

  /// How long the bridge's carrier may take to come, in nanoseconds.
  private static var carrierDeadline: UInt64 { 2_000_000_000 }

  private func add(_ nextHops: Batch, holdersAreUp: Bool) throws(DataplaneError) -> Bool {
    if nextHops.isEmpty { return true }
    let route = try kernel.route()
    for outcome in try route.attempt(nextHops) {
      guard let error = outcome.error else { continue }
      guard error.errno == .networkDown else { throw .netlink(error) }
      if !holdersAreUp { return false }
      // The bridge gets its carrier a moment after its first port.
      try kernel.awaitCarrier(of: bridge, deadline: monotonicNanoseconds() + Self.carrierDeadline)
      try route.carryOut(nextHops)
      return true
    }
    return true
  }

  private func replaceGroup(_ id: UInt32, _ members: [UInt32], on route: Connection) throws(DataplaneError) {
    for way in [
      NextHopObject.Way.resilientGroup(members, buckets: 128, idleTime: 1000), .group(members),
    ] {
      var batch = Batch()
      batch.replaceNextHop(NextHopObject(id: id, way, origin: .pairs))
      guard let error = try route.attempt(batch)[0].error else { return }
      // A kernel before 5.13 knows no resilient groups.
      if case .group = way { throw .netlink(error) }
      if error.errno != .invalidArgument && error.errno != .notSupported { throw .netlink(error) }
    }
  }

  private func replaceRoutes(_ wanted: [PairRoute]) throws(DataplaneError) {
    let found = try kernel.pairRoutes()
    let present = Set(found.map(PairKey.init))
    let wanted = wanted.map(route)
    let kept = Set(wanted.map(PairKey.init))
    let prefixes = Set(wanted.map(\.destination))
    var batch = Batch()
    for route in wanted where !present.contains(PairKey(route)) { batch.replaceRoute(route) }
    for route in found where !kept.contains(PairKey(route)) && !prefixes.contains(route.destination) {
      batch.deleteRoute(
        Route(
          to: route.destination ?? Route.everywhere(route.family), origin: .pairs, scope: Scope(rawValue: 255),
          priority: route.priority))
    }
    if !batch.isEmpty { try kernel.route().carryOut(batch) }
  }

  /// Groups go before their members, which would take them along one by one.
  private func removeNextHops(besides shared: [PairRoute]) throws(DataplaneError) {
    let kept = Set(shared.map(\.id) + shared.flatMap(\.holders).map(\.nextHopID))
    let route = try kernel.route()
    let found: [NextHopObject]
    do throws(NetlinkError) { found = try route.nextHops(origin: .pairs) } catch {
      // A kernel without them has none.
      if error.errno == .notSupported || error.errno == .invalidArgument { return }
      throw .netlink(error)
    }
    let stale = found.filter { !kept.contains($0.id) }
    if stale.isEmpty { return }
    var batch = Batch()
    for hop in stale where hop.way.members != nil { batch.deleteNextHop(hop.id) }
    for hop in stale where hop.way.members == nil { batch.deleteNextHop(hop.id) }
    for outcome in try route.attempt(batch) {
      if let error = outcome.error, error.errno != .noSuchFile { throw .netlink(error) }
    }
  }
}

extension KernelNamespace {
  fileprivate func pairRoutes() throws(DataplaneError) -> [Route] {
    let connection = try route()
    var found: [Route] = []
    for family in KernelFeatures.families {
      found += try asking { () throws(NetlinkError) in try connection.routes(family: family, origin: .pairs) }
    }
    return found.filter { $0.origin == .pairs }
  }

  /// Makes the addresses that go to the gateway first exactly these.
  fileprivate func replaceShared(_ prefixes: [IPPrefix]) throws(DataplaneError) {
    let connection = try netfilter()
    var transaction = Transaction()
    for (set, family) in [(SourceFilter.shared4, IPFamily.v4), (SourceFilter.shared6, .v6)] {
      let found = try asking { () throws(NetlinkError) in
        try connection.elements(of: set, in: SourceFilter.table)
      }
      let wanted = aggregated(prefixes.filter { $0.family == family }).map { SetElement(in: $0) }
      if Set(found) == Set(wanted) { continue }
      transaction.flush(set: set.name, in: SourceFilter.table)
      transaction.add(wanted, to: set, in: SourceFilter.table)
    }
    if transaction.isEmpty { return }
    do throws(NetlinkError) { try transaction.commit(on: connection) } catch { throw .netlink(error) }
  }
}

/// What tells one of these routes from another.
private struct PairKey: Hashable {
  let destination: IPPrefix?
  let nextHop: UInt32?

  init(_ route: Route) {
    destination = route.destination
    nextHop = route.nextHopID
  }
}

extension PairRoute {
  /// Before imported networks, after what the bridge is connected to.
  fileprivate static let priority: UInt32 = 512
  fileprivate var id: UInt32 { NodeNames.nextHopID("\(prefix)") }
}

extension IPAddress {
  fileprivate var nextHopID: UInt32 { NodeNames.nextHopID(description) }
}

extension NextHopObject.Way {
  /// The members of a group, in order.
  fileprivate var members: [UInt32]? {
    switch self {
    case .gateway: nil
    case .group(let members), .resilientGroup(let members, _, _): members.sorted()
    }
  }
}

extension RouteProtocol {
  /// Beside that of imported routes (``TransitNames/origin``).
  static let pairs = RouteProtocol(rawValue: TransitNames.origin + 1)
}
