internal import CLinux
internal import Glibc
public import LinuxSystem

/// A group of notifications of rtnetlink.
///
/// The corresponding C constants are the `RTNLGRP_…` of `<linux/rtnetlink.h>`.
public struct RouteGroup: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: UInt32

  /// The value with this number, known here or not.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Links made, changed and deleted. The corresponding C constant is `RTNLGRP_LINK`.
  public static let link = RouteGroup(rawValue: 1)
  /// Neighbours. The corresponding C constant is `RTNLGRP_NEIGH`.
  public static let neighbor = RouteGroup(rawValue: 3)
}

/// Receives rtnetlink's notifications about a network namespace.
public final class NotificationSocket {
  private let descriptor: OwnedDescriptor
  private var buffer = receiveBuffer()

  /// What waiting brought.
  public enum Event: Sendable {
    /// Notifications, in the order of what happened.
    case messages([Message])
    /// Notifications were lost, because they came faster than they were read: what they said has to be read anew.
    case overrun
    /// Nothing came in time.
    case timedOut
  }

  /// Opens a socket in the thread's network namespace and joins the groups: from now on nothing is missed.
  ///
  /// - Parameter bufferSize: How many bytes the kernel may queue; asking for more than the default needs privileges.
  public init(groups: [RouteGroup], bufferSize: Int32? = nil) throws(Errno) {
    let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
    let number = socket(AF_NETLINK, type, NETLINK_ROUTE)
    if number < 0 { throw .current }
    descriptor = OwnedDescriptor(adopting: number)
    if let bufferSize { try setOption(number, SO_RCVBUFFORCE, level: SOL_SOCKET, bufferSize) }
    try bindSocket(number)
    for group in groups {
      try setOption(number, NETLINK_ADD_MEMBERSHIP, level: SOL_NETLINK, Int32(bitPattern: group.rawValue))
    }
  }

  /// Waits for the next notifications.
  ///
  /// - Parameter milliseconds: How long at most; 0 looks without waiting.
  /// - Throws: The socket's error, or `EBADMSG` for what is no message.
  public func next(milliseconds: Int32) throws(Errno) -> Event {
    if milliseconds != 0 {
      var waiting = pollfd(fd: descriptor.rawValue, events: Int16(POLLIN), revents: 0)
      let ready = unsafe poll(&waiting, 1, milliseconds)
      if ready < 0 && Errno.current != .interrupted { throw .current }
      if ready <= 0 { return .timedOut }
    }
    let count: Int
    do throws(Errno) {
      count = try receiveDatagram(from: descriptor.rawValue, into: &buffer)
    } catch {
      switch error {
      case .noBufferSpace: return .overrun
      case .wouldBlock: return .timedOut
      default: throw error
      }
    }
    let messages = Messages(Array(buffer[..<count])[...])
    if !messages.isWellFormed { throw .badMessage }
    return .messages(Array(messages))
  }

  /// The descriptor's number, for a caller that waits for several; valid while this object lives.
  public var rawDescriptor: Int32 { descriptor.rawValue }
}

/// Gives a socket a port. One without is taken for the kernel itself and passed over when the kernel notifies.
private func bindSocket(_ descriptor: Int32) throws(Errno) {
  var any = sockaddr_nl()
  any.nl_family = sa_family_t(AF_NETLINK)
  let status = unsafe withUnsafePointer(to: &any) {
    unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
      unsafe bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_nl>.size))
    }
  }
  if status < 0 { throw .current }
}
