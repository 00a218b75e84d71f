public import LinuxSystem

/// A kernel for tests, on the level of messages: it records requests and answers what it was told to.
///
/// Like the real one it goes on after a failed request, acknowledges where it was asked to, and answers a dump in parts.
public final class FakeKernel: Transport {
  /// What the kernel answers to a request.
  public enum Response: Sendable {
    /// It succeeds; an acknowledgement follows where the request asked for one.
    case success
    /// It is answered by these messages (type and payload); for a dump, the end follows.
    case replies([(type: UInt16, payload: [UInt8])])
    /// It fails with this number and explanation.
    case failure(Errno, message: String? = nil, offset: UInt32? = nil)
    /// It is not answered at all.
    case silence
  }

  /// Every request so far, in order.
  public private(set) var requests: [Message] = []
  /// The number of datagrams sent so far.
  public private(set) var datagramCount = 0
  /// Decides the answer to a request; success by default.
  public var respond: (Message) -> Response = { _ in .success }
  /// How many of the coming dumps report that the table changed.
  public var dumpsToInterrupt = 0
  /// The number of the socket that the kernel sees; 0 while nothing was sent.
  public private(set) var port: UInt32 = 0
  /// Whether strict dumps were asked for.
  public private(set) var isStrict = false

  private var failures: [Int: (Errno, String?)] = [:]
  private var queue: [[UInt8]] = []

  /// A kernel that lets everything succeed.
  public init() {}

  /// Makes a request fail.
  ///
  /// - Parameter number: Counted over all requests ever sent, from 1.
  public func fail(request number: Int, with errno: Errno, message: String? = nil) {
    failures[number] = (errno, message)
  }

  /// Queues a datagram as it is: an answer nobody asked for, or a broken one.
  public func inject(_ datagram: [UInt8]) { queue.append(datagram) }

  /// See ``Transport/enableStrictDumps()``.
  public func enableStrictDumps() throws(Errno) { isStrict = true }

  /// See ``Transport/send(_:)``.
  public func send(_ datagram: [UInt8]) throws(Errno) {
    datagramCount += 1
    port = 4242
    for request in Messages(datagram[...]) {
      requests.append(request)
      if let (errno, message) = failures[requests.count] {
        answer(request, .failure(errno, message: message))
      } else {
        answer(request, respond(request))
      }
    }
  }

  /// See ``Transport/receive(into:)``.
  public func receive(into buffer: inout [UInt8]) throws(Errno) -> Int {
    if queue.isEmpty { throw .wouldBlock }
    let datagram = queue.removeFirst()
    buffer.replaceSubrange(..<datagram.count, with: datagram)
    return datagram.count
  }

  private func answer(_ request: Message, _ response: Response) {
    // Only reading requests know the dump bits; for the others they are `NLM_F_REPLACE` and `NLM_F_EXCL`.
    let isDump = request.flags.contains(.dump) && !request.flags.contains(.create)
    switch response {
    case .silence: return
    case .failure(let errno, let message, let offset):
      queue.append(errorMessage(for: request, port: port, errno: errno, message: message, offset: offset))
    case .success:
      if isDump {
        finishDump(request)
      } else if request.flags.contains(.acknowledge) {
        queue.append(errorMessage(for: request, port: port))
      }
    case .replies(let replies):
      for reply in replies {
        var writer = MessageWriter()
        writer.message(
          type: reply.type, flags: isDump ? .multipart : [], sequence: request.sequence, port: port
        ) { $0.raw(reply.payload) }
        queue.append(writer.bytes)
      }
      if isDump {
        finishDump(request)
      } else if request.flags.contains(.acknowledge) {
        queue.append(errorMessage(for: request, port: port))
      }
    }
  }

  private func finishDump(_ request: Message) {
    var flags = MessageFlags.multipart
    if dumpsToInterrupt > 0 {
      dumpsToInterrupt -= 1
      flags.insert(.dumpInterrupted)
    }
    var writer = MessageWriter()
    writer.message(type: Message.done, flags: flags, sequence: request.sequence, port: port) { $0.i32(0) }
    queue.append(writer.bytes)
  }
}

/// The acknowledgement of a request, or its error.
func errorMessage(
  for request: Message, port: UInt32, errno: Errno? = nil, message: String? = nil, offset: UInt32? = nil
) -> [UInt8] {
  var flags = MessageFlags.capped
  if message != nil || offset != nil { flags.insert(.explained) }
  var writer = MessageWriter()
  writer.message(type: Message.error, flags: flags, sequence: request.sequence, port: port) {
    $0.i32(-(errno?.rawValue ?? 0))
    $0.u32(UInt32(request.payload.count + Message.headerLength))
    $0.u16(request.type)
    $0.u16(request.flags.rawValue)
    $0.u32(request.sequence)
    $0.u32(request.port)
    if let message { $0.attribute(NetlinkError.messageAttribute, string: message) }
    if let offset { $0.attribute(NetlinkError.offsetAttribute, offset) }
  }
  return writer.bytes
}
