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
  /// It is pending, and its instances have to be made, mended or looked at first.
  case waiting(Leftover)
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
    let isMade = wish.instances.allSatisfy { instance in
      pending.instances.first { $0.name == instance.name }?.fingerprint == instance.fingerprint
    }
    return isMade ? .ready(pending) : .waiting(pending)
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
    guard try kernel.namespace(at: attachment.namespacePath, recorded: attachment.namespace) == nil else {
      return false
    }
    return try attachment.instanceNames.allSatisfy { name in
      guard let record = try transaction.instance(name), let instance = try? open(record) else { return true }
      return !instance.kernel.hasAnyLink(attachment.ports(in: name, record.forwardingMode).map(\.hostName))
    }
  }
}
