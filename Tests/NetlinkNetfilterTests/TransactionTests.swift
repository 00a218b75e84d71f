import Glibc
import KernelSandbox
import LinuxSystem
import Netlink
import NetlinkNetfilter
import NetworkAddresses
import Testing

// A transaction changes everything or nothing, and its error names the operation that failed, not one that failed in
// consequence.

private let table = Table(.bridge, "t")
private let set = NamedSet("s", key: [.interfaceName, .ipv4Address])
private let map = NamedSet("m", key: [.ipv4Address], content: .data(.ipv4Address))

private func element(_ last: UInt32) -> SetElement {
  SetElement(.interface("vmi1"), .ipv4(IPv4Address(rawValue: 0x0a00_0000 + last)))
}

private func translation(_ from: UInt32, _ to: UInt32) -> SetElement {
  SetElement(SetKey(.ipv4(IPv4Address(rawValue: from))), .data(.ipv4(IPv4Address(rawValue: to))))
}

private func commit(_ connection: Connection, _ fill: (inout Transaction) -> Void) throws(NetlinkError) {
  var transaction = Transaction()
  fill(&transaction)
  try transaction.commit(on: connection)
}

/// Fails unless the transaction is refused with this number and operation.
private func refused(
  _ connection: Connection, _ errno: Errno, _ operation: String, line: Int = #line,
  _ fill: (inout Transaction) -> Void
) {
  do {
    try commit(connection, fill)
    Issue.record("line \(line): no error")
  } catch {
    if error.errno != errno || error.operation != operation {
      Issue.record("line \(line): \(error.errno.rawValue) \(error)")
    }
  }
}

private func prepared() throws -> Connection {
  Sandbox.enterNetwork()
  let connection = try connect()
  try commit(connection) {
    $0.add(table)
    $0.add(set, to: table)
    $0.add(map, to: table)
    $0.add(Chain("c"), to: table)
    $0.add([element(1)], to: set, in: table)
    $0.add([translation(1, 2)], to: map, in: table)
  }
  return connection
}

@Suite struct TransactionTests {
  @Test func nothingStaysOfAFailedTransaction() async {
    await #expect(processExitsWith: .success) {
      let connection = try prepared()
      refused(connection, .noSuchFile, "add chain inet missing c2") {
        $0.add(Chain("before"), to: table)
        $0.add([element(2)], to: set, in: table)
        $0.add(Chain("c2"), to: Table(.inet, "missing"))
        $0.add(rule: [.drop], to: "c2", in: Table(.inet, "missing"))
        $0.add(Chain("after"), to: table)
      }
      Sandbox.expectEqual(try connection.chains().map(\.chain.name), ["c"])
      Sandbox.expectEqual(try connection.elements(of: set, in: table), [element(1)])
    }
  }

  @Test func whatIsThereAlready() async {
    await #expect(processExitsWith: .success) {
      let connection = try prepared()
      // Adding anything twice is no error unless it must be new.
      try commit(connection) {
        $0.add(table)
        $0.add(set, to: table)
        $0.add(Chain("c"), to: table)
        $0.add([element(1)], to: set, in: table)
        $0.add([translation(1, 2)], to: map, in: table)
      }
      refused(connection, .exists, "add table bridge t") { $0.add(table, ifExists: .fail) }
      refused(connection, .exists, "add chain bridge t c") { $0.add(Chain("c"), to: table, ifExists: .fail) }
      refused(connection, .exists, "add set bridge t s") { $0.add(set, to: table, ifExists: .fail) }
      refused(connection, .exists, "add to set bridge t s (1 elements)") {
        $0.add([element(1)], to: set, in: table, ifExists: .fail)
      }
      // Of another kind it is always an error.
      refused(connection, .exists, "add set bridge t s") {
        $0.add(NamedSet("s", key: [.ipv4Address]), to: table)
      }
      refused(connection, .exists, "add to set bridge t m (1 elements)") {
        $0.add([translation(1, 3)], to: map, in: table)
      }
    }
  }

  @Test func whatIsMissing() async {
    await #expect(processExitsWith: .success) {
      let connection = try prepared()
      refused(connection, .noSuchFile, "delete table bridge u") { $0.delete(Table(.bridge, "u")) }
      refused(connection, .noSuchFile, "delete chain bridge t d") { $0.delete(chain: "d", in: table) }
      refused(connection, .noSuchFile, "delete set bridge t r") { $0.delete(set: "r", in: table) }
      refused(connection, .noSuchFile, "delete from set bridge t s (1 elements)") {
        $0.delete([element(2)], from: set, in: table)
      }
      refused(connection, .noSuchFile, "add rule bridge t d (note)") {
        $0.add(rule: [.drop], comment: "note", to: "d", in: table)
      }
      refused(connection, .noSuchFile, "add rule bridge t c") {
        $0.add(rule: [.lookup([.inputInterface], in: "none"), .drop], to: "c", in: table)
      }
      // Where absence is tolerated, both the present and the absent go.
      try commit(connection) {
        $0.delete(Table(.bridge, "u"), ifMissing: .ignore)
        $0.delete([element(1), element(2)], from: set, in: table, ifMissing: .ignore)
        $0.delete([translation(1, 2), translation(8, 9)], from: map, in: table, ifMissing: .ignore)
      }
      Sandbox.expectEqual(try connection.elements(of: set, in: table).isEmpty, true)
      Sandbox.expectEqual(try connection.elements(of: map, in: table).isEmpty, true)
      Sandbox.expectEqual(try connection.tables(), [table])
    }
  }

  @Test func whatIsInUse() async {
    await #expect(processExitsWith: .success) {
      let connection = try prepared()
      try commit(connection) {
        $0.add(Chain("base", type: .filter, hook: .forward, priority: 0), to: table)
        $0.add(rule: [.jump("c")], to: "base", in: table)
        $0.add(Chain("d"), to: table)
        $0.add(rule: [.lookup([.inputInterface, .ipv4Source], in: "s"), .jump("d")], to: "c", in: table)
      }
      refused(connection, .busy, "delete chain bridge t d") { $0.delete(chain: "d", in: table) }
      refused(connection, .busy, "delete set bridge t s") { $0.delete(set: "s", in: table) }
      // Circles are found where a base chain leads into them.
      refused(connection, Errno(rawValue: EMLINK), "add rule bridge t d") {
        $0.add(rule: [.jump("c")], to: "d", in: table)
      }
      try commit(connection) {
        $0.flush(chain: "c", in: table)
        $0.delete(chain: "d", in: table)
        $0.delete(set: "s", in: table)
        $0.flush(set: "m", in: table)
      }
      Sandbox.expectEqual(try connection.sets(of: table), ["m"])
      Sandbox.expectEqual(try connection.elements(of: map, in: table).isEmpty, true)
    }
  }

  @Test func committingToAnotherGeneration() async {
    await #expect(processExitsWith: .success) {
      let connection = try prepared()
      let generation = try connection.rulesetGeneration()
      var current = Transaction(expecting: generation)
      current.add(Chain("d"), to: table)
      try current.commit(on: connection)
      var late = Transaction(expecting: generation)
      late.add(Chain("e"), to: table)
      do throws(NetlinkError) {
        try late.commit(on: connection)
        Issue.record("no error")
      } catch {
        // ERESTART, which the C library does not name.
        Sandbox.expectEqual(error.errno, Errno(rawValue: 85))
        Sandbox.expectEqual(error.operation, "begin an nf_tables transaction")
      }
      Sandbox.expectEqual(try connection.chains().map(\.chain.name), ["c", "d"])
    }
  }

  @Test func aProcessWithoutPrivileges() async {
    await #expect(processExitsWith: .success) {
      let connection = try prepared()
      Sandbox.expectEqual(setuid(65534), 0)
      refused(try connect(), .operationNotPermitted, "begin an nf_tables transaction") { $0.add(table) }
      withExtendedLifetime(connection) {}
    }
  }

  @Test func manyElements() async {
    await #expect(processExitsWith: .success) {
      let connection = try prepared()
      let elements = (1...5000).map { element(UInt32($0)) }
      try commit(connection) { $0.add(elements, to: set, in: table) }
      Sandbox.expectEqual(try Swift.Set(connection.elements(of: set, in: table)), Swift.Set(elements))
      refused(connection, .noSuchFile, "delete from set bridge t s (300 elements)") {
        $0.delete(Array(elements[..<299]) + [element(6000)], from: set, in: table)
      }
      try commit(connection) { $0.delete(elements, from: set, in: table) }
      Sandbox.expectEqual(try connection.elements(of: set, in: table).isEmpty, true)
    }
  }
}
