/// Requests that go to the kernel in one datagram and are worked off in order.
///
/// rtnetlink goes on after a request that failed; what was done before it stays done.
public struct Batch: Sendable {
  /// What the kernel answers to a request beside an error, which it always sends.
  public enum Answer: Hashable, Sendable {
    /// Nothing, or an acknowledgement if it is the batch's last request: the result is success or an error. Answers that
    /// come all the same (`NLM_F_ECHO`) are kept.
    case status
    /// Exactly one message.
    case reply
    /// Nothing, ever: the marks around an nf_tables transaction. An error is kept.
    case nothing
  }

  struct Request: Sendable {
    /// Put into words only for an error, or for somebody who watches.
    let operation: @Sendable () -> String
    let answer: Answer
    let offset: Int
  }

  private(set) var requests: [Request] = []
  private(set) var writer = MessageWriter()

  /// A batch without requests.
  public init() {}

  /// The number of requests.
  public var count: Int { requests.count }
  /// Whether there is no request.
  public var isEmpty: Bool { requests.isEmpty }
  /// What each request does, in words.
  public var operations: [String] { requests.map { $0.operation() } }
  /// The datagram as it will be sent, but for sequence numbers and the last request's `NLM_F_ACK`.
  public var bytes: [UInt8] { writer.bytes }

  /// Adds a request; `NLM_F_REQUEST` is added to its flags.
  ///
  /// - Parameters:
  ///   - operation: What the request does, for an error: `create veth vmi0123`.
  ///   - body: Writes the protocol's fixed header and attributes.
  /// - Returns: The request's index, under which its outcome is found.
  @discardableResult
  public mutating func add(
    _ operation: @autoclosure @escaping @Sendable () -> String, type: UInt16, flags: MessageFlags = [],
    answer: Answer = .status,
    _ body: (inout MessageWriter) -> Void
  ) -> Int {
    requests.append(Request(operation: operation, answer: answer, offset: writer.bytes.count))
    writer.message(type: type, flags: flags.union(.request), body)
    return requests.count - 1
  }

  /// The finished datagram, for a sender other than ``Connection``: its last request asks for an acknowledgement.
  public consuming func datagram(firstSequence: UInt32 = 1) -> [UInt8] {
    _ = seal(firstSequence: firstSequence)
    return writer.bytes
  }

  /// Numbers the requests from `first` and asks for an acknowledgement where it is needed to know the end.
  ///
  /// - Returns: The index of the request whose answer is the last.
  mutating func seal(firstSequence first: UInt32) -> Int? {
    for (index, request) in requests.enumerated() {
      writer.patch(first &+ UInt32(index), at: request.offset + 8)
    }
    guard let last = requests.lastIndex(where: { $0.answer != .nothing }) else { return nil }
    if requests[last].answer == .status {
      let offset = requests[last].offset + 6
      let flags: UInt16 = writer.bytes[...].number(at: offset) ?? 0
      writer.patch(flags | MessageFlags.acknowledge.rawValue, at: offset)
    }
    return last
  }
}

/// What became of one request of a batch.
public enum Outcome: Sendable {
  /// The kernel did it, and answered these messages.
  case success([Message])
  /// The kernel refused it.
  case failure(NetlinkError)

  /// The kernel's answers; none after a failure.
  public var replies: [Message] {
    if case .success(let messages) = self { messages } else { [] }
  }

  /// Why the request failed.
  public var error: NetlinkError? {
    if case .failure(let error) = self { error } else { nil }
  }
}
