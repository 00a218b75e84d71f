import ContrailIPAM
import NetworkAddresses
import Testing

/// The store's own error passes through unchanged, whichever operation fails; after the caller's rollback nothing of the
/// call is left, and the same call succeeds.
struct StoreFailureTests {
  enum Call: CaseIterable {
    case allocate
    case request
    case reserve
    case reconfigure
  }

  @Test(arguments: Call.allCases, [false, true]) func passesThrough(_ call: Call, isUsed: Bool) throws {
    let pool = Pool("p", try Subnet(parsing: "10.0.0.0/24"))
    let wider = Pool("p", try Subnet(parsing: "10.0.0.0/23"))
    var prepared = ProbeStore()
    if isUsed { try pool.allocate(for: Holder(owner: "old", interface: "eth0"), in: &prepared) }
    let holder = Holder(owner: "c", interface: "eth0")
    func run(_ store: inout ProbeStore) throws(AllocationError<ProbeStore.Failure>) {
      switch call {
      case .allocate: try pool.allocate(for: holder, in: &store)
      case .request: try pool.allocate([IPAddress("10.0.0.7")!, IPAddress("10.0.0.8")!], for: holder, in: &store)
      case .reserve: try pool.reserve(IPAddress("10.0.0.9")!, for: holder, in: &store)
      case .reconfigure: try wider.reconfigure(in: &store)
      }
    }
    var undisturbed = prepared
    undisturbed.operations = 0
    try run(&undisturbed)
    try #require(undisturbed.operations >= 3)
    for operation in 1...undisturbed.operations {
      var store = prepared
      store.operations = 0
      store.failsAt = operation
      #expect(throws: AllocationError.store(ProbeStore.Failure(operation: operation))) { try run(&store) }
    }
  }

  @Test func releasePassesThrough() throws {
    let pool = Pool("p", try Subnet(parsing: "10.0.0.0/24"))
    var prepared = ProbeStore()
    try pool.allocate(for: Holder(owner: "c", interface: "eth0"), in: &prepared)
    prepared.operations = 0
    for operation in 1...5 {
      var store = prepared
      store.failsAt = operation
      #expect(throws: ProbeStore.Failure(operation: operation)) { try store.release(owner: "c") }
    }
  }

  /// An address that is neither free nor allocated is reported, not handed out.
  @Test func damagedStore() throws {
    let pool = Pool("p", try Subnet(parsing: "10.0.0.0/24"))
    var store = InMemoryAddressStore()
    store.reset(PoolState(configuration: pool.configuration), freeRanges: [])
    let address = try #require(IPAddress("10.0.0.7"))
    #expect(throws: AllocationError<Never>.refused(.unaccounted(address, pool: "p"))) {
      try pool.allocate([address], for: Holder(owner: "c", interface: "eth0"), in: &store)
    }
  }
}
