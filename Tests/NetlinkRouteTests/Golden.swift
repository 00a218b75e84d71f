import Netlink
import NetworkAddresses
import Testing

@testable import NetlinkRoute

/// A request as the real tool sends it, and what makes this library send it.
///
/// The bytes are from iproute2 6.1 in a namespace of its own, the sequence number set to 0:
/// `ip netns exec X strace -e trace=sendmsg -e write=all ip link add ...`. Bridge and host end have the interface indices
/// 1000001 and 2.
struct Golden: Sendable, CustomTestStringConvertible {
  let command: String
  let bytes: [UInt8]
  private let make: @Sendable (inout Batch) -> Void

  init(_ command: String, _ hex: String, _ make: @escaping @Sendable (inout Batch) -> Void) {
    self.command = command
    self.make = make
    bytes = hex.split(separator: "\n").flatMap { line in
      line.prefix { $0 != "/" }.split(separator: " ").map { UInt8($0, radix: 16)! }
    }
  }

  var testDescription: String { command }

  /// What this library sends.
  var written: [UInt8] {
    var batch = Batch()
    make(&batch)
    return batch.datagram(firstSequence: 0)
  }

  var message: Message { Array(Messages(bytes[...]))[0] }

  /// The message with another payload.
  func rewritten(_ body: (inout MessageWriter) -> Void) -> [UInt8] {
    var writer = MessageWriter()
    writer.message(type: message.type, flags: message.flags, body)
    return writer.bytes
  }

  /// The message cut short.
  func cut(to length: Int) -> Message {
    Message(
      type: message.type, flags: message.flags, sequence: 0, port: 0, payload: message.payload.prefix(length))
  }

  /// The message cut short everywhere, and with each byte changed to the extremes.
  var parts: [Message] {
    let payload = message.payload
    return (0..<payload.count).flatMap { index in
      [cut(to: index)]
        + ([0, 1, 0x7f, 0xff] as [UInt8]).map { value in
          var changed = payload
          changed[payload.startIndex + index] = value
          return Message(type: message.type, flags: message.flags, sequence: 0, port: 0, payload: changed)
        }
    }
  }
}

/// What requests and answers hold whole.
protocol KernelObject {
  /// The length of the fixed header before the attributes, in bytes.
  static var headerLength: Int { get }
  init?(_ message: Message)
  func write(to writer: inout MessageWriter)
}

extension Address: KernelObject { static var headerLength: Int { 8 } }
extension Neighbor: KernelObject { static var headerLength: Int { 12 } }
extension NextHopObject: KernelObject { static var headerLength: Int { 8 } }
extension Route: KernelObject { static var headerLength: Int { 12 } }
extension Rule: KernelObject { static var headerLength: Int { 12 } }

extension Golden {
  /// The request is what the tool sends; what is read of it writes it again; and a part of it is not read.
  func expectRoundTrip<Object: KernelObject>(of type: Object.Type) throws {
    #expect(written == bytes)
    let object = try #require(Object(message))
    #expect(rewritten { object.write(to: &$0) } == bytes)
    for part in parts { _ = Object(part) }
    #expect(Object(cut(to: Object.headerLength - 1)) == nil)
    // The end of the last attribute is missing.
    #expect(Object(cut(to: message.payload.count - 4)) == nil)
  }
}

func mac(_ text: String) -> MACAddress { MACAddress(text)! }

func prefix(_ text: String) -> IPPrefix {
  do { return try IPPrefix(parsing: text) } catch { preconditionFailure(text) }
}
