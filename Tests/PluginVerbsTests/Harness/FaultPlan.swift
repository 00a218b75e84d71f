import LinuxSystem
import Netlink

/// How a call opens its sockets to the kernel.
protocol SocketPlan {
  func open(_ kind: NetlinkProtocol) throws(Errno) -> any Transport
}

/// Which of a call's steps towards the kernel fails: opened sockets and requests, counted together from 1.
///
/// Of a transaction, which the kernel carries out whole or not at all, these are five: its marks, and its first, middle
/// and last request.
final class FaultPlan: SocketPlan {
  let failing: Int
  let errno: Errno
  /// Whether everything after it fails as well.
  let isLasting: Bool
  /// What happens just before the step, which then does not fail.
  private let event: (() -> Void)?
  fileprivate(set) var stepCount = 0

  init(failing: Int, with errno: Errno, isLasting: Bool = false) {
    self.failing = failing
    self.errno = errno
    self.isLasting = isLasting
    event = nil
  }

  init(before number: Int, _ event: @escaping () -> Void) {
    failing = number
    errno = .ioError
    isLasting = false
    self.event = event
  }

  var isEvent: Bool { event != nil }

  /// Whether the chosen step was met.
  var wasHit: Bool { stepCount >= failing }

  func open(_ kind: NetlinkProtocol) throws(Errno) -> any Transport {
    stepCount += 1
    if stepCount == failing || isLasting && wasHit { try fail() }
    return PlannedTransport(self, try NetlinkSocket(kind), isTransactional: kind == .netfilter)
  }
}

extension FaultPlan {
  fileprivate func fail() throws(Errno) {
    guard let event else { throw errno }
    event()
  }
}

private final class PlannedTransport: Transport {
  private let plan: FaultPlan
  private var kernel: any Transport
  private let isTransactional: Bool

  init(_ plan: FaultPlan, _ kernel: any Transport, isTransactional: Bool) {
    self.plan = plan
    self.kernel = kernel
    self.isTransactional = isTransactional
  }

  var port: UInt32 { kernel.port }
  func enableStrictDumps() throws(Errno) { try kernel.enableStrictDumps() }
  func receive(into buffer: inout [UInt8]) throws(Errno) -> Int { try kernel.receive(into: &buffer) }

  func send(_ datagram: [UInt8]) throws(Errno) {
    let before = plan.stepCount
    let count = Array(Messages(datagram[...])).count
    let steps = isTransactional && count > 5 ? [1, 2, count / 2, count - 1, count] : Array(1...count)
    plan.stepCount += steps.count
    if plan.wasHit && plan.isLasting { throw plan.errno }
    if plan.wasHit && before < plan.failing && plan.isEvent {
      try plan.fail()
    } else if plan.wasHit && before < plan.failing {
      kernel = FaultInjectingTransport(
        kernel, failing: steps[plan.failing - before - 1], with: plan.errno, isTransactional: isTransactional)
    }
    try kernel.send(datagram)
  }
}

extension FaultPlan: CustomStringConvertible {
  var description: String { "step \(failing)\(isLasting ? " and all that follow" : "") failed with “\(errno)”" }
}
