import Glibc

/// A UDP socket in a namespace.
final class DatagramSocket {
  enum Family: Sendable {
    case v4
    case v6
  }
  struct Failure: Error {
    let operation: String
    let number: Int32
  }
  private let descriptor: Int32

  /// Bound to `port` of every address, both families; without a port it only sends.
  init(in namespace: NetworkNamespace, family: Family = .v6, port: UInt16 = 0) throws {
    descriptor = try namespace.entering {
      let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
      let descriptor = socket(family == .v4 ? AF_INET : AF_INET6, kind, 0)
      guard descriptor >= 0 else { throw Failure(operation: "socket", number: errno) }
      guard port != 0 else { return descriptor }
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      guard withAddress(of: &address, { bind(descriptor, $0, $1) }) == 0 else {
        throw Failure(operation: "bind", number: errno)
      }
      return descriptor
    }
  }

  deinit { close(descriptor) }

  func send(_ text: String, to address: String, port: UInt16) throws {
    let bytes = Array(text.utf8)
    let sent: Int
    if address.contains(":") {
      var target = sockaddr_in6()
      target.sin6_family = sa_family_t(AF_INET6)
      target.sin6_port = port.bigEndian
      inet_pton(AF_INET6, address, &target.sin6_addr)
      sent = withAddress(of: &target) { sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
    } else {
      var target = sockaddr_in()
      target.sin_family = sa_family_t(AF_INET)
      target.sin_port = port.bigEndian
      inet_pton(AF_INET, address, &target.sin_addr)
      sent = withAddress(of: &target) { sendto(descriptor, bytes, bytes.count, 0, $0, $1) }
    }
    guard sent == bytes.count else { throw Failure(operation: "send to \(address)", number: errno) }
  }

  /// The next datagram's text, or `nil` when none comes within `seconds`.
  func receive(within seconds: Double = 20) -> String? {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, Int32(seconds * 1000)) > 0 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 2048)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }
}

private func withAddress<Address, Value>(
  of address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
) -> Value {
  withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
  }
}
