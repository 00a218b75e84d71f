import CLinux
import KernelSandbox
import LinuxSystem
import Netlink
import Testing

/// The transport that lets one request fail, over the fake and over the real kernel.
@Suite struct FaultInjectionTests {
  @Test(arguments: 1...4) func exactlyTheChosenRequestIsKeptBack(_ number: Int) throws {
    let kernel = FakeKernel()
    let transport = FaultInjectingTransport(kernel, failing: number, with: .outOfMemory)
    let connection = Connection(transport)
    var batch = Batch()
    for step in 1...3 { batch.add("step \(step)", type: UInt16(100 + step)) { _ in } }
    let outcomes = try connection.outcomes(of: batch)
    #expect(outcomes.map { $0.error != nil } == (1...3).map { $0 == number })
    #expect(kernel.requests.map(\.type) == (1...3).filter { $0 != number }.map { UInt16(100 + $0) })
    #expect(transport.hasFailed == (number <= 3) && transport.requestCount == 3)
    if number <= 3 {
      #expect(outcomes[number - 1].error?.errno == .outOfMemory)
      #expect(outcomes[number - 1].error?.operation == "step \(number)")
    }
    let last = try connection.outcomes(of: batch)[0].error
    #expect((last != nil) == (number == 4))
  }

  @Test func ofATransactionNothingIsCarriedOut() throws {
    let kernel = FakeKernel()
    let connection = Connection(
      FaultInjectingTransport(kernel, failing: 2, with: .outOfMemory, isTransactional: true))
    var batch = Batch()
    batch.add("begin", type: 16, answer: .nothing) { _ in }
    batch.add("element", type: 2572) { _ in }
    batch.add("end", type: 17, answer: .nothing) { _ in }
    #expect(throws: NetlinkError.self) { try connection.perform(batch) }
    #expect(kernel.requests.isEmpty)
  }

  @Test func theRealKernelDoesTheRest() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      for number in 1...3 {
        let connection = Connection(
          FaultInjectingTransport(try NetlinkSocket(.route), failing: number, with: .noSpace))
        var batch = Batch()
        for step in 1...3 { addBridge("b\(number)\(step)", to: &batch) }
        let outcomes = try connection.outcomes(of: batch)
        try require(outcomes.map { $0.error?.errno == .noSpace } == (1...3).map { $0 == number })
      }
      let expected = ["b12", "b13", "b21", "b23", "b31", "b32", "lo"]
      try require(names(try dumpLinks(Connection(try NetlinkSocket(.route)))) == expected)
    }
  }
}

/// Notifications of the real kernel.
@Suite struct NotificationTests {
  @Test func whatHappensIsNotifiedInOrder() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      let notifications = try NotificationSocket(groups: [.link])
      if case .timedOut = try notifications.next(milliseconds: 0) {} else { throw Failure() }
      let connection = Connection(try NetlinkSocket(.route))
      var batch = Batch()
      addBridge("b1", to: &batch)
      addBridge("b2", to: &batch)
      try connection.perform(batch)
      var seen: [String] = []
      while case .messages(let messages) = try notifications.next(milliseconds: 0) { seen += names(messages) }
      try require(seen == ["b1", "b2"])
    }
  }

  @Test func anOverrunIsReported() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      let notifications = try NotificationSocket(groups: [.link], bufferSize: 4096)
      let connection = Connection(try NetlinkSocket(.route))
      var batch = Batch()
      for number in 0..<50 { addBridge("b\(number)", to: &batch) }
      try connection.perform(batch)
      var events = 0
      while true {
        events += 1
        if case .overrun = try notifications.next(milliseconds: 0) { break }
        try require(events < 50)
      }
    }
  }
}
