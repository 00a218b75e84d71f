package import LinuxSystem
internal import Netlink
internal import NetlinkNetfilter
internal import NetlinkRoute
package import NetworkAddresses

/// The host end of a pod's interface, as the kernel has it.
package struct HostEnd: Equatable, Sendable {
  package let name: String
  package let index: UInt32
  package let mac: MACAddress
  /// In bytes.
  package let mtu: UInt32
  /// Of the pod's end in its namespace.
  package let peerIndex: UInt32
  package let containerID: String
  /// The name inside the pod.
  package let interface: String
  package let podUID: String
}

/// The pod's end of an interface.
package struct PodEnd: Equatable, Sendable {
  /// A file that stands for the pod's namespace.
  package let path: String
  package let namespace: NamespaceIdentity
  package let index: UInt32
  package let mac: MACAddress
  package let group: UInt32
  package let addresses: [InterfaceAddress]
  /// The routers of the default routes that leave through it.
  package let defaultRouters: [IPAddress]
}

/// What the filter lets a port send.
package struct Permission: Equatable, Sendable {
  package var addresses: [(mac: MACAddress, address: IPAddress)] = []
  package var pairs: [(mac: MACAddress, first: IPAddress, last: IPAddress)] = []

  package static func == (one: Permission, other: Permission) -> Bool {
    one.addresses.map(\.address) == other.addresses.map(\.address) && one.pairs.map(\.first) == other.pairs.map(\.first)
  }
}

extension KernelNamespace {
  /// The host ends that are here, those that say whose they are and those that do not.
  package func hostEnds() throws(DataplaneError) -> (known: [HostEnd], nameless: [String]) {
    let route = try route()
    let links = try asking { () throws(NetlinkError) in try route.links() }
      .filter { $0.kind == Veth.name && isHostName($0.name) }
    var known: [HostEnd] = []
    var nameless: [String] = []
    for link in links {
      let parts = (link.alias ?? "").utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 3, let mac = link.address, let peer = link.peerIndex,
        link.name == NodeNames.hostName(containerID: parts[0], interfaceName: parts[1])
      else {
        nameless.append(link.name)
        continue
      }
      known.append(
        HostEnd(
          name: link.name, index: link.index, mac: mac, mtu: link.mtu, peerIndex: peer, containerID: parts[0],
          interface: parts[1], podUID: parts[2]))
    }
    return (known, nameless)
  }

  /// `vmi` and eleven digits of a hash.
  private func isHostName(_ name: String) -> Bool {
    name.hasPrefix(NodeNames.portPrefix) && name.utf8.count == 14
      && name.utf8.dropFirst(3).allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  /// The bridge of the instance that is here; `nil` without one.
  package func bridgeFound() throws(DataplaneError) -> (index: UInt32, addresses: [InterfaceAddress])? {
    let route = try route()
    return try asking { () throws(NetlinkError) in
      guard let bridge = try route.link(.name(NodeNames.bridge)), bridge.kind == Bridge.name else { return nil }
      return (bridge.index, try route.addresses(link: bridge.index).map(\.address))
    }
  }

  /// The numbers of the instance's links to the transit and to the node; 0 where it has none.
  package func linkNumbers() throws(DataplaneError) -> (vni: UInt32, uplink: UInt32) {
    let transit = try transitEnd()?.peerIndex ?? 0
    let uplink = try uplinkEnd()?.peerIndex ?? 0
    return (
      transit > TransitNames.linkIndex(0) ? transit - TransitNames.linkIndex(0) : 0,
      uplink > UplinkNames.nodeIndex(0) ? uplink - UplinkNames.nodeIndex(0) : 0
    )
  }

  /// What the filter lets each port send, by the ports' names.
  package func permissions() throws(DataplaneError) -> [String: Permission] {
    let connection = try netfilter()
    var found: [String: Permission] = [:]
    for set in [SourceFilter.l2] + SourceFilter.bindings + SourceFilter.pairSets {
      let elements: [SetElement]
      do throws(NetlinkError) { elements = try connection.elements(of: set, in: SourceFilter.table) } catch {
        if error.errno == .noSuchFile { continue }
        throw .netlink(error)
      }
      for element in elements {
        let key = element.key.bytes
        let name = String(decoding: key.prefix(16).prefix { $0 != 0 }, as: UTF8.self)
        var permission = found[name] ?? Permission()
        if let mac = MACAddress(bytes: key.dropFirst(16).prefix(6)), let first = IPAddress(bytes: key.dropFirst(24)) {
          if SourceFilter.bindings.contains(set) {
            permission.addresses.append((mac, first))
          } else {
            let last = element.end.flatMap { IPAddress(bytes: $0.bytes.dropFirst(24)) } ?? first
            permission.pairs.append((mac, first, last))
          }
        }
        found[name] = permission
      }
    }
    return found
  }

  /// The prefixes that several ports have at once, as ranges.
  package func sharedRanges() throws(DataplaneError) -> [(first: IPAddress, last: IPAddress)] {
    let connection = try netfilter()
    var found: [(IPAddress, IPAddress)] = []
    for set in [SourceFilter.shared4, SourceFilter.shared6] {
      do throws(NetlinkError) {
        for element in try connection.elements(of: set, in: SourceFilter.table) {
          guard let first = IPAddress(bytes: element.key.bytes), let end = element.end,
            let last = IPAddress(bytes: end.bytes)
          else { continue }
          found.append((first, last))
        }
      } catch {
        if error.errno != .noSuchFile { throw .netlink(error) }
      }
    }
    return found
  }

  /// The neighbours that the bridge was told of and that are none of these.
  package func staleNeighbors(besides known: Set<IPAddress>) throws(DataplaneError) -> [IPAddress] {
    try staleEntries(known).compactMap(\.address)
  }

  /// Makes the bridge forget them.
  package func forgetNeighbors(besides known: Set<IPAddress>) throws(DataplaneError) {
    var batch = Batch()
    for neighbor in try staleEntries(known) { batch.deleteNeighbor(neighbor) }
    if batch.isEmpty { return }
    for outcome in try route().attempt(batch) {
      if let error = outcome.error, error.errno != .noSuchFile { throw .netlink(error) }
    }
  }

  private func staleEntries(_ known: Set<IPAddress>) throws(DataplaneError) -> [Neighbor] {
    guard let bridge = try bridgeFound()?.index else { return [] }
    let route = try route()
    return try asking { () throws(NetlinkError) in try route.neighbors(link: bridge) }.filter { entry in
      guard entry.link == bridge, entry.state == .permanent, let address = entry.address else { return false }
      return !known.contains(address)
    }
  }
}

extension SourceFilter {
  static let bindings = [bind4, bind6]
  static let pairSets = [pair4, pair6, aap4, aap6]
}

extension NodeKernel {
  /// The pods' ends of these interfaces, by the names of their host ends, looked for in every network namespace that a
  /// process is in or that is pinned.
  package func podEnds(of hosts: [HostEnd]) throws(DataplaneError) -> [String: PodEnd] {
    var found: [String: PodEnd] = [:]
    if hosts.isEmpty { return found }
    let wanted = Dictionary(grouping: hosts, by: \.index)
    for path in networkNamespacePaths() {
      guard let place = try? namespace(at: path) else { continue }
      let route = try place.route()
      for link in try asking({ () throws(NetlinkError) in try route.links() }) where link.kind == Veth.name {
        guard let peer = link.peerIndex, let mac = link.address,
          let host = wanted[peer]?.first(where: { $0.peerIndex == link.index && $0.interface == link.name })
        else { continue }
        let addresses = try asking { () throws(NetlinkError) in try route.addresses(link: link.index) }
        let routes = try asking { () throws(NetlinkError) in try route.routes() }
        found[host.name] = PodEnd(
          path: path, namespace: place.identity, index: link.index, mac: mac, group: link.group,
          addresses: addresses.map(\.address),
          defaultRouters: routes.filter { $0.destination == nil && $0.output == link.index && $0.table == .main }
            .compactMap(\.gateway))
      }
    }
    return found
  }
}
