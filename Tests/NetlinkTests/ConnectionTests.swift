import LinuxSystem
import Netlink
import Testing

/// How a connection exchanges requests and answers, with a fake kernel at the other end.
@Suite struct ConnectionTests {
  private func batch(_ answers: Batch.Answer...) -> Batch {
    var batch = Batch()
    for (index, answer) in answers.enumerated() {
      batch.add("step \(index)", type: UInt16(100 + index), answer: answer) { $0.u32(UInt32(index)) }
    }
    return batch
  }

  @Test func onlyTheLastRequestAsksForAnAcknowledgement() throws {
    let kernel = FakeKernel()
    try Connection(kernel).perform(batch(.status, .status, .status))
    #expect(kernel.datagramCount == 1)
    #expect(kernel.requests.map(\.flags) == [.request, .request, [.request, .acknowledge]])
    #expect(kernel.requests.map(\.type) == [100, 101, 102])
    #expect(kernel.requests.map(\.sequence) == [1, 2, 3])
  }

  @Test func marksThatAreNeverAnsweredAreNotAskedTo() throws {
    let kernel = FakeKernel()
    kernel.respond = { [100, 102].contains($0.type) ? .silence : .success }
    let outcomes = try Connection(kernel).perform(batch(.nothing, .status, .nothing))
    #expect(kernel.requests.map(\.flags) == [.request, [.request, .acknowledge], .request])
    #expect(outcomes.count == 3)
  }

  /// A transaction refused at its first mark is not answered further: silence is not success.
  @Test func aMarksErrorIsTheBatchs() throws {
    let kernel = FakeKernel()
    kernel.respond = { $0.type == 100 ? .failure(.operationNotPermitted) : .silence }
    let outcomes = try Connection(kernel).outcomes(of: batch(.nothing, .status, .status, .nothing))
    #expect(outcomes.map { $0.error?.errno } == [.operationNotPermitted, .protocolError, .protocolError, nil])
    #expect(throws: NetlinkError(operation: "step 0", errno: .operationNotPermitted)) {
      try Connection(kernel).perform(batch(.nothing, .status, .nothing))
    }
  }

  @Test func repliesAreSortedByRequest() throws {
    let kernel = FakeKernel()
    kernel.respond = { $0.type == 100 ? .success : .replies([(type: $0.type + 1000, payload: [1, 2])]) }
    let outcomes = try Connection(kernel).perform(batch(.status, .reply, .status, .reply))
    #expect(outcomes.map { $0.replies.map(\.type) } == [[], [1101], [1102], [1103]])
    #expect(outcomes[1].replies[0].payload.prefix(2) == [1, 2])
  }

  @Test func theFirstErrorIsThrownAndTheOthersAreKept() throws {
    let kernel = FakeKernel()
    kernel.fail(request: 2, with: .exists, message: "it is there")
    kernel.fail(request: 3, with: .noSuchDevice)
    let outcomes = try Connection(kernel).outcomes(of: batch(.status, .status, .status, .status))
    #expect(outcomes.map { $0.error?.errno } == [nil, .exists, .noSuchDevice, nil])
    #expect(
      outcomes[1].error == NetlinkError(operation: "step 1", errno: .exists, kernelMessage: "it is there", index: 1))
    kernel.fail(request: 6, with: .busy)
    #expect(throws: NetlinkError(operation: "step 1", errno: .busy, index: 1)) {
      try Connection(kernel).perform(batch(.status, .status, .status))
    }
  }

  @Test func anErrorTellsWhere() throws {
    let kernel = FakeKernel()
    kernel.respond = { _ in .failure(.outOfRange, message: "too big", offset: 52) }
    let error = try #require(throws: NetlinkError.self) { try Connection(kernel).perform(batch(.status)) }
    #expect(error.offset == 52 && error.kernelMessage == "too big")
    #expect(
      error.description == "step 0: Numerical result out of range (the kernel: too big, at byte 52 of the request)")
  }

  /// The acknowledgements of kernels that repeat the whole request explain it behind the request.
  @Test func anExplanationBehindTheWholeRequestIsFound() throws {
    let kernel = FakeKernel()
    kernel.respond = { _ in .silence }
    var writer = MessageWriter()
    writer.message(type: 2, flags: .explained, sequence: 1, port: 4242) {
      $0.i32(-22)
      $0.u32(20)
      for _ in 0..<3 { $0.u32(0) }
      $0.u32(0xdead_beef)
      $0.attribute(1, string: "no")
    }
    kernel.inject(writer.bytes)
    let outcomes = try Connection(kernel).outcomes(of: batch(.status))
    #expect(outcomes[0].error == NetlinkError(operation: "step 0", errno: .invalidArgument, kernelMessage: "no"))
  }

  @Test(arguments: [
    (sequence: UInt32(9), port: UInt32(4242), cut: 0), (sequence: 0, port: 4242, cut: 0),
    (sequence: 1, port: 4241, cut: 0), (sequence: 1, port: 4242, cut: 1), (sequence: 1, port: 4242, cut: 24),
  ])
  func anAnswerThatIsNotOursIsAnError(_ answer: (sequence: UInt32, port: UInt32, cut: Int)) throws {
    let kernel = FakeKernel()
    kernel.respond = { _ in .silence }
    var writer = MessageWriter()
    writer.message(type: 2, flags: .capped, sequence: answer.sequence, port: answer.port) {
      for _ in 0..<5 { $0.u32(0) }
    }
    kernel.inject(writer.bytes.dropLast(answer.cut))
    let connection = Connection(kernel)
    let error = try #require(throws: NetlinkError.self) { try connection.outcomes(of: batch(.status)) }
    #expect(error.errno == .badMessage)
    // What is left over of it does not disturb the next exchange.
    kernel.inject(writer.bytes)
    kernel.respond = { _ in .success }
    #expect(try connection.outcomes(of: batch(.status))[0].error == nil)
  }

  @Test func silenceIsAnError() throws {
    let kernel = FakeKernel()
    kernel.respond = { _ in .silence }
    let outcomes = try Connection(kernel).outcomes(of: batch(.status, .reply))
    #expect(outcomes.map { $0.error?.errno } == [.protocolError, .protocolError])
  }

  @Test func anEmptyBatchIsNotSent() throws {
    let kernel = FakeKernel()
    #expect(try Connection(kernel).perform(Batch()).isEmpty)
    #expect(kernel.datagramCount == 0)
  }
}

/// Dumps: many messages, repeated when the table changed meanwhile.
@Suite struct DumpTests {
  private func kernel(interruptions: Int = 0) -> FakeKernel {
    let kernel = FakeKernel()
    kernel.dumpsToInterrupt = interruptions
    kernel.respond = { _ in .replies([(type: 16, payload: [1, 0, 0, 0]), (type: 16, payload: [2, 0, 0, 0])]) }
    return kernel
  }

  @Test func allPartsAreCollected() throws {
    let kernel = kernel()
    let messages = try Connection(kernel).dump("list", type: 18) { $0.u32(0) }
    #expect(messages.map { $0.payload.first } == [1, 2])
    #expect(kernel.isStrict && kernel.requests[0].flags == [.request, .dump])
  }

  @Test func anInterruptedDumpIsRepeated() throws {
    let kernel = kernel(interruptions: 3)
    #expect(try Connection(kernel).dump("list", type: 18) { $0.u32(0) }.count == 2)
    #expect(kernel.requests.count == 4)
  }

  @Test func aDumpThatIsAlwaysInterruptedIsAnError() throws {
    let kernel = kernel(interruptions: .max)
    let error = try #require(throws: NetlinkError.self) { try Connection(kernel).dump("list", type: 18) { _ in } }
    #expect(error.errno == .busy && error.operation == "list")
    #expect(kernel.requests.count == Connection.dumpAttempts)
  }

  @Test func aRefusedDumpIsAnError() throws {
    let kernel = kernel()
    kernel.fail(request: 1, with: .invalidArgument, message: "bad filter")
    let connection = Connection(kernel)
    #expect(throws: NetlinkError(operation: "list", errno: .invalidArgument, kernelMessage: "bad filter")) {
      try connection.dump("list", type: 18) { _ in }
    }
    #expect(try connection.dump("list", type: 18) { _ in }.count == 2)
  }

  @Test func aDumpWithoutAnEndIsAnError() throws {
    let kernel = kernel()
    kernel.respond = { _ in .silence }
    let error = try #require(throws: NetlinkError.self) { try Connection(kernel).dump("list", type: 18) { _ in } }
    #expect(error.errno == .protocolError)
  }
}
