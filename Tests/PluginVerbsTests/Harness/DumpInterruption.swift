import LinuxSystem
import Netlink

/// Which of a call's dumps, counted from 1 with their repetitions, the kernel interrupts: half of what it would say is
/// missing, and the rest is marked.
final class DumpInterruption: SocketPlan {
  private let chosen: ClosedRange<Int>
  private var count = 0

  /// - Parameter repetitions: how often the dump is interrupted.
  init(of number: Int, repetitions: Int) { chosen = number...number + repetitions - 1 }

  /// Whether it is interrupted until the call gives up.
  var isLasting: Bool { chosen.count >= Connection.dumpAttempts }
  /// Whether the chosen dump was met.
  var wasHit: Bool { count >= chosen.lowerBound }

  func open(_ kind: NetlinkProtocol) throws(Errno) -> any Transport {
    InterruptedTransport(self, try NetlinkSocket(kind))
  }

  fileprivate func isNextInterrupted() -> Bool {
    count += 1
    return chosen.contains(count)
  }
}

extension DumpInterruption: CustomStringConvertible {
  var description: String { "dump \(chosen.lowerBound) interrupted \(chosen.count) times" }
}

private final class InterruptedTransport: Transport {
  private let plan: DumpInterruption
  private let kernel: any Transport
  private var isInterrupting = false

  init(_ plan: DumpInterruption, _ kernel: any Transport) {
    self.plan = plan
    self.kernel = kernel
  }

  var port: UInt32 { kernel.port }
  func enableStrictDumps() throws(Errno) { try kernel.enableStrictDumps() }

  func send(_ datagram: [UInt8]) throws(Errno) {
    let requests = Array(Messages(datagram[...]))
    // Only reading requests know the bits of dumps; those that write have others in their place.
    let isDump = requests.count == 1 && requests[0].flags.contains(.dump) && requests[0].isReading
    isInterrupting = isDump && plan.isNextInterrupted()
    try kernel.send(datagram)
  }

  func receive(into buffer: inout [UInt8]) throws(Errno) -> Int {
    let count = try kernel.receive(into: &buffer)
    guard isInterrupting else { return count }
    let all = Array(Messages(buffer[..<count]))
    let objects = all.filter { $0.type > endOfDump }
    let kept = all.filter { $0.type <= endOfDump } + objects.prefix(objects.count / 2)
    // The end stays the last one.
    let datagram = kept.sorted { $0.payload.startIndex < $1.payload.startIndex }.flatMap { message in
      var writer = MessageWriter()
      writer.message(
        type: message.type, flags: message.flags.union(.dumpInterrupted), sequence: message.sequence, port: message.port
      ) { $0.raw(Array(message.payload)) }
      return writer.bytes
    }
    buffer.replaceSubrange(..<datagram.count, with: datagram)
    return datagram.count
  }
}

/// `NLMSG_DONE`, after which come the numbers of objects.
private let endOfDump: UInt16 = 3

extension Message {
  /// rtnetlink's reading requests are the third of every four numbers; nf_tables' are told by their low octet.
  fileprivate var isReading: Bool {
    let isNetfilter = type >> 8 != 0
    return isNetfilter ? !flags.contains(.create) && Self.netfilterReaders.contains(type & 0xff) : type % 4 == 2
  }

  /// `NFT_MSG_GETTABLE` and the like.
  private static let netfilterReaders: Set<UInt16> = [1, 4, 7, 10, 13, 16, 19, 21]
}
