import ContrailIPAM
import NetworkAddresses
import Testing

/// The number of store operations does not depend on how many addresses a pool has, nor on how many are taken.
struct CostTests {
  /// Operations of one allocation in a pool whose only free addresses are `free`.
  private func cost(_ prefix: String, free: [AddressRange]?, last: String?) throws -> (operations: Int, IPAddress) {
    let pool = Pool("p", try Subnet(parsing: prefix))
    var store = ProbeStore()
    if let free {
      store.base.reset(
        PoolState(configuration: pool.configuration, cursor: last.flatMap { IPAddress($0) }), freeRanges: free)
    }
    let address = try pool.allocate(for: Holder(owner: "c", interface: "eth0"), in: &store)
    return (store.operations, address)
  }

  private func range(_ first: String, _ last: String) -> AddressRange {
    AddressRange(IPAddress(first)!, IPAddress(last)!)
  }

  /// 16: a /12 of 1,048,573 addresses with one left, before or behind the cursor.
  @Test(arguments: ["10.32.0.1", "10.47.255.254", "10.40.0.0"])
  func lastOfATwelve(cursor: String) throws {
    let first = try cost("10.32.0.0/12", free: nil, last: nil)
    #expect(first.1 == IPAddress("10.32.0.2"))
    let last = try cost("10.32.0.0/12", free: [range("10.39.1.2", "10.39.1.2")], last: cursor)
    #expect(last.1 == IPAddress("10.39.1.2"))
    #expect(last.operations <= first.operations)
  }

  /// 17: the million-and-first address of a /64.
  @Test func millionthOfASixtyFour() throws {
    let first = try cost("2001:db8::/64", free: nil, last: nil)
    #expect(first.1 == IPAddress("2001:db8::2"))
    let next = try cost(
      "2001:db8::/64", free: [range("2001:db8::f:4242", "2001:db8::ffff:ffff:ffff:ffff")], last: "2001:db8::f:4241")
    #expect(next.1 == IPAddress("2001:db8::f:4242"))
    #expect(next.operations <= first.operations)
  }

  /// A pool full of holes: every second address of a /18 is taken.
  @Test func manyFreeRanges() throws {
    let pool = Pool("p", try Subnet(parsing: "10.0.0.0/18"))
    var store = ProbeStore()
    let base = try #require(IPAddress("10.0.0.0")).number
    for offset in stride(from: UInt128(2), to: 16_382, by: 2) {
      let address = IPAddress(family: .v4, number: base + offset)
      try pool.reserve(address, for: Holder(owner: "c\(offset)", interface: "eth0"), in: &store)
    }
    #expect(store.base.freeRanges.count == 8190)
    store.operations = 0
    let holder = Holder(owner: "new", interface: "eth0")
    #expect(try pool.allocate(for: holder, in: &store) == IPAddress("10.0.0.3"))
    #expect(store.operations <= 7)
    store.operations = 0
    #expect(try store.release(owner: "new").count == 1)
    #expect(store.operations <= 6)
  }

  /// A release costs the same whether the address joins free ranges on both sides, one, or none.
  @Test(arguments: [
    ["10.0.0.5"], ["10.0.0.5", "10.0.0.4"], ["10.0.0.5", "10.0.0.6"], ["10.0.0.5", "10.0.0.4", "10.0.0.6"],
  ])
  func release(held: [String]) throws {
    let pool = Pool("p", try Subnet(parsing: "10.0.0.0/24"))
    var store = ProbeStore()
    for address in held {
      try pool.reserve(#require(IPAddress(address)), for: Holder(owner: address, interface: "eth0"), in: &store)
    }
    store.operations = 0
    #expect(try store.release(#require(IPAddress("10.0.0.5"))))
    #expect(store.operations <= 6)
    for address in held.dropFirst() { try store.release(#require(IPAddress(address))) }
    #expect(store.base.freeRanges == [range("10.0.0.2", "10.0.0.254")])
  }
}
