internal import ContrailIPAM
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

// Attachments, as the host ends' aliases, the filter's sets and the pods' own ends tell of them.

extension Adoption {
  typealias FoundInterface = (host: HostEnd, pod: PodEnd, interface: AttachedInterface)

  func interfaces(in place: UnknownPlace, _ pods: [String: PodEnd]) throws -> [FoundInterface] {
    let permissions = try place.kernel.permissions()
    let shared = try place.kernel.sharedRanges()
    var found: [FoundInterface] = []
    for host in place.ends {
      let title = "\(host.interface) of container \(host.containerID) (\(host.name))"
      guard let pod = pods[host.name] else {
        note("\(title): no network namespace that is seen from here has its other end", of: [host])
        continue
      }
      let linkLocal = IPAddress.v6(.linkLocal(from: pod.mac))
      let known = permissions[host.name]
      let own = known?.addresses.filter { $0.mac == pod.mac && $0.address != linkLocal }.map(\.address) ?? []
      guard let known, !own.isEmpty else {
        note("\(title): the source filter knows no address of \(pod.mac)", of: [host])
        continue
      }
      let pairs = AllowedAddressPair.pairs(
        known.pairs, own: pod.mac, gateways: place.network.gateways, shared: shared)
      found.append((host, pod, try interface(host, pod, own, pairs, place.network)))
    }
    return found
  }

  private func interface(
    _ host: HostEnd, _ pod: PodEnd, _ own: [IPAddress], _ pairs: [AllowedAddressPair], _ network: NodeNetwork
  ) throws -> AttachedInterface {
    // A MAC that was chosen here begins with 02 and goes on as the interface's UUID begins.
    let chosen = pod.mac.bytes.first == 0x02 ? Array(pod.mac.bytes.dropFirst()) : []
    let uuid = (chosen + (try randomBytes(16 - chosen.count))).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    let addresses = network.pools.flatMap { pool in
      own.filter { $0.family == pool.family }.map { address in
        AttachedAddress(
          address: pod.addresses.first { $0.address == address } ?? network.interfaceAddress(address, in: pool),
          gateway: (pool.subnet(containing: address) ?? pool.subnets[0]).gateway,
          defaultRouter: pod.defaultRouters.first { $0.family == address.family })
      }
    }
    return AttachedInterface(
      uuid: uuid, name: host.interface, hostName: host.name, mac: pod.mac, hostMAC: host.mac, mtu: host.mtu,
      network: network.name, instance: network.name, addresses: addresses, pairs: pairs)
  }

  /// The interfaces of one ADD are those of one group.
  func attachments(_ found: [FoundInterface]) -> [Attachment] {
    struct Key: Hashable {
      let containerID: String
      let group: UInt32
    }
    let groups = Dictionary(grouping: found) { Key(containerID: $0.host.containerID, group: $0.pod.group) }
    return groups.map { key, members in
      let members = members.sorted { $0.pod.index < $1.pod.index }
      let first =
        members.first {
          NodeNames.linkGroup(containerID: key.containerID, interfaceName: $0.host.interface) == key.group
        } ?? members[0]
      return Attachment(
        containerID: key.containerID, interfaceName: first.host.interface, networkName: "", state: .attached,
        pod: PodReference(uid: first.host.podUID), namespacePath: first.pod.path, namespace: first.pod.namespace,
        linkGroup: key.group, created: wallClockNanoseconds(), interfaces: members.map(\.interface))
    }.sorted { $0.containerID < $1.containerID }
  }
}

extension NodeNetwork {
  fileprivate var gateways: [IPAddress] { pools.flatMap(\.subnets).map(\.gateway) }
}
