internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import Netlink
internal import NetworkAttachments
internal import ObjectStore

/// What a call works with: this node's kernel, store, locks and log.
final class Node {
  let kernel: NodeKernel
  let store: AttachmentStore
  let locks: Locks
  let log: PluginLog

  /// - Parameter open: how sockets to the kernel are opened; tests put something else in its place.
  init(
    for call: PluginCall, log: PluginLog,
    open: @escaping KernelNamespace.Opener = { (kind) throws(Errno) in try NetlinkSocket(kind) }
  ) throws(CNIError) {
    guard isRoot() else {
      throw CNIError(.ioFailure, "the plugin does not run as root", "it needs CAP_NET_ADMIN and CAP_SYS_ADMIN")
    }
    self.log = log
    locks = Locks(call)
    do throws(Errno) {
      let kernel = try NodeKernel(open: open)
      self.kernel = kernel
      let epoch = try Epoch.current(namespace: kernel.node.identity)
      store = AttachmentStore(
        runDirectory: call.contrail.runDirectory, note: call.lockNote, lockTimeout: call.lockTimeout, epoch: epoch,
        damage: DamagePolicy(
          mayReplace: { (try? kernel.node.portNames().isEmpty) ?? false },
          replaced: { log.write(.error, "the store was damaged and is made anew", ["reason": "\($0)", "old": $1]) }))
    } catch {
      throw CNIError(.ioFailure, "cannot find out about the node's network namespace: \(error)", "is /proc mounted?")
    }
  }
}
