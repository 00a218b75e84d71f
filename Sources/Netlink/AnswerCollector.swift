internal import LinuxSystem

/// Sorts the answers to a batch by request.
struct AnswerCollector {
  private let requests: [Batch.Request]
  private let firstSequence: UInt32
  private let last: Int?
  private var replies: [(index: Int, message: Message)] = []
  /// Empty while there is no error, then one place for each request.
  private var errors: [NetlinkError?] = []

  init(requests: [Batch.Request], firstSequence: UInt32, last: Int?) {
    self.requests = requests
    self.firstSequence = firstSequence
    self.last = last
  }

  /// Takes the messages of one datagram.
  ///
  /// - Returns: Whether the last answer was among them.
  mutating func take(_ datagram: ArraySlice<UInt8>, port: UInt32) throws(NetlinkError) -> Bool {
    var isOver = false
    var iterator = Messages(datagram).makeIterator()
    while let message = iterator.next() {
      let index = Int(message.sequence &- firstSequence)
      guard index < requests.count, message.port == port else {
        throw stray("an answer to another request (number \(message.sequence), port \(message.port))")
      }
      if message.type == Message.error {
        guard let (status, explanation) = message.status else { throw stray("an error without a number") }
        if status != 0 {
          if errors.isEmpty { errors = Array(repeating: nil, count: requests.count) }
          errors[index] = NetlinkError(
            status: status, explanation: explanation, operation: requests[index].operation(), index: index)
        }
        if index == last { isOver = true }
      } else if message.type > Message.done {
        replies.append((index, message))
        if index == last && requests[index].answer == .reply { isOver = true }
      }
    }
    guard iterator.rest.isEmpty else { throw stray("an answer cut short") }
    return isOver
  }

  /// The outcomes in the order of the requests; without the last answer, silence is not success.
  func outcomes(isComplete: Bool) -> [Outcome] {
    var outcomes: [Outcome] = []
    outcomes.reserveCapacity(requests.count)
    for (index, request) in requests.enumerated() {
      let own = replies.isEmpty ? [] : replies.filter { $0.index == index }.map(\.message)
      if !errors.isEmpty, let error = errors[index] {
        outcomes.append(.failure(error))
      } else if !own.isEmpty || request.answer == .nothing || (isComplete && request.answer == .status) {
        outcomes.append(.success(own))
      } else {
        outcomes.append(.failure(silence(index)))
      }
    }
    return outcomes
  }

  private func silence(_ index: Int) -> NetlinkError {
    NetlinkError(
      operation: requests[index].operation(), errno: .protocolError, kernelMessage: "no answer", index: index)
  }

  private func stray(_ what: String) -> NetlinkError {
    NetlinkError(operation: requests[0].operation(), errno: .badMessage, kernelMessage: "received \(what)")
  }
}

/// Gathers the parts of a dump.
struct DumpCollector {
  private let operation: String
  private let sequence: UInt32
  private(set) var messages: [Message] = []
  private(set) var isDone = false
  private(set) var wasInterrupted = false

  init(operation: String, sequence: UInt32) {
    self.operation = operation
    self.sequence = sequence
  }

  mutating func take(_ datagram: ArraySlice<UInt8>, port: UInt32) throws(NetlinkError) {
    var iterator = Messages(datagram).makeIterator()
    while let message = iterator.next() {
      guard message.sequence == sequence, message.port == port else {
        throw stray("an answer to another request (number \(message.sequence), port \(message.port))")
      }
      if message.flags.contains(.dumpInterrupted) && message.type != Message.error { wasInterrupted = true }
      switch message.type {
      case Message.error, Message.done:
        isDone = true
        let (status, explanation) = message.status ?? (0, nil)
        if status != 0 {
          throw NetlinkError(status: status, explanation: explanation, operation: operation, index: 0)
        }
      default:
        if message.type > Message.done { messages.append(message) }
      }
    }
    guard iterator.rest.isEmpty else { throw stray("an answer cut short") }
  }

  private func stray(_ what: String) -> NetlinkError {
    NetlinkError(operation: operation, errno: .badMessage, kernelMessage: "received \(what)")
  }
}
