internal import CNI
internal import Dataplane
internal import JSON
internal import LinuxSystem
internal import NetworkAttachments
internal import ObjectStore

extension Node {
  /// ADD: allocates and records the attachment as pending, makes the interface, marks the attachment as complete.
  ///
  /// A failure undoes everything; a process that dies leaves the pending record, from which the next call cleans up.
  func add(_ call: PluginCall) throws -> CNIResult {
    let wish = try Wish(call, on: self)
    log.networks = wish.interfaces.map(\.network.name)
    let pod = try openPod(call)
    try reportOddities(of: wish, call)
    try locks.makeDirectory()
    let lock = try locks.container(call.containerID)
    let attachment: Attachment
    do {
      attachment = try recordAndAttach(call, wish, pod)
      try announceOutsidePairs(of: attachment, call, pod)
    } catch {
      // The first error is the one to tell; what cannot be removed now is found by the next DEL.
      for instance in wish.instances { try? removeIfUnused(instance.name) }
      try? lock.removeFile()
      throw error
    }
    extendLifetime(lock)
    reportBlockingChains()
    var result = attachment.result(dns: wish.dns, hasGateway: wish.interfaces[0].network.instance.mode != .l2)
    if let previous = wish.previous { result = previous.merging(result) }
    result.additions[NetworkStatus.annotationKey] = .string(NetworkStatus.annotation(attachment.networkStatus))
    return result
  }

  private func reportOddities(of wish: Wish, _ call: PluginCall) throws {
    for warning in wish.warnings { log.write(.warning, warning, ["container": call.containerID]) }
    if wish.hasUnknownNamespace {
      log.write(
        .info, "no Namespace object describes the namespace: treated as not isolated",
        ["namespace": call.podNamespace])
    }
    try reportIgnoredCapabilities(call)
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

  private func openPod(_ call: PluginCall) throws(CNIError) -> KernelNamespace {
    let path = call.environment.netns
    let pod: KernelNamespace
    do throws(Errno) { pod = try kernel.namespace(at: path) } catch {
      let reason = error == .invalidArgument ? "it is no network namespace" : error.description
      throw CNIError(
        .invalidNetworkNamespace, "CNI_NETNS: \(path) cannot be used: \(reason)",
        "expected a network namespace; one that was pinned in another mount namespace shows as an empty file")
    }
    if pod.identity == kernel.node.identity && !call.environment.allowsOwnNamespace {
      throw CNIError(
        .invalidNetworkNamespace, "CNI_NETNS: \(path) is the plugin's own network namespace",
        "expected the pod's; CNI_NETNS_OVERRIDE=1 permits it")
    }
    return pod
  }

  private func recordAndAttach(_ call: PluginCall, _ wish: Wish, _ pod: KernelNamespace) throws -> Attachment {
    let names = wish.instances.map(\.name)
    var wish = wish
    for _ in 0..<2 {
      let recording = try withInstances(names) { () throws -> Recording in
        let recording = try record(call, &wish, pod)
        guard case .ready(let pending) = recording else { return recording }
        do {
          let instances = try pending.instances.compactMap { record in
            try open(record, as: wish.instances.first { $0.name == record.name })
          }
          try attach(pending.attachment, to: instances, wish.instances, in: pod, call)
          return recording
        } catch DataplaneError.instanceMissing {
          return .waiting(pending)
        } catch {
          return .failed(pending, wish.naming(error))
        }
      }
      // Undoing comes after the instances' locks were given back: it may have to remove an instance.
      switch recording {
      case .ready(let pending): return pending.attachment
      case .failed(let pending, let error): throw undone(pending, call, pod, because: error)
      case .waiting(let pending):
        do {
          try attachMakingInstances(pending.attachment, wish, pod, call)
        } catch {
          throw undone(pending, call, pod, because: wish.naming(error))
        }
        return pending.attachment
      case .predecessors(let leftovers): try cleanUpPredecessors(leftovers, of: call)
      }
    }
    throw CNIError(
      .tryAgainLater, "an earlier attachment of container \(call.containerID) could not be removed", "run DEL first")
  }

  /// - Parameter wanted: the same instances, as the definitions want them.
  func attach(
    _ attachment: Attachment, to instances: [PlacedInstance], _ wanted: [WantedInstance], in pod: KernelNamespace,
    _ call: PluginCall
  ) throws {
    let ports = instances.flatMap { instance in
      guard let wanted = wanted.first(where: { $0.name == instance.name }) else { return [PlacedPort]() }
      return attachment.ports(in: instance.name, wanted.routing.mode, reaching: wanted.reachedPrefixes)
        .map { PlacedPort($0, in: instance) }
    }
    do {
      try kernel.attach(ports, in: pod)
    } catch {
      guard case .leftover(let link) = error else { throw error }
      log.write(.warning, "removing a host end of which nothing is recorded", ["link": link])
      // The others of this attachment as well: left over likewise, or made by this very attempt.
      for placed in ports where placed.instance.kernel.hasAnyLink([placed.port.hostName]) {
        try placed.instance.kernel.removeUnrecorded(link: placed.port.hostName)
      }
      try kernel.attach(ports, in: pod)
    }
    try store.transaction { transaction in
      try transaction.mark(.attached, containerID: attachment.containerID, interfaceName: attachment.interfaceName)
      try transaction.record(call.event(nil))
    }
    try routePairs(of: attachment, in: instances)
  }

  /// Takes everything back that an attachment has a record of.
  ///
  /// - Returns: the error to report.
  private func undone(
    _ pending: Leftover, _ call: PluginCall, _ pod: KernelNamespace, because error: any Error
  ) -> CNIError {
    let error = CNIError(converting: error)
    do {
      // The instances may have been made since the record was read.
      let current = try? leftover(containerID: call.containerID, interfaceName: call.interfaceName)
      try cleanUp(current ?? pending, pod: pod, event: nil)
    } catch let other {
      // The record stays pending: DEL, GC or the next ADD goes on from there.
      log.write(.error, "could not undo", ["container": call.containerID, "reason": "\(CNIError(converting: other))"])
    }
    return error
  }
}
