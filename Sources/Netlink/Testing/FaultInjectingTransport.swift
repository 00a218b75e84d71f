public import LinuxSystem

/// Lets one request to a real kernel fail, for tests of what its user does then.
///
/// The chosen request never reaches the kernel. Those before and after it in the same datagram do, as rtnetlink would
/// have it; in a transaction (nf_tables) none does.
public final class FaultInjectingTransport: Transport {
  private let kernel: any Transport
  private let failing: Int
  private let errno: Errno
  private let isTransactional: Bool
  private var queue: [(datagram: [UInt8], isInjected: Bool)] = []
  private var buffer = [UInt8](repeating: 0, count: 64 * 1024)

  /// The number of requests so far, the failed one included.
  public private(set) var requestCount = 0
  /// Whether the chosen request was met.
  public var hasFailed: Bool { requestCount >= failing }

  /// A transport over `kernel` whose request `number` (counted over all requests, from 1) fails with `errno`.
  ///
  /// - Parameter isTransactional: Whether a datagram is carried out as a whole or not at all.
  public init(_ kernel: any Transport, failing number: Int, with errno: Errno, isTransactional: Bool = false) {
    self.kernel = kernel
    failing = number
    self.errno = errno
    self.isTransactional = isTransactional
  }

  /// The number the kernel gave the socket; 0 while nothing was sent.
  public var port: UInt32 { kernel.port }

  /// See ``Transport/enableStrictDumps()``.
  public func enableStrictDumps() throws(Errno) { try kernel.enableStrictDumps() }

  /// See ``Transport/send(_:)``.
  public func send(_ datagram: [UInt8]) throws(Errno) {
    let messages = Array(Messages(datagram[...]))
    let before = requestCount
    requestCount += messages.count
    guard failing > before && failing <= requestCount else { return try kernel.send(datagram) }
    let index = failing - before - 1
    let victim = messages[index]
    let start = victim.payload.startIndex - Message.headerLength
    if isTransactional {
      inject(victim)
      // Without its first mark there is no transaction; otherwise the others are acknowledged though nothing was done.
      for other in messages.dropFirst(index == 0 ? messages.count : 0)
      where other.sequence != victim.sequence && other.flags.contains(.acknowledge) { acknowledge(other) }
      return
    }
    if index > 0 {
      try kernel.send(Array(datagram[..<start]))
      try drain()
    }
    inject(victim)
    if index + 1 < messages.count {
      try kernel.send(Array(datagram[(messages[index + 1].payload.startIndex - Message.headerLength)...]))
      try drain()
    }
  }

  /// See ``Transport/receive(into:)``.
  public func receive(into buffer: inout [UInt8]) throws(Errno) -> Int {
    if queue.isEmpty { return try kernel.receive(into: &buffer) }
    var (datagram, isInjected) = queue.removeFirst()
    if isInjected {
      // The port may not have been known before a later message was sent.
      var writer = MessageWriter()
      writer.u32(kernel.port)
      datagram.replaceSubrange(12..<16, with: writer.bytes)
    }
    buffer.replaceSubrange(..<datagram.count, with: datagram)
    return datagram.count
  }

  private func inject(_ victim: Message) {
    queue.append((errorMessage(for: victim, port: 0, errno: errno, message: "injected"), isInjected: true))
  }

  private func acknowledge(_ message: Message) {
    queue.append((errorMessage(for: message, port: 0), isInjected: true))
  }

  private func drain() throws(Errno) {
    while true {
      do throws(Errno) {
        let count = try kernel.receive(into: &buffer)
        queue.append((Array(buffer[..<count]), isInjected: false))
      } catch {
        if error == .wouldBlock { return }
        throw error
      }
    }
  }
}
