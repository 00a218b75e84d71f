import CLinux
import Glibc
import JSON
import Testing

/// Somebody who sends, answers and counts what arrives: a pod, the node, the outside.
///
/// It listens on one port over TCP and UDP and echoes datagrams when ``answer()`` is called; the kernel answers pings.
final class Station {
  static let port: UInt16 = 7000

  let namespace: NetworkNamespace
  let addresses: [String]
  private let listener: Int32
  /// One for each address: an answer comes from where the question went.
  private let echoes: [Int32]

  /// - Parameter interface: where arrivals are counted as frames; without one, at the door of the namespace's own sockets.
  init(_ namespace: NetworkNamespace, addresses: [String], counting interface: String? = "eth0") throws {
    self.namespace = namespace
    self.addresses = addresses
    (listener, echoes) = try namespace.entering {
      let mapped = addresses.map { $0.contains(":") ? $0 : "::ffff:\($0)" }
      return (
        try Self.bound(Int32(SOCK_STREAM.rawValue), to: "::"),
        try mapped.map { try Self.bound(Int32(SOCK_DGRAM.rawValue), to: $0) }
      )
    }
    listen(listener, 64)
    let hook = interface.map { "type filter hook ingress device \"\($0)\" priority -500" }
    let script = """
      table \(interface == nil ? "inet" : "netdev") watch {
        chain arrivals {
          \(hook ?? "type filter hook input priority 300");
          meta protocol ip ip protocol icmp icmp type echo-request counter
          meta protocol ip ip protocol tcp tcp dport \(Self.port) counter
          meta protocol ip ip protocol udp udp dport \(Self.port) counter
          meta protocol ip6 ip6 nexthdr ipv6-icmp icmpv6 type echo-request counter
          meta protocol ip6 ip6 nexthdr tcp tcp dport \(Self.port) counter
          meta protocol ip6 ip6 nexthdr udp udp dport \(Self.port) counter
        }
      }

      """
    self.table = interface == nil ? "inet" : "netdev"
    try Shell.run(["nft", "-f", "-"], input: script, in: namespace)
  }

  private let table: String

  deinit {
    close(listener)
    for echo in echoes { close(echo) }
  }

  /// What has arrived: echo requests, TCP and UDP over IPv4, then the same over IPv6.
  func arrivals() throws -> [Int] {
    let words = try Shell.run(["nft", "list", "table", table, "watch"], in: namespace).split { $0 == " " || $0 == "\n" }
    return words.indices.filter { words[$0] == "packets" }.compactMap { Int(words[$0 + 1]) }
  }

  /// Echoes the datagrams that are here.
  func answer() { for echo in echoes { answer(echo) } }

  private func answer(_ echo: Int32) {
    var buffer = [UInt8](repeating: 0, count: 64)
    while true {
      var source = sockaddr_in6()
      var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
      let count = withUnsafeMutablePointer(to: &source) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(echo, &buffer, buffer.count, Int32(MSG_DONTWAIT), $0, &length)
        }
      }
      guard count > 0 else { return }
      _ = withUnsafePointer(to: &source) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { sendto(echo, buffer, count, 0, $0, length) }
      }
    }
  }

  private static func bound(_ type: Int32, to text: String) throws -> Int32 {
    let descriptor = socket(AF_INET6, type | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in6()
    address.sin6_family = sa_family_t(AF_INET6)
    address.sin6_port = port.bigEndian
    inet_pton(AF_INET6, text, &address.sin6_addr)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
      }
    }
    guard descriptor >= 0, result == 0 else { throw DatagramSocket.Failure(operation: "bind", number: errno) }
    return descriptor
  }
}

/// One attempt of one protocol: a socket that shows whether somebody answered.
final class Attempt {
  enum Kind: Int32, CaseIterable, Sendable {
    case ping
    case tcp
    case udp
  }
  private let descriptor: Int32
  private let kind: Kind
  private let isIPv6: Bool
  private(set) var isAnswered = false

  init(_ kind: Kind, from namespace: NetworkNamespace, to address: String) throws {
    self.kind = kind
    let isIPv6 = address.contains(":")
    self.isIPv6 = isIPv6
    descriptor = try namespace.entering {
      let family = isIPv6 ? AF_INET6 : AF_INET
      let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
      return switch kind {
      case .ping: socket(family, Int32(SOCK_RAW.rawValue) | flags, isIPv6 ? 58 : 1)
      case .tcp: socket(family, Int32(SOCK_STREAM.rawValue) | flags, 0)
      case .udp: socket(family, Int32(SOCK_DGRAM.rawValue) | flags, 0)
      }
    }
    // Where there is no way, that is an answer too.
    guard connect(address) == 0 || errno == EINPROGRESS, kind != .tcp else { return }
    let message: [UInt8] = kind == .udp ? Array("hello".utf8) : isIPv6 ? [128, 0, 0, 0, 7, 7, 0, 1] : Self.echoRequest
    _ = send(descriptor, message, message.count, 0)
  }

  deinit { close(descriptor) }

  /// Looks whether the answer is there.
  func look() {
    guard !isAnswered else { return }
    var wait = pollfd(fd: descriptor, events: Int16(kind == .tcp ? POLLOUT : POLLIN), revents: 0)
    guard poll(&wait, 1, 0) > 0 else { return }
    if kind == .tcp {
      var error: Int32 = 0
      var length = socklen_t(4)
      getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length)
      isAnswered = error == 0 && Int32(wait.revents) & Int32(POLLERR) == 0 && Int32(wait.revents) & Int32(POLLHUP) == 0
      return
    }
    var buffer = [UInt8](repeating: 0, count: 256)
    while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 {
      let type = isIPv6 ? buffer[0] : buffer[min(20, count - 1)]
      if kind == .udp || type == (isIPv6 ? 129 : 0) { isAnswered = true }
    }
  }

  private static let echoRequest: [UInt8] = [8, 0, 0xf0, 0xf7, 7, 7, 0, 1]

  private func connect(_ address: String) -> Int32 {
    if isIPv6 {
      var target = sockaddr_in6()
      target.sin6_family = sa_family_t(AF_INET6)
      target.sin6_port = kind == .ping ? 0 : Station.port.bigEndian
      inet_pton(AF_INET6, address, &target.sin6_addr)
      return withUnsafePointer(to: &target) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
    }
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = Station.port.bigEndian
    inet_pton(AF_INET, address, &target.sin_addr)
    return withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
