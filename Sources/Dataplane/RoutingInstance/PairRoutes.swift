internal import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

extension PlacedInstance {
  /// Makes the gateway's routes to pairs exactly these.
  ///
  /// A prefix that several have is reached by a resilient group of next hops: where one goes, the flows of the others stay.
  package func routePairs(_ wanted: [PairRoute]) throws(DataplaneError) {
    let routes = try kernel.pairRoutes()
    let hops = try kernel.pairNextHops()
    let shared = wanted.filter { !$0.holders.isEmpty }
    let prefixes = Set(wanted.map(\.prefix))
    let kept = Set(shared.map(\.id) + shared.flatMap(\.holders).map(\.nextHopID))
    let present = Set(routes.map(PairKey.init))
    var groups: [UInt32: [UInt32]] = [:]
    for hop in hops { groups[hop.id] = hop.way.members }
    // What is there already is left alone.
    let changed = wanted.filter { pair in
      !present.contains(PairKey(route(to: pair)))
        || !pair.holders.isEmpty && groups[pair.id] != pair.holders.map(\.nextHopID).sorted()
    }
    let areReached = try lead(to: changed) != .nobody
    try part(
      routes.filter { $0.destination.map { !prefixes.contains($0) } ?? false },
      // Groups go before their members, which would take them along one by one.
      hops: [true, false].flatMap { isGroup in
        hops.filter { (!kept.contains($0.id) || !areReached) && ($0.way.members != nil) == isGroup }.map(\.id)
      })
    try kernel.replaceShared(shared.map(\.prefix))
  }

  /// Changes the gateway's routes to some pairs, without a look at the others.
  ///
  /// - Returns: whether the kernel had what it should have had: it drops all next hops when the bridge loses its carrier.
  package func changePairRoutes(_ change: PairRouteChange) throws(DataplaneError) -> Bool {
    guard try lead(to: change.wanted, except: change.ports) == .all else { return false }
    let unshared = change.gone + change.wanted.filter(\.holders.isEmpty).map(\.prefix)
    try part(
      change.gone.map { route(to: PairRoute(prefix: $0, holders: [])) },
      hops: unshared.map { PairRoute(prefix: $0, holders: []).id } + change.idle.map(\.nextHopID))
    if let all = change.nested {
      try kernel.replaceShared(all)
      return true
    }
    let shared = change.wanted.filter { !$0.holders.isEmpty }.map(\.prefix)
    try kernel.changeShared(adding: shared, removing: unshared)
    return true
  }

  /// What ``routePairs(_:)`` made that is not there.
  package func pairProblems(_ wanted: [PairRoute]) throws(DataplaneError) -> [String] {
    let found = Set(try kernel.pairRoutes().map(PairKey.init))
    return wanted.filter { !found.contains(PairKey(route(to: $0))) }.map { "the route to \($0.prefix) is missing" }
  }

  private func route(to pair: PairRoute) -> Route {
    Route(
      to: pair.prefix, output: pair.holders.isEmpty ? bridge : nil, origin: .pairs,
      priority: PairRoute.priority, nextHopID: pair.holders.isEmpty ? nil : pair.id)
  }

  /// Whom of those that have a prefix the kernel knew already.
  enum Known {
    case all
    case some
    /// Nobody, and nobody can be made known, because no port is up.
    case nobody
  }

  /// Makes next hops, groups and routes.
  ///
  /// - Parameter newcomers: whom the kernel need not know.
  private func lead(to wanted: [PairRoute], except newcomers: [IPAddress] = []) throws(DataplaneError) -> Known {
    let shared = wanted.filter { !$0.holders.isEmpty }
    let connection = try kernel.route()
    var known = Known.all
    if !shared.isEmpty {
      try spreadFlows()
      known = try addNextHops(Set(shared.flatMap(\.holders)).sorted(), except: newcomers)
      if known != .nobody { try replaceGroups(shared, on: connection) }
    }
    var routes = Batch()
    for pair in known == .nobody ? wanted.filter(\.holders.isEmpty) : wanted { routes.replaceRoute(route(to: pair)) }
    try connection.carryOut(routes)
    return known
  }

  /// Deletes routes, then next hops; what is gone already is well.
  private func part(_ routes: [Route], hops: [UInt32]) throws(DataplaneError) {
    let connection = try kernel.route()
    if !routes.isEmpty {
      var batch = Batch()
      for route in routes {
        batch.deleteRoute(
          Route(
            to: route.destination ?? Route.everywhere(route.family), origin: .pairs, scope: Scope(rawValue: 255),
            priority: route.priority))
      }
      try connection.carryOut(batch, except: .noSuchProcess)
    }
    if hops.isEmpty { return }
    var batch = Batch()
    for hop in hops { batch.deleteNextHop(hop) }
    try connection.carryOut(batch, except: .noSuchFile)
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

  fileprivate func pairNextHops() throws(DataplaneError) -> [NextHopObject] {
    let connection = try route()
    do throws(NetlinkError) { return try connection.nextHops(origin: .pairs) } catch {
      // A kernel without them has none.
      if error.errno == .notSupported || error.errno == .invalidArgument { return [] }
      throw .netlink(error)
    }
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

extension NextHopObject.Way {
  /// The members of a group, in order.
  fileprivate var members: [UInt32]? {
    switch self {
    case .gateway: nil
    case .group(let members), .resilientGroup(let members, _, _): members.sorted()
    }
  }
}
