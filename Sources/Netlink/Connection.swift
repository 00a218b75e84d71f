public import LinuxSystem

/// Exchanges requests and answers with a kernel, one batch at a time.
///
/// Every answer is checked: that it is whole, that it answers this batch, that it is for this socket. A connection is for
/// one thread.
public final class Connection {
  private let transport: any Transport
  private var nextSequence: UInt32 = 1
  private var buffer: [UInt8] = []
  private var hasStaleAnswers = false
  /// Is told of every request that was answered, and what was refused; `nil` costs nothing.
  public var observer: ((_ operation: String, NetlinkError?) -> Void)?

  /// How often a dump that was interrupted by changes is repeated before it is an error.
  public static let dumpAttempts = 256

  /// A connection over a transport, which it keeps open.
  public init(_ transport: any Transport) { self.transport = transport }

  /// Opens a socket in the thread's network namespace.
  public convenience init(opening netlinkProtocol: NetlinkProtocol) throws(Errno) {
    self.init(try NetlinkSocket(netlinkProtocol))
  }

  // MARK: Batches

  /// Sends the batch and reports the first error, in the order of the requests.
  ///
  /// The other requests were carried out all the same, unless the protocol makes the batch a transaction.
  /// - Returns: An outcome for each request, all of them successes.
  @discardableResult
  public func perform(_ batch: consuming Batch) throws(NetlinkError) -> [Outcome] {
    let outcomes = try outcomes(of: batch)
    for outcome in outcomes {
      if case .failure(let error) = outcome { throw error }
    }
    return outcomes
  }

  /// Sends one request.
  ///
  /// - Returns: What the kernel answered, beside the acknowledgement.
  @discardableResult
  public func perform(
    _ operation: @autoclosure @escaping @Sendable () -> String, type: UInt16, flags: MessageFlags = [],
    answer: Batch.Answer = .status,
    _ body: (inout MessageWriter) -> Void
  ) throws(NetlinkError) -> [Message] {
    var batch = Batch()
    batch.add(operation(), type: type, flags: flags, answer: answer, body)
    return try perform(batch)[0].replies
  }

  /// Sends the batch and tells what became of each request.
  ///
  /// - Returns: An outcome for each request, in their order.
  /// - Throws: An error only where the exchange itself failed, so that the outcomes are unknown.
  public func outcomes(of batch: consuming Batch) throws(NetlinkError) -> [Outcome] {
    if batch.isEmpty { return [] }
    let first = nextSequence
    nextSequence &+= UInt32(batch.count)
    let last = batch.seal(firstSequence: first)
    try send(batch)
    let operation = batch.requests[0].operation
    var collector = AnswerCollector(requests: batch.requests, firstSequence: first, last: last)
    var isOver = false
    while !isOver {
      guard let datagram = try receive(operation) else { break }
      isOver = try collector.take(datagram, port: transport.port)
    }
    // Without a final answer (a transaction refused at its first mark) nothing more is queued.
    hasStaleAnswers = false
    let requests = observer == nil ? [] : batch.operations
    let outcomes = collector.outcomes(isComplete: isOver || last == nil)
    if let observer {
      for (request, outcome) in zip(requests, outcomes) { observer(request, outcome.error) }
    }
    return outcomes
  }

  // MARK: Dumps

  /// Reads all objects of a kind.
  ///
  /// A dump that ran while the table changed is repeated at once, up to ``dumpAttempts`` times; then it fails with
  /// `EBUSY`.
  /// - Parameter body: Writes the protocol's fixed header and the attributes that filter.
  public func dump(
    _ operation: String, type: UInt16, flags: MessageFlags = [], _ body: (inout MessageWriter) -> Void
  ) throws(NetlinkError) -> [Message] {
    do throws(Errno) { try transport.enableStrictDumps() } catch {
      throw NetlinkError(operation: operation, errno: error)
    }
    for _ in 0..<Self.dumpAttempts {
      var batch = Batch()
      batch.add(operation, type: type, flags: flags.union(.dump), answer: .reply, body)
      if let messages = try dumpOnce(operation, batch) { return messages }
    }
    throw NetlinkError(
      operation: operation, errno: .busy, kernelMessage: "the table changed during each of \(Self.dumpAttempts) dumps")
  }

  /// One dump; `nil` where it was interrupted.
  private func dumpOnce(_ operation: String, _ batch: consuming Batch) throws(NetlinkError) -> [Message]? {
    let sequence = nextSequence
    nextSequence &+= 1
    _ = batch.seal(firstSequence: sequence)
    try send(batch)
    var collector = DumpCollector(operation: operation, sequence: sequence)
    while !collector.isDone {
      guard let datagram = try receive({ operation }) else {
        throw NetlinkError(operation: operation, errno: .protocolError, kernelMessage: "the dump has no end")
      }
      try collector.take(datagram, port: transport.port)
    }
    hasStaleAnswers = false
    observer?(operation, nil)
    return collector.wasInterrupted ? nil : collector.messages
  }

  // MARK: Datagrams

  private func send(_ batch: borrowing Batch) throws(NetlinkError) {
    let operation = batch.requests[0].operation
    if batch.writer.isOversized {
      throw NetlinkError(operation: operation(), errno: .tooBig, kernelMessage: "an attribute outgrew 64 KiB")
    }
    while hasStaleAnswers { hasStaleAnswers = try receive(operation) != nil }
    do throws(Errno) { try transport.send(batch.writer.bytes) } catch {
      throw NetlinkError(operation: operation(), errno: error)
    }
    hasStaleAnswers = true
  }

  /// The next datagram; `nil` where there is none.
  private func receive(_ operation: () -> String) throws(NetlinkError) -> ArraySlice<UInt8>? {
    if buffer.isEmpty { buffer = receiveBuffer() }
    do throws(Errno) {
      let count = try transport.receive(into: &buffer)
      return Array(buffer[..<count])[...]
    } catch {
      if error == .wouldBlock { return nil }
      throw NetlinkError(operation: operation(), errno: error)
    }
  }
}
