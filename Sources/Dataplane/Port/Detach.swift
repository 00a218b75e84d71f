internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute

extension NodeKernel {
  /// How long links may take to go, in nanoseconds.
  static let detachDeadline: UInt64 = 10_000_000_000

  /// Removes all ports of an attachment, and everything in their instances that belongs to them.
  ///
  /// One message inside the pod's namespace deletes all pairs; a child sends it and takes the kernel's wait upon itself.
  /// This returns when every host end is gone, so that their addresses may be given to others.
  ///
  /// - Parameters:
  ///   - ports: those whose instances are still there.
  ///   - group: the number of all the pod's ends of the attachment.
  ///   - pod: `nil` where the namespace is gone or is not the recorded one any more.
  /// - Throws: the first failure, after everything was tried.
  package func detach(_ ports: [PlacedPort], group: UInt32, pod: KernelNamespace?) throws(DataplaneError) {
    var firstError: DataplaneError?
    func trying(_ body: () throws(DataplaneError) -> Void) {
      do throws(DataplaneError) { try body() } catch { firstError = firstError ?? error }
    }
    let groups = byInstance(ports)
    var watches: [LinkWatch] = []
    for (instance, members) in groups {
      // The child inherits these sockets: whoever closes one last waits for the deletion of elements to settle.
      trying { () throws(DataplaneError) in _ = try instance.kernel.netfilter() }
      trying { () throws(DataplaneError) in
        watches.append(try LinkWatch(for: members.map(\.hostName), in: instance.kernel))
      }
    }
    let bounded = pod.flatMap { $0.identity != node.identity ? $0 : nil }
    if let bounded { trying { () throws(DataplaneError) in _ = try bounded.netfilter() } }
    let kept = (groups.map(\.instance.kernel) + [bounded].compactMap(\.self)).compactMap(\.netfilterDescriptor)
    // Where no child can do it, the host ends are deleted one by one below.
    let sender = try? podDeletion(group, pod, keeping: kept)
    for (instance, members) in groups {
      trying { () throws(DataplaneError) in try instance.kernel.dismiss(members) }
      if let uplink = instance.nodeUplink {
        trying { () throws(DataplaneError) in try removeHostRoutes(to: members, by: uplink) }
      }
      trying { () throws(DataplaneError) in try forgetNeighbors(of: members, instance) }
    }
    trying { () throws(DataplaneError) in try awaitRemoval(watches, sender: sender) }
    if let bounded { trying { () throws(DataplaneError) in try bounded.releaseNeighbors(group: group) } }
    if let firstError { throw firstError }
  }

  private func awaitEnd(of sender: DetachedSender, deadline: UInt64) throws(DataplaneError) {
    do throws(Errno) {
      guard try sender.awaitEnd(deadline: deadline) else { throw Errno.timedOut }
    } catch {
      throw .system(operation: "delete the pod's interfaces", error)
    }
  }

  /// Starts the deletion of the group inside the pod; `nil` without a pod.
  private func podDeletion(
    _ group: UInt32, _ pod: KernelNamespace?, keeping kept: [Int32]
  ) throws(DataplaneError) -> DetachedSender? {
    guard let pod else { return nil }
    var batch = Batch()
    batch.deleteLinks(group: group)
    return try send(batch, on: try pod.routeTransport(), keeping: kept)
  }

  /// Has a child send deletions; `nil` where the transport is not a socket of the kernel's and this process sent them.
  func send(
    _ batch: Batch, on transport: any Transport, keeping kept: [Int32]
  ) throws(DataplaneError) -> DetachedSender? {
    guard let socket = transport as? NetlinkSocket else {
      try Connection(transport).carryOut(batch, except: .noSuchDevice)
      return nil
    }
    // The child tells nobody what the kernel answers.
    if let observer = node.observer {
      for operation in batch.operations { observer(operation, nil) }
    }
    do throws(Errno) {
      return try DetachedSender(datagram: batch.datagram(), socket: socket.rawDescriptor, keeping: kept)
    } catch {
      throw .system(operation: "start a child", error)
    }
  }

  private func forgetNeighbors(of ports: [Port], _ instance: PlacedInstance) throws(DataplaneError) {
    var batch = Batch()
    for port in ports { port.addNeighborRemoval(to: &batch, bridge: instance.bridge) }
    if batch.isEmpty { return }
    // ENXIO, ENODEV: without the bridge its neighbours are gone as well.
    try instance.kernel.route().carryOut(batch, except: .noSuchFile, .noSuchDevice, .noSuchAddressOrDevice)
  }

  /// Returns when all watched links are gone, and deletes by name those that the child did not take along.
  func awaitRemoval(_ watches: [LinkWatch], sender: DetachedSender?) throws(DataplaneError) {
    let deadline = monotonicNanoseconds() + Self.detachDeadline
    // Without an instance to watch, the child's end tells.
    if watches.isEmpty, let sender { try awaitEnd(of: sender, deadline: deadline) }
    for watch in watches {
      let rest = if let sender { try watch.awaitDeletion(by: sender, deadline: deadline) } else { watch.names }
      // Where there was nothing to wait for, the pairs may be gone with their namespace.
      if !rest.isEmpty { try watch.kernel.route().deleteIfPresent(rest) }
    }
  }
}
