internal import CLinux
internal import Glibc

/// A child process that sends one netlink datagram, waits for the kernel's answer and ends.
///
/// Deleting a link blocks its sender for an RCU barrier (18 ms) after the link is out of all tables. The child takes that
/// wait upon itself and outlives the parent if need be; it holds no lock, no store and no standard stream meanwhile.
@safe
package final class DetachedSender {
  private let work: UnsafeMutablePointer<clinux_detached_send>
  private let end: OwnedDescriptor

  /// Starts the child.
  ///
  /// - Parameters:
  ///   - datagram: its last message must ask for an acknowledgement.
  ///   - socket: a netlink socket in the namespace where the datagram belongs.
  ///   - others: descriptors that the child keeps open until its end, because closing them would make the parent wait.
  package init(datagram: [UInt8], socket: Int32, keeping others: [Int32] = []) throws(Errno) {
    // The child uses all of it until its end, which may come after the parent's: it is never given back.
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: datagram.count)
    _ = unsafe bytes.initialize(fromContentsOf: datagram)
    unsafe work = .allocate(capacity: 1)
    unsafe work.pointee.socket = socket
    let kept = Set(others + [socket]).sorted()
    let descriptors = UnsafeMutableBufferPointer<Int32>.allocate(capacity: kept.count)
    _ = unsafe descriptors.initialize(fromContentsOf: kept)
    unsafe work.pointee.kept = UnsafePointer(descriptors.baseAddress)
    unsafe work.pointee.count = UInt(kept.count)
    unsafe work.pointee.datagram = UnsafeRawPointer(bytes.baseAddress)
    unsafe work.pointee.length = UInt(datagram.count)
    let pidfd = unsafe clinux_send_detached(work)
    guard pidfd >= 0 else { throw Errno(rawValue: -pidfd) }
    end = OwnedDescriptor(adopting: pidfd)
  }

  /// What the kernel answered, once the child has ended; `EINPROGRESS` before.
  package var answer: Errno { unsafe Errno(rawValue: Int32(truncatingIfNeeded: work.pointee.error)) }

  /// Waits until `descriptor` can be read, the child has ended, or the deadline (monotonic nanoseconds) has passed.
  package func wait(orReadable descriptor: Int32, deadline: UInt64) throws(Errno) -> Wakening {
    var waiting = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: end.rawValue, events: Int16(POLLIN), revents: 0),
    ]
    let now = monotonicNanoseconds()
    let milliseconds = deadline > now ? (deadline - now) / 1_000_000 + 1 : 0
    try retrying { unsafe poll(&waiting, 2, Int32(clamping: milliseconds)) }
    if waiting[0].revents != 0 { return .readable }
    return waiting[1].revents != 0 ? .childEnded : .timedOut
  }

  /// Waits until the child has ended; `false` if it had not at the deadline.
  package func awaitEnd(deadline: UInt64) throws(Errno) -> Bool {
    // The child's own end twice: nothing else is waited for.
    try wait(orReadable: end.rawValue, deadline: deadline) != .timedOut
  }

  package enum Wakening: Sendable { case readable, childEnded, timedOut }
}
