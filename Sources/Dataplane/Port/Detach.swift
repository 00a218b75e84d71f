internal import LinuxSystem
internal import Netlink
internal import NetlinkRoute

extension NodeKernel {
  /// How long links may take to go, in nanoseconds.
  static let detachDeadline: UInt64 = 10_000_000_000

  /// Removes all ports of an attachment, and everything on the node that belongs to them.
  ///
  /// One message inside the pod's namespace deletes all pairs; a child sends it and takes the kernel's wait upon itself.
  /// This returns when every host end is gone, so that their addresses may be given to others.
  ///
  /// - Parameter pod: `nil` where the namespace is gone or is not the recorded one any more.
  /// - Throws: the first failure, after everything was tried.
  package func detach(_ ports: [Port], bridge: UInt32?, pod: PodNamespace?) throws(DataplaneError) {
    var firstError: DataplaneError?
    func trying(_ body: () throws(DataplaneError) -> Void) {
      do throws(DataplaneError) { try body() } catch { firstError = firstError ?? error }
    }
    var watch: LinkWatch?
    // The child inherits this socket: whoever closes it last waits for the deletion of elements to settle.
    trying { () throws(DataplaneError) in _ = try netfilter() }
    trying { () throws(DataplaneError) in watch = try LinkWatch() }
    var sender: DetachedSender?
    // Where no child can do it, the host ends are deleted one by one below.
    if let group = ports.first?.group, let deletion = try? podDeletion(group, pod) { sender = deletion }
    trying { () throws(DataplaneError) in try dismiss(ports) }
    if let bridge { trying { () throws(DataplaneError) in try forgetNeighbors(of: ports, bridge: bridge) } }
    trying { () throws(DataplaneError) in
      try awaitRemoval(of: ports.map(\.hostName), watch: watch, sender: sender)
    }
    if let firstError { throw firstError }
  }

  /// Starts the deletion of the group inside the pod; `nil` without a pod.
  private func podDeletion(_ group: UInt32, _ pod: PodNamespace?) throws(DataplaneError) -> DetachedSender? {
    guard let pod else { return nil }
    var batch = Batch()
    batch.deleteLinks(group: group)
    return try send(batch, on: try routeTransport(in: pod))
  }

  /// Has a child send deletions; `nil` where the transport is not a socket of the kernel's and this process sent them.
  func send(_ batch: Batch, on transport: any Transport) throws(DataplaneError) -> DetachedSender? {
    guard let socket = transport as? NetlinkSocket else {
      for outcome in try Connection(transport).attempt(batch) {
        if let error = outcome.error, error.errno != .noSuchDevice { throw .netlink(error) }
      }
      return nil
    }
    do throws(Errno) {
      return try DetachedSender(
        datagram: batch.datagram(), socket: socket.rawDescriptor, keeping: openNetfilterDescriptor)
    } catch {
      throw .system(operation: "start a child", error)
    }
  }

  private func forgetNeighbors(of ports: [Port], bridge: UInt32) throws(DataplaneError) {
    var batch = Batch()
    for port in ports { port.addNeighborRemoval(to: &batch, bridge: bridge) }
    for outcome in try route().attempt(batch) {
      guard let error = outcome.error else { continue }
      // ENXIO, ENODEV: without the bridge its neighbours are gone as well.
      if ![.noSuchFile, .noSuchDevice, .noSuchAddressOrDevice].contains(error.errno) { throw .netlink(error) }
    }
  }

  /// Returns when all of the links are gone, and deletes by name those that the pod's group did not take along.
  func awaitRemoval(
    of names: [String], watch: LinkWatch?, sender: DetachedSender?
  ) throws(DataplaneError) {
    var rest = names
    let deadline = monotonicNanoseconds() + Self.detachDeadline
    if let watch, let sender { rest = try watch.awaitDeletion(of: names, by: sender, deadline: deadline) }
    // Where there was nothing to wait for, the pairs may be gone with their namespace.
    if !rest.isEmpty { try route().deleteIfPresent(rest) }
  }
}
