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

  init(_ network: NodeNetwork) {
    routing = network.instance
    connection = network.connection
    uplink = network.uplink
  }

  /// `namespace/network`.
  var name: String { routing.name }

  /// Everything that the kernel's objects are made from: a record with another text has to be looked at again.
  var fingerprint: String {
    connection.map { "\(unconnected) \(Self.separator) \($0.fingerprint)" } ?? unconnected
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
  /// Numbers, networks and imports, as a number: an instance may import hundreds of networks.
  var fingerprint: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ number: UInt64) { hash = (hash ^ number) &* 0x100_0000_01b3 }
    func add(_ prefix: IPPrefix) {
      for byte in prefix.address.bytes { add(UInt64(byte)) }
      add(UInt64(prefix.length))
    }
    add(UInt64(vni))
    for prefix in prefixes { add(prefix) }
    for imported in imports {
      add(UInt64(imported.exporter) | 1 << 32)
      for prefix in imported.prefixes { add(prefix) }
    }
    return String(hash, radix: 16)
  }
}

extension Node {
  /// The instances as the definitions want them by now; one whose definition is gone stays as it was wanted.
  func refreshed(_ instances: [WantedInstance]) throws -> [WantedInstance] {
    guard instances.contains(where: { $0.routing.placement != .node }) else { return instances }
    return try definitions.read { reader in
      try instances.map { instance in
        let name = NetworkName(path: instance.name)
        guard instance.routing.placement != .node,
          let facts = try reader.virtualNetwork(namespace: name.namespace, name: name.name), facts.name == name
        else { return instance }
        let directory = NetworkDirectory(configuration, reader, mtu: instance.routing.mtu)
        return WantedInstance(try directory.network(facts))
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
