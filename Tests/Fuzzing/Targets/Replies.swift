import LinuxSystem
import Netlink
import NetlinkNetfilter
import NetlinkRoute
import NetworkAddresses

extension FuzzTarget {
  /// Arbitrary answers to every question to rtnetlink.
  static let routeReplies = FuzzTarget(name: "route-replies", maximumLength: 4096) { bytes in
    try ask(routeQuestions, answers: bytes)
  }

  /// Arbitrary answers to every question to nf_tables.
  static let filterReplies = FuzzTarget(name: "filter-replies", maximumLength: 4096) { bytes in
    try ask(filterQuestions, answers: bytes)
  }
}

private typealias Exchange = @Sendable (Connection) throws -> Void

private let routeQuestions: [Exchange] = [
  { describe(try $0.links()) }, { describe(try $0.addresses()) }, { describe(try $0.routes()) },
  { describe(try $0.neighbors()) }, { describe(try $0.forwardingEntries()) }, { describe(try $0.rules(family: .v4)) },
  { describe(try $0.nextHops()) }, { describe(try $0.link(.index(1)).map { [$0] } ?? []) },
  { _ = try $0.routerConfiguration(of: 1, family: .v6) },
  { describe(try $0.neighborProxies(family: .v6)) },
]

private let filterQuestions: [Exchange] = [
  { _ = try $0.tables() }, { _ = try $0.rulesetGeneration() }, { _ = try $0.chains() },
  { _ = try $0.chain("c", in: table) },
  {
    for rule in try $0.rules(of: table) {
      for expression in rule.expressions {
        for type in UInt16(1)...8 { _ = (expression.value(type), expression.verdict(type)) }
      }
    }
  },
  { _ = try $0.sets(of: table) }, { _ = try $0.installedSet("s", in: table) },
  { _ = try $0.elements(of: set, in: table) }, { _ = try $0.elements(of: map, in: table) },
]

private let table = Table(.bridge, "contrail")
private let set = NamedSet("s", key: [.interfaceName, .etherAddress], flags: [.interval])
private let map = NamedSet("m", key: [.ipv4Address], content: .verdict)

private func describe(_ values: [some Any]) { for value in values { _ = "\(value)" } }

/// The first byte chooses the question, the rest are the kernel's datagrams.
private func ask(_ questions: [Exchange], answers bytes: [UInt8]) throws {
  let exchange = questions[Int(bytes.first ?? 0) % questions.count]
  let kernel = ReplyingKernel(Array(bytes.dropFirst()))
  try reading { try exchange(Connection(kernel)) }
}

/// A kernel that answers with given bytes: messages that belong to the question, of any type, flags and payload, or
/// datagrams that are anything at all.
private final class ReplyingKernel: Transport {
  private var input: Bytes
  private var sequence: UInt32 = 0
  private(set) var port: UInt32 = 0

  init(_ bytes: [UInt8]) { input = Bytes(bytes) }

  func enableStrictDumps() {}

  func send(_ datagram: [UInt8]) {
    port = 7
    for message in Messages(datagram[...]) { sequence = message.sequence }
  }

  /// A datagram: a byte that says of what kind, then its parts.
  func receive(into buffer: inout [UInt8]) throws(Errno) -> Int {
    if input.isEmpty { throw .wouldBlock }
    var datagram: [UInt8]
    switch input.byte() {
    case 0xff: throw Errno(rawValue: Int32(input.byte()))
    case 0xfe: datagram = input.field()
    case let type:
      var writer = MessageWriter()
      let flags = MessageFlags(rawValue: UInt16(input.byte()))
      // Types of nf_tables have a subsystem in the upper byte.
      let isFilter = type >= 0x80
      let payload = input.longField()
      writer.message(
        type: isFilter ? 0x0a00 | UInt16(type & 0x7f) : UInt16(type), flags: flags, sequence: sequence, port: port
      ) { $0.raw(payload) }
      datagram = writer.bytes
    }
    datagram = Array(datagram.prefix(buffer.count))
    buffer.replaceSubrange(..<datagram.count, with: datagram)
    return datagram.count
  }
}
