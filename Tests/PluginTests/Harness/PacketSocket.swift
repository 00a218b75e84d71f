import CLinux
import Glibc

/// An AF_PACKET socket on one interface of a namespace: sends frames as they are, counts those that arrive.
final class PacketSocket {
  struct Failure: Error {
    let operation: String
    let number: Int32
  }
  private let descriptor: Int32

  init(_ interface: String, in namespace: NetworkNamespace) throws {
    descriptor = try namespace.entering {
      let everything = UInt16(0x0003).bigEndian
      let descriptor = socket(AF_PACKET, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), Int32(everything))
      guard descriptor >= 0 else { throw Failure(operation: "socket", number: errno) }
      // PACKET_IGNORE_OUTGOING: an answer that quotes a frame is not its arrival.
      var yes: Int32 = 1
      setsockopt(descriptor, 263, 23, &yes, socklen_t(MemoryLayout<Int32>.size))
      let index = if_nametoindex(interface)
      guard index > 0 else { throw Failure(operation: "index of \(interface)", number: errno) }
      // struct sockaddr_ll: family, protocol, interface index, and twelve octets that binding ignores.
      let address: [UInt32] = [UInt32(AF_PACKET) | UInt32(everything) << 16, index, 0, 0, 0]
      let bound = address.withUnsafeBytes {
        bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
      }
      guard bound == 0 else { throw Failure(operation: "bind", number: errno) }
      return descriptor
    }
  }

  deinit { close(descriptor) }

  func send(_ frame: Frame) throws {
    let bytes = frame.bytes
    guard Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count else {
      throw Failure(operation: "send", number: errno)
    }
  }

  /// Counts received frames that contain each marker, until `last` has arrived and 30 ms of grace are over.
  func count(_ markers: [[UInt8]], until last: [UInt8], deadline seconds: Double = 20) -> [Int] {
    var counts = markers.map { _ in 0 }
    var end = Monotonic.now() + seconds
    var sawLast = false
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let left = end - Monotonic.now()
      guard left > 0, poll(&wait, 1, Int32(left * 1000) + 1) > 0 else { return counts }
      let length = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      guard length > 0 else { continue }
      let frame = buffer[..<length]
      for (index, marker) in markers.enumerated() where frame.contains(marker) { counts[index] += 1 }
      if !sawLast, frame.contains(last) {
        sawLast = true
        end = Monotonic.now() + 0.03
      }
    }
  }
}
