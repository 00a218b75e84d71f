internal import CLinux
internal import Glibc
public import LinuxSystem

/// A subsystem of the kernel that speaks netlink.
public struct NetlinkProtocol: RawRepresentable, Hashable, Sendable {
  /// The number that the kernel uses.
  public let rawValue: Int32

  /// The value with this number, known here or not.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Links, addresses, routes, neighbours, rules. The corresponding C constant is `NETLINK_ROUTE`.
  public static let route = NetlinkProtocol(rawValue: NETLINK_ROUTE)
  /// nf_tables and the other netfilter subsystems. The corresponding C constant is `NETLINK_NETFILTER`.
  public static let netfilter = NetlinkProtocol(rawValue: NETLINK_NETFILTER)
}

/// A netlink socket, which belongs for good to the network namespace that the thread was in when it was opened.
///
/// It is closed when the last reference goes.
public final class NetlinkSocket: Transport {
  private let descriptor: OwnedDescriptor
  private var knownPort: UInt32 = 0
  private var isStrict = false
  private var sendSize = 160 * 1024
  private var answeredSize = 6 * 1024

  /// Opens a socket with extended acknowledgements in the thread's network namespace.
  public init(_ netlinkProtocol: NetlinkProtocol) throws(Errno) {
    let type = Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue)
    let number = socket(AF_NETLINK, type, netlinkProtocol.rawValue)
    if number < 0 { throw .current }
    descriptor = OwnedDescriptor(adopting: number)
    try set(NETLINK_EXT_ACK, level: SOL_NETLINK, 1)
    try set(NETLINK_CAP_ACK, level: SOL_NETLINK, 1)
  }

  /// See ``Transport/send(_:)``.
  public func send(_ datagram: [UInt8]) throws(Errno) {
    if datagram.count > sendSize {
      // A datagram beyond the default send buffer is refused; a privileged process may enlarge it.
      sendSize = datagram.count * 2
      try set(SO_SNDBUFFORCE, level: SOL_SOCKET, Int32(clamping: sendSize))
    }
    if datagram.count > answeredSize {
      // Each message, of some forty octets, may be answered by an error, which takes a kilobyte of the receive buffer.
      answeredSize = datagram.count * 2
      do throws(Errno) {
        try set(SO_RCVBUFFORCE, level: SOL_SOCKET, Int32(clamping: answeredSize * 32))
      } catch {
        // Without the privilege the buffer stays as it is; answers that it cannot hold are an error when they are read.
        if error != .operationNotPermitted { throw error }
      }
    }
    var kernel = sockaddr_nl()
    kernel.nl_family = sa_family_t(AF_NETLINK)
    while true {
      let sent = unsafe withUnsafePointer(to: &kernel) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          unsafe sendto(
            descriptor.rawValue, datagram, datagram.count, 0, address, socklen_t(MemoryLayout<sockaddr_nl>.size))
        }
      }
      if sent == datagram.count { break }
      if sent >= 0 { throw .ioError }
      if Errno.current != .interrupted { throw .current }
    }
    if knownPort == 0 { knownPort = try readPort() }
  }

  /// See ``Transport/receive(into:)``.
  public func receive(into buffer: inout [UInt8]) throws(Errno) -> Int {
    try receiveDatagram(from: descriptor.rawValue, into: &buffer)
  }

  /// The number the kernel gave the socket; 0 while nothing was sent.
  public var port: UInt32 { knownPort }

  /// See ``Transport/enableStrictDumps()``.
  public func enableStrictDumps() throws(Errno) {
    if isStrict { return }
    try set(NETLINK_GET_STRICT_CHK, level: SOL_NETLINK, 1)
    isStrict = true
  }

  /// The descriptor's number, for a caller that must keep it open in a child; valid while this object lives.
  public var rawDescriptor: Int32 { descriptor.rawValue }

  private func set(_ option: Int32, level: Int32, _ value: Int32) throws(Errno) {
    try setOption(descriptor.rawValue, option, level: level, value)
  }

  private func readPort() throws(Errno) -> UInt32 {
    var own = sockaddr_nl()
    var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
    let status = unsafe withUnsafeMutablePointer(to: &own) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe getsockname(descriptor.rawValue, address, &length)
      }
    }
    if status < 0 { throw .current }
    return own.nl_pid
  }
}

func setOption(_ descriptor: Int32, _ option: Int32, level: Int32, _ value: Int32) throws(Errno) {
  var value = value
  let status = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  if status < 0 { throw .current }
}

/// A buffer for any datagram: the kernel fills those of dumps up to 32 KiB.
///
/// It is not cleared, because most answers need less than one page of it, and only what was received is ever read.
func receiveBuffer() -> [UInt8] {
  let size = 32 * 1024
  return unsafe [UInt8](unsafeUninitializedCapacity: size) { _, count in count = size }
}

/// Receives one datagram without waiting. Those that other processes sent are dropped: only the kernel is believed.
func receiveDatagram(from descriptor: Int32, into buffer: inout [UInt8]) throws(Errno) -> Int {
  while true {
    var sender = sockaddr_nl()
    var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
    let capacity = buffer.count
    let count = unsafe withUnsafeMutablePointer(to: &sender) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe recvfrom(
          descriptor, &buffer, capacity, Int32(MSG_DONTWAIT | MSG_TRUNC), address, &length)
      }
    }
    if count < 0 {
      if Errno.current == .interrupted { continue }
      throw .current
    }
    if sender.nl_pid != 0 { continue }
    // With MSG_TRUNC the datagram's whole length is returned.
    if count > capacity { throw Errno(rawValue: EMSGSIZE) }
    return count
  }
}
