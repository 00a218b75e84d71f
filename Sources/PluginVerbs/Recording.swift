internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import ObjectStore

/// What came of recording an attachment.
enum Recording {
  /// It is pending, and all of its routing instances are made.
  case ready(Leftover)
  /// It is pending, and these instances have to be made, mended or looked at first.
  case waiting(Leftover, Set<String>)
  /// It is pending, and attaching it failed.
  case failed(Leftover, any Error)
  /// Nothing was recorded: these have to be cleaned up before.
  case predecessors([Leftover])
}

extension Node {
  /// Allocates the addresses and records the attachment as pending, in one transaction.
  ///
  /// - Parameter wish: learns what the store says about the networks.
  func record(_ call: PluginCall, _ wish: inout Wish, _ pod: KernelNamespace) throws -> Recording {
    let (pending, leftovers) = try store.transaction { transaction -> (Leftover?, [Leftover]) in
      let found = try predecessors(of: call, in: transaction)
      if !found.isEmpty { return (nil, found) }
      try wish.reachOutside(transaction)
      try wish.respect(try transaction.attachments(containerID: call.containerID), call)
      for plan in wish.interfaces where !plan.pairs.isEmpty {
        try plan.network.refuseOthersAddresses(
          plan.pairs, of: Holder(owner: call.containerID, interface: plan.name), source: plan.source, transaction)
      }
      let attachment = try newAttachment(call, wish, pod, transaction)
      try transaction.record(attachment)
      for instance in wish.instances where try transaction.instance(instance.name) == nil {
        try refuseIfUnknownPortsLive(in: instance.routing, beside: attachment)
        // Known before it is made, so that a dead process's instance is found.
        try transaction.record(InstanceRecord(name: instance.name, pin: instance.routing.pin))
      }
      return (try Leftover(attachment, in: transaction), [])
    }
    guard let pending else { return .predecessors(leftovers) }
    let stale = Set(
      wish.instances.filter { instance in
        pending.instances.first { $0.name == instance.name }?.fingerprint != instance.fingerprint
      }.map(\.name))
    return stale.isEmpty ? .ready(pending) : .waiting(pending, stale)
  }

  /// A store that does not know of an instance knows of no pods there. If there are some all the same, it was lost, and
  /// their addresses would be given to others.
  private func refuseIfUnknownPortsLive(in instance: RoutingInstance, beside attachment: Attachment) throws {
    let place = instance.placement == .node ? kernel.node : try? kernel.namespace(at: instance.pin)
    guard let place, instance.placement == .node || place.identity != kernel.node.identity else { return }
    let own = attachment.interfaces.map(\.hostName)
    let ports = try place.portNames().filter { !own.contains($0) }
    if ports.isEmpty {
      // An instance of its own is made anew, and the kernel would take the old one apart only later.
      if instance.placement != .node {
        for name in own where place.hasAnyLink([name]) { try place.removeUnrecorded(link: name) }
      }
      return
    }
    throw CNIError(
      .storeUnusable,
      "the store \(store.path) was lost while \(ports.count) interfaces of network \(instance.name) were attached, "
        + "such as \(ports[0])",
      "remove their pods (DEL removes an interface by its name): the store starts afresh with the last of them")
  }

  /// Earlier attachments that are in the way: an unfinished one of this container and interface, and those of the same
  /// pod that a runtime gave up and tried again under another container ID.
  private func predecessors(of call: PluginCall, in transaction: AttachmentTransaction) throws -> [Leftover] {
    let isRecorded = try transaction.isRecorded(
      containerID: call.containerID, interfaceName: call.interfaceName, podUID: call.pod.uid)
    guard isRecorded else { return [] }
    let same = try transaction.attachment(containerID: call.containerID, interfaceName: call.interfaceName)
    if let same, same.state == .attached {
      throw CNIError(
        .interfaceExists, "CNI_IFNAME: container \(call.containerID) has \(call.interfaceName) attached already",
        "run DEL first")
    }
    let earlier = try transaction.attachments(podUID: call.pod.uid).filter {
      try $0.containerID != call.containerID && ($0.state == .pending || isGone($0, in: transaction))
    }
    return try ((same.map { [$0] } ?? []) + earlier).map { try Leftover($0, in: transaction) }
  }

  /// Whether the pod's namespace does not exist any more: its path says so, and no host end is left.
  private func isGone(_ attachment: Attachment, in transaction: AttachmentTransaction) throws -> Bool {
    guard kernel.namespace(at: attachment.namespacePath, recorded: attachment.namespace) == nil else { return false }
    return try attachment.instanceNames.allSatisfy { name in
      guard let record = try transaction.instance(name), let instance = try? open(record) else { return true }
      return !instance.kernel.hasAnyLink(attachment.ports(in: name, record.forwardingMode).map(\.hostName))
    }
  }

  private func newAttachment(
    _ call: PluginCall, _ wish: Wish, _ pod: KernelNamespace, _ transaction: AttachmentTransaction
  ) throws -> Attachment {
    Attachment(
      containerID: call.containerID, interfaceName: call.interfaceName, networkName: call.network.name,
      state: .pending, pod: call.pod, namespacePath: pod.path, namespace: pod.identity,
      linkGroup: NodeNames.linkGroup(containerID: call.containerID, interfaceName: call.interfaceName),
      created: wallClockNanoseconds(),
      interfaces: try wish.interfaces.map { try interface($0, call, transaction) })
  }

  private func interface(
    _ plan: InterfacePlan, _ call: PluginCall, _ transaction: AttachmentTransaction
  ) throws -> AttachedInterface {
    if let mac = plan.mac { try refuse(mac, heldIn: plan, transaction) }
    let random = try randomBytes(21)
    let uuid = random[..<16].reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
    let chosen = MACAddress(bytes: [0x02] + random[..<5]) ?? MACAddress(rawValue: 0)
    return AttachedInterface(
      uuid: uuid, name: plan.name,
      hostName: NodeNames.hostName(containerID: call.containerID, interfaceName: plan.name),
      mac: plan.mac ?? chosen, hostMAC: MACAddress(bytes: [0x06] + random[16..<21]) ?? chosen,
      mtu: plan.network.instance.mtu, network: plan.network.name, instance: plan.network.instance.name,
      addresses: try allocate(plan, call, transaction), pairs: plan.pairs)
  }

  /// Frames to one address go to one port.
  private func refuse(_ mac: MACAddress, heldIn plan: InterfacePlan, _ transaction: AttachmentTransaction) throws {
    guard let holder = try transaction.holder(of: mac, network: plan.network.name) else { return }
    let field = plan.source.isEmpty ? "mac" : "\(plan.source): mac"
    let pod = holder.pod.name.isEmpty ? "" : "pod \(holder.pod.namespace)/\(holder.pod.name), "
    throw CNIError(
      .tryAgainLater,
      "\(field): \(mac) of network \(plan.network.name) is held by \(pod)container \(holder.containerID)",
      "wait until the pod is gone, or ask for another")
  }

  private func allocate(
    _ plan: InterfacePlan, _ call: PluginCall, _ transaction: AttachmentTransaction
  ) throws -> [AttachedAddress] {
    let pod = call.pod
    let label = pod.name.isEmpty ? "" : "pod \(pod.namespace.isEmpty ? pod.name : "\(pod.namespace)/\(pod.name)")"
    let holder = Holder(owner: call.containerID, interface: plan.name, label: label)
    return try plan.network.pools.map { pool in
      var addresses = transaction.pool(pool.name)
      let address: IPAddress
      do {
        address = try allocate(plan.addresses[pool.family], for: holder, from: pool, in: &addresses) { candidate in
          try transaction.isPair(candidate, network: plan.network.name)
        }
      } catch {
        guard !plan.source.isEmpty else { throw error }
        let error = CNIError(converting: error)
        throw CNIError(error.code, "\(plan.source): \(error.message)", error.details)
      }
      return AttachedAddress(
        address: plan.network.interfaceAddress(address, in: pool),
        gateway: (pool.subnet(containing: address) ?? pool.subnets[0]).gateway,
        defaultRouter: plan.defaultRoutes[pool.family])
    }
  }

  /// An address that is nobody's own may still be one that pods share: it is given to nobody who does not ask for it.
  private func allocate(
    _ requested: IPAddress?, for holder: Holder, from pool: Pool, in addresses: inout PoolStore,
    except isShared: (IPAddress) throws -> Bool
  ) throws -> IPAddress {
    var address = try allocate(requested, for: holder, from: pool, in: &addresses)
    if requested != nil { return address }
    var skipped: [IPAddress] = []
    while try isShared(address) {
      // Held by nobody for the moment, so that the search goes on.
      try addresses.release(address)
      let nobody = Holder(owner: "", interface: "\(address)")
      _ = try pool.allocate([address], for: nobody, in: &addresses)
      skipped.append(address)
      address = try allocate(nil, for: holder, from: pool, in: &addresses)
    }
    for other in skipped { try addresses.release(other) }
    return address
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
    } catch {
      switch error {
      case .refused(.configurationChanged):
        try pool.reconfigure(in: &addresses)
        return try attempt()
      case .refused(.exhausted):
        let subnets = pool.subnets.map(\.prefix.description).joined(separator: ", ")
        throw CNIError(
          .tryAgainLater, "pool \(pool.name): no address of \(subnets) is free",
          "wait until pods of the network are gone, or give it a larger subnet")
      default: throw error
      }
    }
  }
}
