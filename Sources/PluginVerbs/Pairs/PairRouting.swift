internal import CNI
internal import Dataplane
internal import LinuxSystem
internal import NetworkAddresses
internal import NetworkAttachments
internal import ObjectStore

// The routes to addresses of allowed address pairs: those that several have at once, and those outside of the subnets.

extension Node {
  /// What the store says that the gateway of an instance has to be told.
  func pairRoutes(of instance: String) throws -> [PairRoute] {
    let pairs = try store.transaction { try $0.routedPairs(network: instance) }
    var holders: [IPPrefix: [IPAddress]] = [:]
    for pair in pairs {
      let own = pair.addresses.first { $0.family == pair.prefix.family }
      holders[pair.prefix, default: []] += pair.isShared ? own.map { [$0] } ?? [] : []
    }
    return holders.map { PairRoute(prefix: $0.key, holders: Set($0.value).sorted()) }
      .sorted { ($0.prefix.address, $0.prefix.length) < ($1.prefix.address, $1.prefix.length) }
  }

  /// Makes the gateway's routes to pairs what they should be. The instance's lock is held.
  ///
  /// - Parameter holdersAreUp: whether a holder's link has just come up.
  func routePairs(in instance: PlacedInstance, holdersAreUp: Bool) throws {
    let lock = try locks.pairs(instance.name)
    defer { try? lock.removeFile() }
    try instance.routePairs(pairRoutes(of: instance.name), holdersAreUp: holdersAreUp)
  }

  /// Takes an attachment's part out of the routes. Its record stays until all of them know: whoever dies before leaves it
  /// to the next call.
  func withdrawPairs(of attachment: Attachment) throws {
    guard attachment.interfaces.contains(where: \.hasRoutedPairs) else { return }
    try store.transaction { transaction in
      try transaction.mark(
        .pending, containerID: attachment.containerID, interfaceName: attachment.interfaceName)
    }
    try routePairs(of: attachment, isUp: false)
  }

  /// The same in all instances that an attachment has such pairs in.
  ///
  /// - Parameter isUp: whether its links have come up, or have gone.
  func routePairs(of attachment: Attachment, isUp: Bool) throws {
    let names = Set(attachment.interfaces.filter(\.hasRoutedPairs).map(\.instance)).sorted()
    for name in names {
      guard let record = try store.transaction({ try $0.instance(name) }) else { continue }
      do {
        if let instance = try open(record), record.forwardingMode != .l2 {
          try routePairs(in: instance, holdersAreUp: isUp)
        }
      } catch DataplaneError.foreignPin(let path) {
        log.write(.warning, "the routing instance's namespace is not there any more", ["instance": name, "pin": path])
      }
    }
  }

  /// Tells other instances, and the pods of this one, of what an attachment has outside of its subnets.
  ///
  /// After a failure the attachment is undone.
  func announceOutsidePairs(of attachment: Attachment, _ call: PluginCall, _ pod: KernelNamespace) throws {
    guard attachment.hasOutsidePairs else { return }
    do {
      try reportFailures(applyDefinitions())
    } catch {
      let failure = CNIError(converting: error)
      if let recorded = try leftover(containerID: attachment.containerID, interfaceName: attachment.interfaceName) {
        try cleanUp(recorded, pod: pod, event: call.event(failure))
      }
      throw failure
    }
  }

  /// Tells them that an attachment goes. What cannot be told now is told by the next call that can.
  func withdrawOutsidePairs(of attachment: Attachment) throws {
    guard attachment.hasOutsidePairs else { return }
    do {
      guard let node = try withWholeConfiguration(note: "withdrawing routes of \(attachment.containerID)") else {
        return
      }
      try reportFailures(node.applyDefinitions())
    } catch {
      log.write(
        .warning, "cannot withdraw routes to allowed address pairs", ["reason": "\(CNIError(converting: error))"])
    }
  }

  func reportFailures(_ failures: [String]) {
    for failure in failures { log.write(.warning, "a pod's routes could not be changed", ["reason": failure]) }
  }
}
