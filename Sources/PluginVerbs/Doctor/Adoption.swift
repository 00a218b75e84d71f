internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

// Records of pods that run, made from the kernel: the host ends' aliases, the filter's sets, the pods' own ends.

/// A namespace with interfaces that the store does not know.
private struct Place {
  /// Empty for the node's own.
  let pin: String
  let kernel: KernelNamespace
  let ends: [HostEnd]
  let network: NodeNetwork
  let wanted: WantedInstance
  let isRecorded: Bool
}

/// What could not be taken in, and of which containers that is.
private struct Failures {
  var texts: [String] = []
  var containers: Set<String> = []

  mutating func note(_ text: String, _ ends: [HostEnd]) {
    texts.append(text)
    containers.formUnion(ends.map(\.containerID))
  }
}

extension Node {
  /// Records what the kernel has of pods that the store does not know, so that their addresses are theirs and a DEL removes
  /// them.
  ///
  /// - Returns: what could not be taken in, and why.
  func adopt() throws -> [String] {
    try locks.makeDirectory()
    var failures = Failures()
    let places = try unknownPlaces(&failures)
    if places.isEmpty { return failures.texts }
    let pods = try kernel.podEnds(of: places.flatMap(\.ends))
    let containers = Set(places.flatMap(\.ends).map(\.containerID)).sorted()
    let names = places.map(\.network.name)
    try withContainers(containers[...]) {
      try withInstances(names, exclusive: Set(names)) {
        let found = try places.flatMap { try interfaces(in: $0, pods, &failures) }
        // A part of an attachment is none.
        let whole = attachments(found).filter { !failures.containers.contains($0.containerID) }
        let used = Set(whole.flatMap(\.interfaces).map(\.network))
        try store.transaction { transaction in
          for place in places where !place.isRecorded && used.contains(place.network.name) {
            try transaction.record(try record(of: place))
          }
          for attachment in whole { try adopt(attachment, places, transaction, &failures) }
          try recordTransit(transaction)
        }
      }
    }
    return failures.texts
  }

  private func withContainers(_ ids: ArraySlice<String>, _ body: () throws -> Void) throws {
    guard let id = ids.first else { return try body() }
    let lock = try locks.container(id)
    defer { extendLifetime(lock) }
    try withContainers(ids.dropFirst(), body)
  }

  private func unknownPlaces(_ failures: inout Failures) throws -> [Place] {
    let (records, known, outside) = try store.transaction { transaction in
      (
        try transaction.instances().compactMap { try transaction.instance($0) },
        Set(try transaction.attachments().flatMap(\.interfaces).map(\.hostName)), try transaction.outsidePairs()
      )
    }
    let files = try fileNames(inDirectory: pins).filter { $0.utf8.contains(UInt8(ascii: ".")) }.sorted()
    var places: [Place] = []
    for pin in [""] + files.map({ "\(pins)/\($0)" }) {
      guard let place = pin.isEmpty ? kernel.node : kernel.instanceNamespace(at: pin) else { continue }
      let ends = try place.hostEnds().known.filter { !known.contains($0.name) }
      if ends.isEmpty { continue }
      let record = records.first { $0.pin == pin } ?? InstanceRecord(name: networkName(ofPin: pin), pin: pin)
      let network = try definitions.read { reader in
        try NetworkDirectory(configuration, reader, mtu: try podMTU()).network(of: record)
      }
      guard let network, NodeNames.pin(ofNetwork: network.name) == NodeNames.pin(ofNetwork: record.name) else {
        failures.note(
          "network \(record.name) of \(ends.count) interfaces is not defined: apply its definition, and fix again", ends
        )
        continue
      }
      places.append(
        Place(
          pin: pin, kernel: place, ends: ends, network: network, wanted: WantedInstance(network, outside),
          isRecorded: records.contains { $0.pin == pin }))
    }
    return places
  }

  /// A namespace's name has no full stop.
  private func networkName(ofPin pin: String) -> String {
    if pin.isEmpty { return NetworkName.defaultPodNetwork(clusterName: configuration.clusterName).description }
    let file = pin.utf8.dropFirst(pins.utf8.count + 1)
    let parts = file.split(separator: UInt8(ascii: "."), maxSplits: 1).map { String(Substring($0)) }
    return parts.joined(separator: "/")
  }

  private func record(of place: Place) throws -> InstanceRecord {
    let numbers = try place.kernel.linkNumbers()
    let routing = place.wanted.routing
    return InstanceRecord(
      name: place.network.name, pin: place.pin, identity: place.pin.isEmpty ? nil : place.kernel.identity,
      bridgeIndex: try place.kernel.bridgeFound()?.index ?? 0,
      // What is in a namespace of its own is made again; the node's is compared part by part.
      fingerprint: place.pin.isEmpty ? place.wanted.fingerprint : "", vni: numbers.vni, mode: routing.mode.rawValue,
      checksSources: routing.checksSources, uplink: numbers.uplink,
      isOpenToNode: place.wanted.uplink?.isOpenToNode ?? false)
  }

  private func recordTransit(_ transaction: AttachmentTransaction) throws {
    let path = "\(pins)/\(TransitNames.namespace)"
    guard try transaction.instance(InstanceRecord.transit) == nil, try !transaction.connectedInstances().isEmpty,
      let found = kernel.instanceNamespace(at: path)
    else { return }
    try transaction.record(InstanceRecord(name: InstanceRecord.transit, pin: path, identity: found.identity))
  }

  // MARK: Attachments

  private typealias FoundInterface = (host: HostEnd, pod: PodEnd, interface: AttachedInterface)

  private func interfaces(
    in place: Place, _ pods: [String: PodEnd], _ failures: inout Failures
  ) throws -> [FoundInterface] {
    let permissions = try place.kernel.permissions()
    let shared = try place.kernel.sharedRanges()
    var found: [FoundInterface] = []
    for host in place.ends {
      let title = "\(host.interface) of container \(host.containerID) (\(host.name))"
      guard let pod = pods[host.name] else {
        failures.note("\(title): no network namespace that is seen from here has its other end", [host])
        continue
      }
      let linkLocal = IPAddress.v6(.linkLocal(from: pod.mac))
      let known = permissions[host.name]
      let own = known?.addresses.filter { $0.mac == pod.mac && $0.address != linkLocal }.map(\.address) ?? []
      guard let known, !own.isEmpty else {
        failures.note("\(title): the source filter knows no address of \(pod.mac)", [host])
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
  private func attachments(_ found: [FoundInterface]) -> [Attachment] {
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

  private func adopt(
    _ attachment: Attachment, _ places: [Place], _ transaction: AttachmentTransaction, _ failures: inout Failures
  ) throws {
    let isRecorded = try transaction.isRecorded(
      containerID: attachment.containerID, interfaceName: attachment.interfaceName, podUID: "")
    if isRecorded {
      return failures.texts.append(
        "container \(attachment.containerID) has another \(attachment.interfaceName) recorded")
    }
    for interface in attachment.interfaces {
      guard let network = places.first(where: { $0.network.name == interface.network })?.network else { continue }
      let holder = Holder(
        owner: attachment.containerID, interface: interface.name, label: "container \(attachment.containerID)")
      for address in interface.addresses.map(\.address.address) {
        guard let pool = network.pools.first(where: { $0.family == address.family }) else { continue }
        var addresses = transaction.pool(pool.name)
        if let other = try addresses.holder(of: address) {
          try transaction.releaseAddresses(of: attachment)
          return failures.texts.append(
            "container \(attachment.containerID): \(address) is also \(other.label.isEmpty ? other.owner : other.label)'s: "
              + "restart one of them")
        }
        _ = try pool.allocate([address], for: holder, in: &addresses)
      }
    }
    try transaction.record(attachment)
  }
}

extension NodeNetwork {
  fileprivate var gateways: [IPAddress] { pools.flatMap(\.subnets).map(\.gateway) }
}

extension AllowedAddressPair {
  /// The pairs that the filter's ranges were made from.
  ///
  /// - Parameters:
  ///   - own: the interface's MAC, with which every pair's addresses may be used.
  ///   - gateways: what is left out of the ranges.
  ///   - shared: the ranges that several interfaces have at once.
  static func pairs(
    _ ranges: [(mac: MACAddress, first: IPAddress, last: IPAddress)], own: MACAddress, gateways: [IPAddress],
    shared: [(first: IPAddress, last: IPAddress)]
  ) -> [AllowedAddressPair] {
    var pairs: [AllowedAddressPair] = []
    for mac in Set(ranges.map(\.mac)).sorted(by: { ($0 == own ? 1 : 0, $0.rawValue) < ($1 == own ? 1 : 0, $1.rawValue) }
    ) {
      for family in IPFamily.allCases {
        let mine = ranges.filter { $0.mac == mac && $0.first.family == family }.map {
          ($0.first.number, $0.last.number)
        }
        for prefix in prefixes(joined(mine, gateways.filter { $0.family == family }.map(\.number)), family) {
          if mac == own, pairs.contains(where: { $0.prefix == prefix }) { continue }
          let isShared = shared.contains { $0.first <= prefix.address && prefix.last <= $0.last.number }
          pairs.append(
            AllowedAddressPair(
              prefix: prefix, mac: mac == own ? nil : mac, mode: isShared ? .activeActive : .activeStandby))
        }
      }
    }
    return pairs
  }

  /// Ranges whose gap is a gateway are one.
  private static func joined(_ ranges: [(UInt128, UInt128)], _ gateways: [UInt128]) -> [(UInt128, UInt128)] {
    var joined: [(first: UInt128, last: UInt128)] = []
    for (first, last) in ranges.sorted(by: { $0.0 < $1.0 }) {
      if let before = joined.last, before.last < .max - 1, before.last + 2 == first, gateways.contains(before.last + 1)
      {
        joined[joined.count - 1].last = last
      } else {
        joined.append((first, last))
      }
    }
    return joined.map { ($0.first, $0.last) }
  }

  /// The fewest prefixes that cover the ranges.
  private static func prefixes(_ ranges: [(UInt128, UInt128)], _ family: IPFamily) -> [IPPrefix] {
    var prefixes: [IPPrefix] = []
    for (first, last) in ranges {
      var next = first
      while next <= last {
        var length = family.bits
        while length > 0 {
          let wider = IPPrefix(containing: IPAddress(family: family, number: next), length: length - 1)
          if wider.address.number != next || wider.last > last { break }
          length -= 1
        }
        let prefix = IPPrefix(containing: IPAddress(family: family, number: next), length: length)
        prefixes.append(prefix)
        if prefix.last >= last { break }
        next = prefix.last + 1
      }
    }
    return prefixes
  }
}
