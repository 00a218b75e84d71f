internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

extension Node {
  /// ADD: allocates and records the attachment as pending, makes the interface, marks the attachment as complete.
  ///
  /// A failure undoes everything; a process that dies leaves the pending record, from which the next call cleans up.
  func add(_ call: PluginCall) throws -> CNIResult {
    let wish = try Wish(call, kernel: kernel)
    let pod = try openPod(call)
    try checkNamespace(of: call)
    try reportIgnoredCapabilities(call)
    try locks.makeDirectory()
    let lock = try locks.container(call.containerID)
    let attachment: Attachment
    do {
      attachment = try recordAndAttach(call, wish, pod)
    } catch {
      try? removeIfUnused(wish.network.instance.name)
      try? lock.removeFile()
      throw error
    }
    extendLifetime(lock)
    reportBlockingChains()
    let ours = attachment.result(dns: wish.dns)
    return wish.previous?.merging(ours) ?? ours
  }

  /// What other plugins of a chain are there for is not dropped silently when it is given to this one.
  private func reportIgnoredCapabilities(_ call: PluginCall) throws {
    let runtime = try call.network.runtimeConfig()
    var ignored: [String] = []
    if try !runtime.portMappings().isEmpty { ignored.append("portMappings") }
    if try runtime.bandwidth() != nil { ignored.append("bandwidth") }
    if try !runtime.ipRanges().isEmpty { ignored.append("ipRanges") }
    if ignored.isEmpty { return }
    log.write(
      .warning, "runtimeConfig has what this plugin does not do: chain the plugin that does",
      ["keys": ignored.joined(separator: ",")])
  }

  private func openPod(_ call: PluginCall) throws(CNIError) -> PodNamespace {
    let path = call.environment.netns
    let pod: PodNamespace
    do throws(Errno) { pod = try PodNamespace(path: path, home: kernel.home) } catch {
      let reason = error == .invalidArgument ? "it is no network namespace" : error.description
      throw CNIError(
        .invalidNetworkNamespace, "CNI_NETNS: \(path) cannot be used: \(reason)",
        "expected a network namespace; one that was pinned in another mount namespace shows as an empty file")
    }
    if pod.identity.inode == kernel.home.inode && !call.environment.allowsOwnNamespace {
      throw CNIError(
        .invalidNetworkNamespace, "CNI_NETNS: \(path) is the plugin's own network namespace",
        "expected the pod's; CNI_NETNS_OVERRIDE=1 permits it")
    }
    return pod
  }

  private func recordAndAttach(_ call: PluginCall, _ wish: Wish, _ pod: PodNamespace) throws -> Attachment {
    for _ in 0..<2 {
      let recording = try withInstance(wish.network, .shared) { () throws -> Recording in
        let recording = try record(call, wish, pod)
        guard case .recorded(let pending, let instance) = recording else { return recording }
        guard let instance else { return .waiting(pending) }
        do {
          try attach(pending.attachment, bridge: instance.bridgeIndex, in: pod, call)
          return recording
        } catch DataplaneError.instanceMissing {
          return .waiting(pending)
        } catch {
          return .failed(pending, error)
        }
      }
      // Undoing comes after the instance's lock was given back: it may have to remove the instance.
      switch recording {
      case .recorded(let pending, _): return pending.attachment
      case .failed(let pending, let error): try undoing(pending, call, pod) { throw error }
      case .waiting(let pending):
        try undoing(pending, call, pod) {
          try withInstance(wish.network, .exclusive) {
            try attachMakingInstance(pending.attachment, wish, pod, call)
          }
        }
        return pending.attachment
      case .predecessors(let leftovers): try cleanUpPredecessors(leftovers, of: call)
      }
    }
    throw CNIError(
      .tryAgainLater, "an earlier attachment of container \(call.containerID) could not be removed", "run DEL first")
  }

  private func withInstance<Result>(
    _ network: DefaultNetwork, _ mode: LockFile.Mode, _ body: () throws -> Result
  ) throws -> Result {
    let lock = try locks.instance(network.instance.name, mode)
    defer { extendLifetime(lock) }
    return try body()
  }

  private func attach(
    _ attachment: Attachment, bridge: UInt32, in pod: PodNamespace, _ call: PluginCall
  ) throws {
    do {
      try kernel.attach(attachment.ports, bridge: bridge, in: pod)
    } catch DataplaneError.leftover(let link) {
      log.write(.warning, "removing a host end of which nothing is recorded", ["link": link])
      try kernel.removeUnrecorded(link: link)
      try kernel.attach(attachment.ports, bridge: bridge, in: pod)
    }
    try store.transaction { transaction in
      try transaction.markAttached(containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      try transaction.record(call.event(nil))
    }
  }

  /// The way when the instance was not there: whoever comes first makes it, the others find it made.
  private func attachMakingInstance(
    _ attachment: Attachment, _ wish: Wish, _ pod: PodNamespace, _ call: PluginCall
  ) throws {
    let instance = wish.network.instance
    let (record, others) = try store.transaction { transaction in
      (try transaction.instance(instance.name), try transaction.attachments(instance: instance.name))
    }
    if let record, record.fingerprint == instance.fingerprint {
      do {
        return try attach(attachment, bridge: record.bridgeIndex, in: pod, call)
      } catch DataplaneError.instanceMissing {
        log.write(.info, "the routing instance has lost a part and is made anew", ["instance": instance.name])
      }
    }
    let bridge = try kernel.ensure(instance, ports: others.filter { $0.state == .attached }.flatMap(\.ports))
    try store.transaction { transaction in
      try transaction.record(
        InstanceRecord(name: instance.name, bridgeIndex: bridge, fingerprint: instance.fingerprint))
    }
    try attach(attachment, bridge: bridge, in: pod, call)
  }

  /// Runs a part of ADD that has a record, and takes everything back if it throws.
  private func undoing<Result>(
    _ pending: Leftover, _ call: PluginCall, _ pod: PodNamespace, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch {
      let error = CNIError(converting: error)
      // The instance's bridge may have been made since.
      let current = try? leftover(containerID: call.containerID, interfaceName: call.interfaceName)
      do {
        try cleanUp(current ?? pending, pod: pod, event: call.event(error))
      } catch let other {
        // The record stays pending: DEL, GC or the next ADD goes on from there.
        log.write(
          .error, "could not undo", ["container": call.containerID, "reason": "\(CNIError(converting: other))"])
      }
      throw error
    }
  }
}
