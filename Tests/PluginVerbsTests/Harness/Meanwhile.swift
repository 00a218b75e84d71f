import LinuxSystem
import Netlink

/// What happens just before the first datagram to the kernel that has these octets in it.
final class Meanwhile: SocketPlan {
  private let octets: [UInt8]
  private let event: () -> Void
  private(set) var hasHappened = false

  init(before text: String, _ event: @escaping () -> Void) {
    octets = Array(text.utf8)
    self.event = event
  }

  func open(_ kind: NetlinkProtocol) throws(Errno) -> any Transport { ObservedTransport(self, try NetlinkSocket(kind)) }

  fileprivate func see(_ datagram: [UInt8]) {
    guard !hasHappened, datagram.count >= octets.count,
      (0...datagram.count - octets.count).contains(where: { datagram[$0...].starts(with: octets) })
    else { return }
    hasHappened = true
    event()
  }
}

private final class ObservedTransport: Transport {
  private let plan: Meanwhile
  private let kernel: any Transport

  init(_ plan: Meanwhile, _ kernel: any Transport) {
    self.plan = plan
    self.kernel = kernel
  }

  var port: UInt32 { kernel.port }
  func enableStrictDumps() throws(Errno) { try kernel.enableStrictDumps() }
  func receive(into buffer: inout [UInt8]) throws(Errno) -> Int { try kernel.receive(into: &buffer) }

  func send(_ datagram: [UInt8]) throws(Errno) {
    plan.see(datagram)
    try kernel.send(datagram)
  }
}
