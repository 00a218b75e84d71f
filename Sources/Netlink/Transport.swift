public import LinuxSystem

/// Carries datagrams of netlink messages to a kernel and back.
///
/// The kernel answers within ``send(_:)``: what can be received is there when it returns. So ``receive(into:)`` never
/// waits.
public protocol Transport: AnyObject {
  /// Sends one datagram of one or more messages.
  func send(_ datagram: [UInt8]) throws(Errno)

  /// Receives one datagram into the buffer's start.
  ///
  /// - Returns: The number of bytes.
  /// - Throws: `EAGAIN` where there is none, `ENOBUFS` where answers were lost, `EMSGSIZE` where the buffer is too small.
  func receive(into buffer: inout [UInt8]) throws(Errno) -> Int

  /// The number of this end, which answers repeat; 0 while nothing was sent. The corresponding C field is `nl_pid`.
  var port: UInt32 { get }

  /// Makes the kernel check and honour what dump requests ask for, where the protocol knows it. The corresponding C
  /// constant is `NETLINK_GET_STRICT_CHK`.
  func enableStrictDumps() throws(Errno)
}
