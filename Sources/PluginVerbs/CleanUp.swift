internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

/// What a clean-up starts from: a record, and the bridge whose neighbours it mentions.
struct Leftover {
  let attachment: Attachment
  /// `nil` while the instance's bridge was never made.
  let bridge: UInt32?

  init(_ attachment: Attachment, in transaction: AttachmentTransaction) throws {
    self.attachment = attachment
    let instance = try attachment.interfaces.first.flatMap { try transaction.instance($0.instance) }
    bridge = instance.flatMap { $0.bridgeIndex == 0 ? nil : $0.bridgeIndex }
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

  /// Removes what an attachment has in the kernel, then its addresses and its record, then the routing instance if it
  /// was the last. The container's lock is held.
  ///
  /// - Parameter pod: the pod's namespace if it is at hand; otherwise the recorded one is looked for.
  func cleanUp(_ leftover: Leftover, pod: PodNamespace? = nil, event: @autoclosure () -> Event?) throws {
    let attachment = leftover.attachment
    let pod =
      pod ?? PodNamespace.find(path: attachment.namespacePath, recorded: attachment.namespace, home: kernel.home)
    try kernel.detach(attachment.ports, bridge: leftover.bridge, pod: pod)
    let unused = try store.transaction { transaction in
      try transaction.releaseAddresses(
        containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      try transaction.removeAttachment(
        containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      if let event = event() { try transaction.record(event) }
      return try Set(attachment.interfaces.map(\.instance)).filter { try !transaction.isInUse(instance: $0) }
    }
    for instance in unused { try removeIfUnused(instance) }
  }

  /// Removes the routing instances that nothing is attached to: what a process that died at the end of its work left.
  func removeUnusedInstances() throws {
    let unused = try store.transaction { transaction in
      let instances = try transaction.instances()
      if instances.isEmpty { try removeForgottenInstance() }
      return try instances.filter { try !transaction.isInUse(instance: $0) }
    }
    for instance in unused { try removeIfUnused(instance) }
  }

  /// What is there after the store was lost. Nobody can make an instance meanwhile: it would be recorded first, and the
  /// store's lock is held.
  private func removeForgottenInstance() throws {
    guard kernel.hasAnyLink([NodeNames.bridge]), try kernel.portNames().isEmpty else { return }
    log.write(.warning, "removing a routing instance of which nothing is recorded")
    try kernel.removeInstance()
  }

  /// Removes a routing instance without attachments, unless somebody is about to use it.
  func removeIfUnused(_ instance: String) throws {
    guard let lock = try locks.instanceIfFree(instance) else { return }
    defer { extendLifetime(lock) }
    let (isUnused, isRecorded) = try store.transaction { transaction in
      (try !transaction.isInUse(instance: instance), try transaction.instance(instance) != nil)
    }
    guard isUnused else { return }
    if isRecorded {
      try kernel.removeInstance()
      try store.transaction { transaction in try transaction.removeInstance(instance) }
    }
    try lock.removeFile()
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
