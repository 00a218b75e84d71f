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
    // Whoever makes an instance anew meanwhile would give it this attachment's ports again.
    let unused = try withInstances(attachment.instanceNames) { () throws -> [String]? in
      try kernel.detach(
        try placedPorts(of: leftover), group: attachment.linkGroup,
        pod: pod ?? kernel.namespace(at: attachment.namespacePath, recorded: attachment.namespace))
      try withdrawPairs(of: attachment)
      return attachment.hasOutsidePairs ? nil : try release(attachment, event: event())
    }
    for instance in try unused ?? releaseWithdrawn(attachment, event: event()) { try removeIfUnused(instance) }
  }

  /// Releases an attachment when the other instances, whose locks are taken for it, know that it goes.
  private func releaseWithdrawn(_ attachment: Attachment, event: @autoclosure () -> Event?) throws -> [String] {
    try withdrawOutsidePairs(of: attachment)
    return try withInstances(attachment.instanceNames) { try release(attachment, event: event()) }
  }

  /// - Returns: the routing instances that nothing is attached to any more.
  private func release(_ attachment: Attachment, event: @autoclosure () -> Event?) throws -> [String] {
    try store.transaction { transaction in
      try transaction.releaseAddresses(of: attachment)
      try transaction.removeAttachment(
        containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      if let event = event() { try transaction.record(event) }
      return try attachment.instanceNames.filter { try !transaction.isInUse(instance: $0) }
    }
  }

  /// The ports whose instances are still there: what was in a namespace that is gone is gone with it.
  private func placedPorts(of leftover: Leftover) throws -> [PlacedPort] {
    var placed: [PlacedPort] = []
    for record in leftover.instances {
      do {
        guard let instance = try open(record) else { continue }
        placed += leftover.attachment.ports(in: record.name, record.forwardingMode).map { PlacedPort($0, in: instance) }
      } catch DataplaneError.foreignPin(let path) {
        log.write(
          .warning, "the routing instance's namespace is not there any more", ["instance": record.name, "pin": path])
      }
    }
    return placed
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
