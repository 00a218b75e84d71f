internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

extension Node {
  /// DEL: removes what ADD recorded, however much of it is still there. What was never added is removed already.
  func delete(_ call: PluginCall) throws {
    try locks.makeDirectory()
    let lock = try locks.container(call.containerID)
    if let recorded = try leftover(containerID: call.containerID, interfaceName: call.interfaceName) {
      try cleanUp(recorded, event: call.event(nil))
    } else {
      try deleteUnrecorded(call)
      try removeUnusedInstances()
    }
    try lock.removeFile()
  }

  /// The store may have been lost while the pod ran: names tell what is ours all the same.
  private func deleteUnrecorded(_ call: PluginCall) throws {
    let name = NodeNames.hostName(containerID: call.containerID, interfaceName: call.interfaceName)
    guard kernel.hasAnyLink([name]) else { return }
    log.write(.warning, "removing a host end of which nothing is recorded", ["link": name])
    try kernel.removeUnrecorded(link: name)
  }
}
