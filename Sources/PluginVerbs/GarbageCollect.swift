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
    let (stale, instances) = try store.transaction { transaction in
      (
        try transaction.attachments(networkName: call.network.name).filter { !known.contains($0.containerID) },
        try transaction.instances()
      )
    }
    var failures: [String] = []
    for attachment in stale {
      do { try collect(attachment) } catch {
        failures.append("\(attachment.containerID)/\(attachment.interfaceName): \(CNIError(converting: error))")
      }
    }
    for instance in instances {
      do { try removeIfUnused(instance) } catch { failures.append("\(instance): \(CNIError(converting: error))") }
    }
    let error =
      failures.isEmpty
      ? nil
      : CNIError(
        .incompleteCleanup, "\(failures.count) of \(stale.count) stale attachments could not be removed",
        failures.joined(separator: "; "))
    try store.transaction { transaction in try transaction.record(call.event(error)) }
    if let error { throw error }
  }

  private func collect(_ attachment: Attachment) throws {
    let lock = try locks.container(attachment.containerID)
    let current = try store.transaction { transaction in
      try transaction.attachment(
        containerID: attachment.containerID, interfaceName: attachment.interfaceName)
    }
    if let current { try cleanUp(current, event: nil) }
    try lock.removeFile()
  }
}
