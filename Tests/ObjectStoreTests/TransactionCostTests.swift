import CSQLite
import ContrailIPAM
import NetworkAddresses
import Testing

@testable import ObjectStore

struct TransactionCostTests {
  /// What one ADD reads and writes does not depend on how many pods there are: the pages of a few trees' depth.
  @Test func aTransactionTouchesFewPages() throws {
    let pool = Pool("pods", try Subnet(parsing: "10.32.0.0/12"))
    let filler = IPv4Address("10.40.0.0")!
    func pages(with rows: Int) throws -> (read: Int, written: Int) {
      let test = TestStore()
      try test.open().transaction { (transaction) throws in
        var addresses = transaction.pool("pods")
        try pool.allocate(for: Holder(owner: "first", interface: "eth0"), in: &addresses)
        for number in 0..<UInt32(rows) {
          let holder = Holder(owner: "filler-\(number)", interface: "eth0")
          let address = IPAddress.v4(IPv4Address(rawValue: filler.rawValue + number))
          try addresses.insertAllocation(Allocation(address, holder))
        }
      }
      try test.open().transaction { (transaction) throws in
        for number in 0..<rows { try transaction.record(attachment("filler-\(number)", pod: "uid-\(number)")) }
      }
      return try PageCounter.during {
        try test.open().transaction { (transaction) throws in
          #expect(try transaction.attachment(containerID: "new", interfaceName: "eth0") == nil)
          #expect(try transaction.attachments(podUID: "uid-new").isEmpty)
          try transaction.record(attachment("new", pod: "uid-new"))
          try transaction.record(event(1))
          var addresses = transaction.pool("pods")
          try pool.allocate(for: Holder(owner: "new", interface: "eth0"), in: &addresses)
        }
        try test.open().transaction { (transaction) throws in
          var addresses = transaction.pool("pods")
          #expect(try addresses.release(owner: "new", interface: "eth0").count == 1)
          try transaction.removeAttachment(containerID: "new", interfaceName: "eth0")
        }
      }
    }
    let few = try pages(with: 10)
    let many = try pages(with: 20_000)
    print("pages of a transaction with 10 rows: \(few), with 20,000: \(many)")
    #expect(few.read > 0 && few.written > 0)
    #expect(many.read < few.read + 40 && many.written < few.written + 40)
  }
}

/// Counts the pages that connections of this process read and write.
private enum PageCounter {
  nonisolated(unsafe) private static var opened: [OpaquePointer] = []
  nonisolated(unsafe) private static var isCounting = false
  nonisolated(unsafe) private static var total = (read: 0, written: 0)

  static func during(_ body: () throws -> Void) throws -> (read: Int, written: Int) {
    total = (0, 0)
    let fileExtension:
      @convention(c) (OpaquePointer?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, UnsafeRawPointer?) -> Int32 =
        {
          connection, _, _ in
          sqlite3_commit_hook(
            connection,
            { handle in
              PageCounter.take(OpaquePointer(handle))
              return 0
            }, UnsafeMutableRawPointer(connection))
          return SQLITE_OK
        }
    let function = unsafeBitCast(fileExtension, to: (@convention(c) () -> Void).self)
    sqlite3_auto_extension(function)
    defer { sqlite3_cancel_auto_extension(function) }
    try body()
    return total
  }

  /// At the commit, when the pages are known but not yet written out: those that are dirty are what will be.
  private static func take(_ connection: OpaquePointer?) {
    var (current, highest) = (0 as Int32, 0 as Int32)
    sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_MISS, &current, &highest, 1)
    total.read += Int(current)
    sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_USED, &current, &highest, 0)
    total.written += Int(current) / 4096
  }
}
