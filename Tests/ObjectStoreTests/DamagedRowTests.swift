import ContrailIPAM
import NetworkAddresses
import ObjectStore
import SQLite
import Testing

/// Rows that no version wrote are a damaged store, not a crash and not an address that is somebody else's.
struct DamagedRowTests {
  private let test = TestStore()
  private let pool: Pool

  init() throws { pool = Pool("pool", try Subnet(parsing: "10.0.0.0/24")) }

  private func allocate(_ owner: String) throws -> IPAddress {
    try test.open().transaction { (transaction) throws in
      var addresses = transaction.pool(pool.name)
      return try pool.allocate(for: Holder(owner: owner, interface: "eth0"), in: &addresses)
    }
  }

  @Test(arguments: ["x'0a0000c8'", "x'0a00'", "zeroblob(16)", "NULL", "7"])
  func freeRangeThatIsNone(_ first: String) throws {
    _ = try allocate("a")
    try test.connect().execute("UPDATE free_range SET last = x'0a000005', first = \(first)")
    let error = #expect(throws: AllocationError<StoreError>.self) { try allocate("b") }
    guard case .store(.corrupt(test.path, _)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(try test.count("allocation") == 1)
  }

  /// It says where to go on, not what is free.
  @Test(arguments: ["zeroblob(16)", "x'0a'", "NULL", "'text'"])
  func cursorThatIsNone(_ cursor: String) throws {
    let first = try allocate("a")
    try test.connect().execute("UPDATE pool SET cursor = \(cursor)")
    let second = try allocate("b")
    #expect(first != second && pool.subnets[0].prefix.contains(second))
  }
}
