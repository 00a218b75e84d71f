internal import ContrailIPAM
internal import Dataplane
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore
internal import VirtualNetworks

/// A routing instance as the definitions want it on this node.
struct WantedInstance {
  let routing: RoutingInstance
  /// How it reaches others; `nil` where it reaches none.
  let connection: ConnectedInstance?

  /// How it and the node reach each other; `nil` where they do not.
  let uplink: UplinkPlan?
  /// What its pods have outside of its subnets.
  let outside: [IPPrefix]

  /// - Parameter outside: what pods have outside of the subnets of their networks, whichever those are.
  init(_ network: NodeNetwork, _ outside: [OutsidePair]) {
    routing = network.instance
    connection = outside.isEmpty ? network.connection : network.connection?.reaching(outside)
    uplink = network.uplink
    self.outside = outside.filter { $0.network == network.name }.map(\.prefix)
  }

  /// The networks that its pods get routes to, in as few prefixes as say the same.
  var reachedPrefixes: [IPPrefix] {
    let imported = connection?.importedPrefixes ?? []
    return outside.isEmpty ? imported : aggregated(imported + outside)
  }

  /// `namespace/network`.
  var name: String { routing.name }

  /// Everything that the kernel's objects are made from: a record with another text has to be looked at again.
  var fingerprint: String {
    if connection == nil && outside.isEmpty { return unconnected }
    let own = outside.isEmpty ? "" : " outside \(PrefixHash(outside).text)"
    return "\(unconnected) \(Self.separator) \(connection?.fingerprint ?? "-")\(own)"
  }

  /// Whether an instance of that fingerprint differs in nothing but in what it reaches.
  func differsInConnectionOnly(from fingerprint: String) -> Bool {
    fingerprint == unconnected || fingerprint.hasPrefix("\(unconnected) \(Self.separator) ")
  }

  private var unconnected: String {
    uplink.map { "\(routing.fingerprint) \($0.fingerprint)" } ?? routing.fingerprint
  }

  private static let separator = "connected"
}

extension ConnectedInstance {
  /// The instance with what pods have outside of the subnets of its own and of imported networks.
  func reaching(_ outside: [OutsidePair]) -> ConnectedInstance {
    var added: [UInt32: [IPPrefix]] = [:]
    for pair in outside where pair.vni != 0 { added[pair.vni, default: []].append(pair.prefix) }
    return ConnectedInstance(
      name: name, vni: vni, prefixes: prefixes + outside.filter { $0.network == name }.map(\.prefix),
      imports: imports.map { imported in
        added[imported.exporter].map { Import(exporter: imported.exporter, prefixes: imported.prefixes + $0) }
          ?? imported
      })
  }

  /// Numbers, networks and imports, as a number: an instance may import hundreds of networks.
  var fingerprint: String {
    var hash = PrefixHash()
    hash.add(UInt64(vni))
    for prefix in prefixes { hash.add(prefix) }
    for imported in imports {
      hash.add(UInt64(imported.exporter) | 1 << 32)
      for prefix in imported.prefixes { hash.add(prefix) }
    }
    return hash.text
  }
}

/// FNV-1a over numbers and prefixes.
private struct PrefixHash {
  private var value: UInt64 = 0xcbf2_9ce4_8422_2325

  init(_ prefixes: [IPPrefix] = []) {
    for prefix in prefixes { add(prefix) }
  }

  mutating func add(_ number: UInt64) { value = (value ^ number) &* 0x100_0000_01b3 }

  mutating func add(_ prefix: IPPrefix) {
    for byte in prefix.address.bytes { add(UInt64(byte)) }
    add(UInt64(prefix.length))
  }

  var text: String { String(value, radix: 16) }
}

extension Node {
  /// The instances as the definitions want them by now; one whose definition is gone stays as it was wanted.
  func refreshed(_ instances: [WantedInstance]) throws -> [WantedInstance] {
    guard instances.contains(where: { $0.routing.placement != .node }) else { return instances }
    let outside = try store.transaction { try $0.outsidePairs() }
    return try definitions.read { reader in
      try instances.map { instance in
        let name = NetworkName(path: instance.name)
        guard instance.routing.placement != .node,
          let facts = try reader.virtualNetwork(namespace: name.namespace, name: name.name), facts.name == name
        else { return instance }
        let directory = NetworkDirectory(configuration, reader, mtu: instance.routing.mtu)
        return WantedInstance(try directory.network(facts), outside)
      }
    }
  }
}

extension ObjectReader {
  /// How a network's instance reaches others; `nil` where it neither imports nor exports anything.
  func connection(of network: NetworkFacts) throws -> ConnectedInstance? {
    guard network.importsRoutes || network.exportsRoutes else { return nil }
    return ConnectedInstance(
      name: network.name.description, vni: network.vni, prefixes: network.subnets.map(\.subnet.prefix),
      imports: try connections(of: network.name).map {
        ConnectedInstance.Import(exporter: $0.vni, prefixes: $0.prefixes)
      })
  }
}
