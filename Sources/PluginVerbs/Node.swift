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
  /// What people defined.
  let definitions: DefinitionStore
  let configuration: ContrailConfiguration
  /// The whole configuration, for a call that reads only a part of it: what removing does for those who stay needs more,
  /// and is left to the next ADD where it is wrong.
  private var whole: (() -> ContrailConfiguration?)?
  private let open: KernelNamespace.Opener
  /// The directory of the files that keep the namespaces of routing instances.
  let pins: String

  convenience init(
    for call: PluginCall, log: PluginLog,
    open: @escaping KernelNamespace.Opener = { (kind) throws(Errno) in try NetlinkSocket(kind) }
  ) throws(CNIError) {
    try self.init(call.contrail, note: call.lockNote, log: log, open: open)
    whole = { try? ContrailConfiguration(call.network) }
  }

  /// - Parameters:
  ///   - note: what those who wait for one of our locks are told.
  ///   - replacesStore: whether a damaged store is set aside, even though pods are attached.
  ///   - open: how sockets to the kernel are opened; tests put something else in its place.
  init(
    _ configuration: ContrailConfiguration, note: String, log: PluginLog, replacesStore: Bool = false,
    open: @escaping KernelNamespace.Opener = { (kind) throws(Errno) in try NetlinkSocket(kind) }
  ) throws(CNIError) {
    guard isRoot() else {
      throw CNIError(.ioFailure, "this process does not run as root", "it needs CAP_NET_ADMIN and CAP_SYS_ADMIN")
    }
    self.log = log
    self.open = open
    self.configuration = configuration
    let timeout = UInt64(configuration.lockTimeout) * 1_000_000_000
    locks = Locks(configuration.runDirectory, note: note, timeout: timeout)
    definitions = DefinitionStore(stateDirectory: configuration.stateDirectory, lockTimeout: timeout)
    let pins = configuration.pinDirectory
    self.pins = pins
    do throws(Errno) {
      let kernel = try NodeKernel(open: open)
      if log.isVerbose { kernel.node.observer = { log.noteRequest($0, $1) } }
      self.kernel = kernel
      let epoch = try Epoch.current(namespace: kernel.node.identity)
      store = AttachmentStore(
        runDirectory: configuration.runDirectory, note: note, lockTimeout: timeout, epoch: epoch,
        damage: DamagePolicy(
          mayReplace: { replacesStore || (try? kernel.hasNoPorts(pins: pins)) ?? false },
          replaced: { log.write(.error, "the store was damaged and is made anew", ["reason": "\($0)", "old": $1]) }))
    } catch {
      throw CNIError(.ioFailure, "cannot find out about the node's network namespace: \(error)", "is /proc mounted?")
    }
  }
}

extension Node {
  /// The node as the whole configuration describes it; `nil` where that is wrong.
  func withWholeConfiguration(note: String) throws(CNIError) -> Node? {
    guard let whole else { return self }
    return try whole().map { (configuration) throws(CNIError) in
      try Node(configuration, note: note, log: log, open: open)
    }
  }
}

extension ContrailConfiguration {
  var pinDirectory: String { runDirectory + "/netns" }
}
