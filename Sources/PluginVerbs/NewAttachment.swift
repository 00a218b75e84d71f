internal import CNI
internal import ContrailIPAM
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

// What an ADD records before it makes anything: names, MACs, and addresses from the pools.

extension Node {
  func newAttachment(
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
    for address in plan.addresses.values.sorted() { try refuse(address, sharedIn: plan, call, transaction) }
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

  /// Frames to one address go to one port, and those to a MAC of pairs to who announced itself with it.
  private func refuse(_ mac: MACAddress, heldIn plan: InterfacePlan, _ transaction: AttachmentTransaction) throws {
    let field = plan.source.isEmpty ? "mac" : "\(plan.source): mac"
    if let holder = try transaction.holder(of: mac, network: plan.network.name) {
      throw CNIError(
        .tryAgainLater, "\(field): \(mac) of network \(plan.network.name) is held by \(holder.holderText)",
        "wait until the pod is gone, or ask for another")
    }
    guard let holder = try transaction.pairHolders(of: mac, network: plan.network.name).first else { return }
    throw CNIError(
      .tryAgainLater,
      "\(field): \(mac) of network \(plan.network.name) is in an allowed address pair of \(holder.holderText)",
      "wait until the pod is gone, or ask for another")
  }

  /// Nobody's own address is one that others may use, unless it says so itself.
  private func refuse(
    _ address: IPAddress, sharedIn plan: InterfacePlan, _ call: PluginCall, _ transaction: AttachmentTransaction
  ) throws {
    if plan.pairs.contains(where: { $0.prefix == IPPrefix(containing: address, length: address.family.bits) }) {
      return
    }
    let others = try transaction.pairHolders(of: address, network: plan.network.name)
    guard let holder = others.first(where: { $0.containerID != call.containerID }) else { return }
    throw CNIError(
      .tryAgainLater,
      "\(plan.addressField): \(address) of network \(plan.network.name) is an allowed "
        + "address pair of \(holder.holderText)",
      "wait until the pod is gone, ask for another, or list \(address) as an allowed address pair of this pod too")
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
        let field = plan.addresses[pool.family] == nil ? plan.source : plan.addressField
        guard !field.isEmpty else { throw error }
        let error = CNIError(converting: error)
        throw CNIError(error.code, "\(field): \(error.message)", error.details)
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

extension Attachment {
  /// How messages call who has something.
  fileprivate var holderText: String {
    (pod.name.isEmpty ? "" : "pod \(pod.namespace)/\(pod.name), ") + "container \(containerID)"
  }
}
