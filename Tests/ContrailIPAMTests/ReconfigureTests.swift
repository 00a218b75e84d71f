import ContrailIPAM
import NetworkAddresses
import Testing

/// A change of configuration is noticed at the next allocation, and is applied only on request and only if every address
/// in use may still be handed out. What is released afterwards is free under the new configuration.
struct ReconfigureTests {
  private let holder = Holder(owner: "c", interface: "eth0", label: "pod a/b")

  private func used(_ prefix: String = "10.0.0.0/24") throws -> InMemoryAddressStore {
    var store = InMemoryAddressStore()
    try Pool("p", Subnet(parsing: prefix)).allocate(for: holder, in: &store)
    return store
  }

  @Test func changeIsNoticed() throws {
    var store = try used()
    let changed = Pool("p", try Subnet(parsing: "10.0.0.0/24", gateway: "10.0.0.254"))
    let before = (store.freeRanges, store.allocations)
    let error = #expect(throws: AllocationError<Never>.self) {
      try changed.allocate(for: Holder(owner: "d", interface: "eth0"), in: &store)
    }
    #expect(
      error?.description
        == "pool p was set up as 10.0.0.0/24 via 10.0.0.1 and is configured as 10.0.0.0/24 via 10.0.0.254")
    #expect((store.freeRanges, store.allocations) == before)
  }

  /// The old gateway can be handed out, the new one cannot; the cursor goes on.
  @Test func anotherGateway() throws {
    var store = try used()
    let changed = Pool("p", try Subnet(parsing: "10.0.0.0/24", gateway: "10.0.0.3"))
    try changed.reconfigure(in: &store)
    #expect(store.freeRanges.map(\.description) == ["10.0.0.1-10.0.0.1", "10.0.0.4-10.0.0.254"])
    #expect(try changed.allocate(for: Holder(owner: "d", interface: "eth0"), in: &store) == IPAddress("10.0.0.4"))
    #expect(store.release(owner: "c") == [IPAddress("10.0.0.2")])
    #expect(store.freeRanges.first?.description == "10.0.0.1-10.0.0.2")
  }

  @Test(
    arguments: [
      ("10.0.1.0/24", nil, nil), ("10.0.0.0/24", "10.0.0.2", nil), ("10.0.0.0/24", nil, "10.0.0.2"),
      ("fd00::/64", nil, nil),
    ] as [(String, String?, String?)])
  func refusesWhatBreaksAPod(prefix: String, gateway: String?, exclude: String?) throws {
    var store = try used()
    let before = (store.freeRanges, store.allocations, store.state())
    let changed = Pool("p", try Subnet(parsing: prefix, gateway: gateway, excludes: exclude.map { [$0] } ?? []))
    let error = #expect(throws: AllocationError<Never>.self) { try changed.reconfigure(in: &store) }
    #expect(
      error?.description == "pool p cannot change while addresses are in use that no longer fit: "
        + "10.0.0.2, held by pod a/b (c, interface eth0)")
    #expect((store.freeRanges, store.allocations, store.state()) == before)
  }

  /// Once nothing is in use, any configuration is accepted, the other family too.
  @Test func anotherFamily() throws {
    var store = try used()
    store.release(owner: "c")
    let changed = Pool("p", try Subnet(parsing: "fd00::/64"))
    try changed.reconfigure(in: &store)
    #expect(store.state() == PoolState(configuration: "fd00::/64 via fd00::1", cursor: nil))
    #expect(try changed.allocate(for: holder, in: &store) == IPAddress("fd00::2"))
  }

  /// More allocations than are read at a time; long messages are cut.
  @Test func manyAllocations() throws {
    let pool = Pool("p", try Subnet(parsing: "10.0.0.0/16"))
    var store = InMemoryAddressStore()
    for number in 0..<1500 { try pool.allocate(for: Holder(owner: "c\(number)", interface: "eth0"), in: &store) }
    let wider = Pool("p", try Subnet(parsing: "10.0.0.0/15", excludes: ["10.1.0.0/17"]))
    try wider.reconfigure(in: &store)
    #expect(store.freeRanges.map(\.description) == ["10.0.5.222-10.0.255.255", "10.1.128.0-10.1.255.254"])
    let narrow = Pool("p", try Subnet(parsing: "10.0.0.0/22"))
    let error = #expect(throws: AllocationError<Never>.self) { try narrow.reconfigure(in: &store) }
    #expect(error?.description.hasSuffix("; and 474 more") == true)
  }

  @Test func withoutAChangeItCostsOneLookUp() throws {
    var store = ProbeStore(base: try used())
    try Pool("p", Subnet(parsing: "10.0.0.0/24")).reconfigure(in: &store)
    #expect(store.operations == 1)
  }
}
