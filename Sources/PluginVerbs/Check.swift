internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import ObjectStore

extension Node {
  /// CHECK: the attachment is recorded, and the kernel has what ADD made.
  func check(_ call: PluginCall) throws {
    guard let previous = try call.network.previousResult() else {
      throw CNIError(.invalidConfiguration, "prevResult: (none) is not valid", "expected the result of the ADD")
    }
    try locks.makeDirectory()
    let lock = try locks.container(call.containerID)
    defer { extendLifetime(lock) }
    let (attachment, bridge) = try recorded(call, lock)
    try compare(previous, with: attachment)
    guard
      let pod = PodNamespace.find(
        path: call.environment.netns, recorded: attachment.namespace, home: kernel.home)
    else {
      throw CNIError(
        .checkFailed, "CNI_NETNS: \(call.environment.netns) is not the namespace that was attached",
        "ADD was called for \(attachment.namespacePath)")
    }
    let problems = try kernel.problems(of: attachment.ports, bridge: bridge, in: pod)
    guard problems.isEmpty else {
      throw CNIError(
        .checkFailed, "container \(call.containerID): " + problems[0], problems.dropFirst().joined(separator: "; "))
    }
  }

  private func recorded(
    _ call: PluginCall, _ lock: borrowing LockFile
  ) throws -> (Attachment, bridge: UInt32) {
    do { return try recorded(call) } catch {
      try? lock.removeFile()
      throw error
    }
  }

  private func recorded(_ call: PluginCall) throws -> (Attachment, bridge: UInt32) {
    try store.transaction { transaction in
      let found = try transaction.attachment(containerID: call.containerID, interfaceName: call.interfaceName)
      guard let found, found.state == .attached else {
        throw CNIError(
          .unknownContainer, "CNI_CONTAINERID: \(call.containerID) has no \(call.interfaceName) attached",
          "run ADD first")
      }
      let instance = try found.interfaces.first.flatMap { try transaction.instance($0.instance) }
      return (found, instance?.bridgeIndex ?? NodeNames.bridgeIndex)
    }
  }

  /// The runtime must still mean what ADD made: our interface and its addresses are in its result.
  private func compare(_ previous: CNIResult, with attachment: Attachment) throws(CNIError) {
    for address in attachment.interfaces.first?.addresses ?? []
    where !previous.ips.contains(where: { $0.address.address == address.address.address }) {
      throw CNIError(
        .checkFailed, "prevResult.ips lacks \(address.address), which container \(attachment.containerID) was given")
    }
  }
}
