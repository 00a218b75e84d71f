internal import CNI
internal import LinuxSystem
internal import ObjectStore

extension Node {
  /// GC: removes the attachments of this network's name whose container the runtime does not know. Goes on past errors
  /// and reports them together.
  func collectGarbage(_ call: PluginCall) throws {
    guard let valid = try call.network.validAttachments() else { return }
    try locks.makeDirectory()
    let known = Set(valid.map(\.containerID))
    let stale = try store.transaction { transaction in
      try transaction.attachments(networkName: call.network.name).filter { !known.contains($0.containerID) }
    }
    var failures: [String] = []
    for attachment in stale {
      do { try collect(containerID: attachment.containerID, interfaceName: attachment.interfaceName) } catch {
        failures.append("\(attachment.containerID)/\(attachment.interfaceName): \(CNIError(converting: error))")
      }
    }
    do {
      try removeUnusedInstances()
      // Of a container that died before it was recorded the runtime may never speak again.
      try removeForgottenLocks(containers: true)
    } catch {
      failures.append("\(CNIError(converting: error))")
    }
    let error =
      failures.isEmpty
      ? nil
      : CNIError(
        .incompleteCleanup, "\(failures.count) of \(stale.count) stale attachments could not be removed",
        failures.joined(separator: "; "))
    if let error { throw error }
    try store.transaction { transaction in try transaction.record(call.event(nil)) }
  }

  /// Removes an attachment that nobody has asked to remove.
  func collect(containerID: String, interfaceName: String) throws {
    try locks.removing(containerID) {
      // Another call may have removed it, or made it anew, while this one waited for the lock.
      if let current = try leftover(containerID: containerID, interfaceName: interfaceName) {
        try cleanUp(current, event: nil)
      }
    }
  }
}
