internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import ObjectStore

/// What came of recording an attachment.
enum Recording {
  /// It is pending; the routing instance, if it is known to be as it should.
  case recorded(Leftover, InstanceRecord?)
  /// It is pending, and the routing instance has to be made first.
  case waiting(Leftover)
  /// It is pending, and its interface could not be made.
  case failed(Leftover, any Error)
  /// Nothing was recorded: these have to be cleaned up before.
  case predecessors([Leftover])
}

extension Node {
  /// Allocates the addresses and records the attachment as pending, in one transaction.
  func record(_ call: PluginCall, _ wish: Wish, _ pod: PodNamespace) throws -> Recording {
    let random = try randomBytes(21)
    return try store.transaction { transaction in
      let predecessors = try predecessors(of: call, in: transaction)
      if !predecessors.isEmpty { return .predecessors(predecessors) }
      let addresses = try allocate(call, wish, transaction)
      let attachment = Attachment(
        containerID: call.containerID, interfaceName: call.interfaceName, networkName: call.network.name,
        state: .pending, pod: call.pod, namespacePath: pod.path, namespace: pod.identity,
        linkGroup: NodeNames.linkGroup(containerID: call.containerID, interfaceName: call.interfaceName),
        created: wallClockNanoseconds(), interfaces: [interface(call, wish, addresses, random)])
      try transaction.record(attachment)
      let instance = try transaction.instance(wish.network.instance.name)
      let isReady = instance?.fingerprint == wish.network.instance.fingerprint
      if instance == nil {
        try refuseIfUnknownPortsLive(beside: attachment)
        // Known before it is made, so that a dead process's instance is found.
        try transaction.record(InstanceRecord(name: wish.network.instance.name, bridgeIndex: 0, fingerprint: ""))
      }
      return .recorded(try Leftover(attachment, in: transaction), isReady ? instance : nil)
    }
  }

  /// A store that does not know of the instance knows of no pods. If there are some all the same, it was lost, and their
  /// addresses would be given to others.
  private func refuseIfUnknownPortsLive(beside attachment: Attachment) throws {
    let own = attachment.interfaces.map(\.hostName)
    let ports = try kernel.portNames().filter { !own.contains($0) }
    if ports.isEmpty { return }
    throw CNIError(
      .storeUnusable,
      "the store \(store.path) was lost while \(ports.count) interfaces were attached, such as \(ports[0])",
      "remove their pods (DEL removes an interface by its name): the store starts afresh with the last of them")
  }

  /// Earlier attachments that are in the way: an unfinished one of this container and interface, and those of the same
  /// pod that a runtime gave up and tried again under another container ID.
  private func predecessors(of call: PluginCall, in transaction: AttachmentTransaction) throws -> [Leftover] {
    let same = try transaction.attachment(containerID: call.containerID, interfaceName: call.interfaceName)
    if let same, same.state == .attached {
      throw CNIError(
        .interfaceExists, "CNI_IFNAME: container \(call.containerID) has \(call.interfaceName) attached already",
        "run DEL first")
    }
    let earlier = try transaction.attachments(podUID: call.pod.uid).filter {
      $0.containerID != call.containerID && ($0.state == .pending || isGone($0))
    }
    return try ((same.map { [$0] } ?? []) + earlier).map { try Leftover($0, in: transaction) }
  }

  /// Whether the pod's namespace does not exist any more: its path says so, and no host end is left.
  private func isGone(_ attachment: Attachment) -> Bool {
    let found = PodNamespace.find(
      path: attachment.namespacePath, recorded: attachment.namespace, home: kernel.home)
    return found == nil && !kernel.hasAnyLink(attachment.interfaces.map(\.hostName))
  }

  private func allocate(
    _ call: PluginCall, _ wish: Wish, _ transaction: AttachmentTransaction
  ) throws -> [AttachedAddress] {
    let pod = call.pod
    let label = pod.name.isEmpty ? "" : "pod \(pod.namespace.isEmpty ? pod.name : "\(pod.namespace)/\(pod.name)")"
    let holder = Holder(owner: call.containerID, interface: call.interfaceName, label: label)
    return try wish.network.pools.map { pool in
      var addresses = transaction.pool(pool.name)
      let address = try allocate(wish.addresses[pool.family], for: holder, from: pool, in: &addresses)
      return AttachedAddress(
        address: wish.network.interfaceAddress(address, in: pool), gateway: pool.subnets[0].gateway)
    }
  }

  /// A configuration that has changed is taken over, unless an address in use no longer fits.
  private func allocate(
    _ requested: IPAddress?, for holder: Holder, from pool: Pool, in addresses: inout PoolStore
  ) throws -> IPAddress {
    func attempt() throws(AllocationError<StoreError>) -> IPAddress {
      guard let requested else { return try pool.allocate(for: holder, in: &addresses) }
      return try pool.allocate([requested], for: holder, in: &addresses)[0]
    }
    do {
      return try attempt()
    } catch .refused(.configurationChanged) {
      try pool.reconfigure(in: &addresses)
      return try attempt()
    }
  }

  private func interface(
    _ call: PluginCall, _ wish: Wish, _ addresses: [AttachedAddress], _ random: [UInt8]
  ) -> AttachedInterface {
    let uuid = random[..<16].reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    let chosen = MACAddress(bytes: [0x02] + random[..<5]) ?? MACAddress(rawValue: 0)
    return AttachedInterface(
      uuid: uuid, name: call.interfaceName,
      hostName: NodeNames.hostName(containerID: call.containerID, interfaceName: call.interfaceName),
      mac: wish.mac ?? chosen, hostMAC: MACAddress(bytes: [0x06] + random[16..<21]) ?? chosen,
      mtu: wish.network.instance.mtu, network: wish.network.name, instance: wish.network.instance.name,
      addresses: addresses)
  }
}
