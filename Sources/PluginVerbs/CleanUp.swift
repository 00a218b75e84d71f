internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

extension Node {
  /// Removes what an attachment has in the kernel, then its addresses and its record, then the routing instance if it
  /// was the last. The container's lock is held.
  ///
  /// - Parameter pod: the pod's namespace if it is at hand; otherwise the recorded one is looked for.
  func cleanUp(_ attachment: Attachment, pod: PodNamespace? = nil, event: Event?) throws {
    let instances = Set(attachment.interfaces.map(\.instance))
    let pod =
      pod ?? PodNamespace.find(path: attachment.namespacePath, recorded: attachment.namespace, home: kernel.home)
    let bridge = try store.transaction { transaction in
      try instances.sorted().compactMap { try transaction.instance($0)?.bridgeIndex }.first { $0 != 0 }
    }
    try kernel.detach(attachment.ports, bridge: bridge, pod: pod)
    let unused = try store.transaction { transaction in
      try transaction.releaseAddresses(
        containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      try transaction.removeAttachment(
        containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      if let event { try transaction.record(event) }
      return try instances.filter { try !transaction.isInUse(instance: $0) }
    }
    for instance in unused { try removeIfUnused(instance) }
  }

  /// Removes a routing instance without attachments, unless somebody is about to use it.
  func removeIfUnused(_ instance: String) throws {
    guard let lock = try locks.instanceIfFree(instance) else { return }
    defer { extendLifetime(lock) }
    let isUnused = try store.transaction { transaction in
      try transaction.instance(instance) != nil && !transaction.isInUse(instance: instance)
    }
    guard isUnused else { return }
    try kernel.remove(instance)
    try store.transaction { transaction in try transaction.removeInstance(instance) }
  }

  /// Cleans up what an ADD found in its way. Of another container only what nobody works on.
  func cleanUpPredecessors(_ attachments: [Attachment], of call: PluginCall) throws {
    for attachment in attachments {
      if attachment.containerID == call.containerID {
        try cleanUp(attachment, event: nil)
        continue
      }
      guard let lock = try locks.containerIfFree(attachment.containerID) else {
        throw CNIError(
          .tryAgainLater, "K8S_POD_UID: an earlier attempt for pod \(call.pod.uid) is still running",
          "container \(attachment.containerID)")
      }
      log.write(
        .info, "removing an earlier attempt for the same pod",
        ["container": attachment.containerID, "pod_uid": call.pod.uid])
      try cleanUp(attachment, event: nil)
      try? lock.removeFile()
    }
  }
}
