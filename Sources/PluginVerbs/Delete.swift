internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

extension Node {
  /// DEL: removes what ADD recorded, however much of it is still there. What was never added is removed already.
  func delete(_ call: PluginCall) throws {
    try locks.makeDirectory()
    try locks.removing(call.containerID) {
      if let recorded = try recorded(call) {
        try cleanUp(recorded, event: call.event(nil))
      } else {
        try deleteUnrecorded(call)
        try removeUnusedInstances()
      }
    }
  }

  private func recorded(_ call: PluginCall) throws -> Leftover? {
    do {
      return try leftover(containerID: call.containerID, interfaceName: call.interfaceName)
    } catch StoreError.corrupt {
      try deleteUnrecorded(call)
      // Without the last pod a damaged store is replaced, and the call goes on.
      return try leftover(containerID: call.containerID, interfaceName: call.interfaceName)
    }
  }
}
