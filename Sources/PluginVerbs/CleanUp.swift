internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

/// What a clean-up starts from: a record, and those of its routing instances.
struct Leftover {
  let attachment: Attachment
  let instances: [InstanceRecord]

  init(_ attachment: Attachment, in transaction: AttachmentTransaction) throws {
    self.attachment = attachment
    instances = try attachment.instanceNames.compactMap { try transaction.instance($0) }
  }
}

extension Node {
  /// What is recorded of a call's container and interface.
  func leftover(containerID: String, interfaceName: String) throws -> Leftover? {
    try store.transaction { transaction in
      try transaction.attachment(containerID: containerID, interfaceName: interfaceName).map {
        try Leftover($0, in: transaction)
      }
    }
  }

  /// Removes what an attachment has in the kernel, then its addresses and its record, then the routing instances of which
  /// it was the last. The container's lock is held.
  ///
  /// - Parameter pod: the pod's namespace if it is at hand; otherwise the recorded one is looked for.
  func cleanUp(_ leftover: Leftover, pod: KernelNamespace? = nil, event: @autoclosure () -> Event?) throws {
    let attachment = leftover.attachment
    if log.networks.isEmpty { log.networks = attachment.interfaces.map(\.network) }
    // Whoever makes an instance anew meanwhile would give it this attachment's ports again.
    var unused = try withInstances(attachment.instanceNames) {
      try detach(leftover, pod: pod)
      // What others know of it goes before its record, which the next call would start from.
      return attachment.hasOutsidePairs ? [] : try forget(attachment, event: event())
    }
    if attachment.hasOutsidePairs {
      try withdrawOutsidePairs()
      unused = try withInstances(attachment.instanceNames) { try forget(attachment, event: event()) }
    }
    for instance in unused { try removeIfUnused(instance) }
  }

  private func detach(_ leftover: Leftover, pod: KernelNamespace?) throws {
    let attachment = leftover.attachment
    let instances = try openInstances(of: leftover)
    let ports = instances.flatMap { placed, record in
      attachment.ports(in: record.name, record.forwardingMode).map { PlacedPort($0, in: placed) }
    }
    try kernel.detach(
      ports, group: attachment.linkGroup,
      pod: pod ?? kernel.namespace(at: attachment.namespacePath, recorded: attachment.namespace))
    guard attachment.interfaces.contains(where: \.hasRoutedPairs) else { return }
    try store.transaction { transaction in
      try transaction.mark(.pending, containerID: attachment.containerID, interfaceName: attachment.interfaceName)
    }
    try routePairs(of: attachment, in: instances.map(\.placed))
  }

  /// - Returns: the routing instances that nothing is attached to any more.
  private func forget(_ attachment: Attachment, event: @autoclosure () -> Event?) throws -> [String] {
    try store.transaction { transaction in
      try transaction.releaseAddresses(of: attachment)
      try transaction.removeAttachment(
        containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      if let event = event() { try transaction.record(event) }
      return try attachment.instanceNames.filter { try !transaction.isInUse(instance: $0) }
    }
  }

  /// The instances that are still there: what was in a namespace that is gone is gone with it.
  private func openInstances(of leftover: Leftover) throws -> [(placed: PlacedInstance, record: InstanceRecord)] {
    var instances: [(placed: PlacedInstance, record: InstanceRecord)] = []
    for record in leftover.instances {
      do {
        if let placed = try open(record) { instances.append((placed, record)) }
      } catch DataplaneError.foreignPin(let path) {
        log.write(
          .warning, "the routing instance's namespace is not there any more", ["instance": record.name, "pin": path])
      }
    }
    return instances
  }

  /// Cleans up what an ADD found in its way. Of another container only what nobody works on.
  func cleanUpPredecessors(_ leftovers: [Leftover], of call: PluginCall) throws {
    for leftover in leftovers {
      let containerID = leftover.attachment.containerID
      if containerID == call.containerID {
        try cleanUp(leftover, event: nil)
        continue
      }
      guard let lock = try locks.containerIfFree(containerID) else {
        throw CNIError(
          .tryAgainLater, "K8S_POD_UID: an earlier attempt for pod \(call.pod.uid) is still running",
          "container \(containerID)")
      }
      log.write(
        .info, "removing an earlier attempt for the same pod", ["container": containerID, "pod_uid": call.pod.uid])
      try cleanUp(leftover, event: nil)
      try lock.removeFile()
    }
  }
}
