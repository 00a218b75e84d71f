internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute
internal import NetworkAddresses

// The next hops of prefixes that several ports have at once, and how flows are spread over them.

extension PlacedInstance {
  /// By addresses, protocol and ports. On the node the choice by addresses alone may be somebody's wish; but then all of a
  /// pod's flows go to one holder.
  ///
  /// The usual hash of these (policy 1) is that of the sender's socket where there is one: it changes when TCP has to send
  /// again, and the connection would go on with somebody else.
  func spreadFlows() throws(DataplaneError) {
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

  func addNextHops(_ holders: [IPAddress], except newcomers: [IPAddress]) throws(DataplaneError) -> Known {
    let connection = try kernel.route()
    var known = Known.all
    for isLast in [false, true] {
      var batch = Batch()
      for holder in holders {
        let way = NextHopObject.Way.gateway(holder, output: bridge, isOnLink: true)
        batch.addNextHop(NextHopObject(id: holder.nextHopID, way, origin: .pairs))
      }
      let outcomes = try connection.attempt(batch).map(\.error)
      for case let error? in outcomes where error.errno != .exists && error.errno != .networkDown {
        throw .netlink(error)
      }
      guard outcomes.contains(where: { $0?.errno == .networkDown }) else {
        let added = zip(holders, outcomes).filter { $1 == nil && !newcomers.contains($0) }
        return added.isEmpty ? known : .some
      }
      // Without a carrier the bridge takes none. It gets it a moment after its first port.
      let mayCome = try hasPortWithCarrier()
      guard mayCome && !isLast else { return .nobody }
      try kernel.awaitCarrier(of: bridge, deadline: monotonicNanoseconds() + Self.carrierDeadline)
      known = .some
    }
    return known
  }

  private func hasPortWithCarrier() throws(DataplaneError) -> Bool {
    let connection = try kernel.route()
    return try asking { () throws(NetlinkError) in try connection.links() }
      .contains { $0.master == bridge && $0.flags.contains(.lowerUp) }
  }

  /// How long the bridge's carrier may take to come, in nanoseconds.
  private static var carrierDeadline: UInt64 { 2_000_000_000 }

  func replaceGroups(_ shared: [PairRoute], on connection: Connection) throws(DataplaneError) {
    func replaceGroups(_ pairs: [PairRoute], _ way: ([UInt32]) -> NextHopObject.Way) throws(DataplaneError) -> [Outcome]
    {
      var batch = Batch()
      for pair in pairs {
        batch.replaceNextHop(
          NextHopObject(id: pair.id, way(pair.holders.map(\.nextHopID).sorted()), origin: .pairs))
      }
      return try connection.attempt(batch)
    }
    var refused: [PairRoute] = []
    let outcomes = try replaceGroups(shared) { .resilientGroup($0, buckets: 128, idleTime: 1000) }
    for (pair, outcome) in zip(shared, outcomes) {
      guard let error = outcome.error else { continue }
      // A kernel before 5.13 knows no resilient groups.
      guard error.errno == .invalidArgument || error.errno == .notSupported else { throw .netlink(error) }
      refused.append(pair)
    }
    if refused.isEmpty { return }
    for case let error? in try replaceGroups(refused, { .group($0) }).map(\.error) { throw .netlink(error) }
  }
}
