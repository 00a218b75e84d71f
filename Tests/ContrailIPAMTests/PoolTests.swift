import ContrailIPAM
import NetworkAddresses
import Testing

struct PoolTests {
  @Test(
    arguments: [
      ([], "pool p has no subnet"),
      (["10.0.0.0/24", "fd00::/64"], "10.0.0.0/24 and fd00::/64 are of different families and cannot share a pool"),
      (["10.0.1.0/24", "10.0.0.0/16"], "10.0.0.0/16 and 10.0.1.0/24 overlap and cannot share a pool"),
      (["10.0.1.0/24", "10.0.1.0/24"], "10.0.1.0/24 and 10.0.1.0/24 overlap and cannot share a pool"),
      (["10.0.0.0/8", "10.1.0.0/24", "11.0.0.0/24"], "10.0.0.0/8 and 10.1.0.0/24 overlap and cannot share a pool"),
    ] as [([String], String)])
  func refuses(prefixes: [String], message: String) throws {
    let subnets = try prefixes.map { try Subnet(parsing: $0) }
    let error = #expect(throws: PoolError.self) { try Pool("p", subnets) }
    #expect(error?.description == message)
  }

  @Test func findsTheSubnetOfAnAddress() throws {
    let pool = try Pool("p", [Subnet(parsing: "10.0.1.0/24"), Subnet(parsing: "10.0.0.0/24")])
    #expect(pool.subnet(containing: try #require(IPAddress("10.0.1.7")))?.gateway == IPAddress("10.0.1.1"))
    #expect(pool.subnet(containing: try #require(IPAddress("10.0.0.7")))?.gateway == IPAddress("10.0.0.1"))
    #expect(pool.subnet(containing: try #require(IPAddress("10.0.2.7"))) == nil)
    #expect(pool.subnet(containing: try #require(IPAddress("::10.0.0.7"))) == nil)
  }

  /// Whatever decides which addresses may be handed out is in the text that the store remembers; the order is not.
  @Test func configurationNamesWhatMatters() throws {
    let plain = Pool("p", try Subnet(parsing: "10.0.0.0/24"))
    #expect(plain.configuration == "10.0.0.0/24 via 10.0.0.1")
    #expect(Pool("p", plain.subnets[0], order: .descending).configuration == plain.configuration)
    let full = try Subnet(
      parsing: "10.0.0.0/24", gateway: "10.0.0.9", ranges: [("10.0.0.20", "10.0.0.29"), ("10.0.0.2", "10.0.0.9")],
      excludes: ["10.0.0.24/30", "10.0.0.3"])
    #expect(
      Pool("p", full).configuration
        == "10.0.0.0/24 via 10.0.0.9 from 10.0.0.2-10.0.0.9,10.0.0.20-10.0.0.29 except 10.0.0.24/30,10.0.0.3/32")
  }

  /// Messages name the pool, the address, and the holder as a person calls it.
  @Test(arguments: [
    ("10.0.0.1", "10.0.0.1 is the gateway of pool p"),
    ("10.0.0.0", "no host can have the address 10.0.0.0 of 10.0.0.0/24 in pool p"),
    ("10.0.0.255", "no host can have the address 10.0.0.255 of 10.0.0.0/24 in pool p"),
    ("10.0.1.5", "10.0.1.5 is not in 10.0.0.0/24 of pool p"),
    ("fd00::5", "fd00::5 is not in 10.0.0.0/24 of pool p"),
    ("10.0.0.18", "10.0.0.18 is excluded from pool p by 10.0.0.16/30"),
    ("10.0.0.9", "10.0.0.9 is outside the ranges of pool p: 10.0.0.10-10.0.0.99"),
    ("10.0.0.50", "10.0.0.50 of pool p is held by pod shop/web (4f5a, interface eth0)"),
  ])
  func messages(address: String, message: String) throws {
    let subnet = try Subnet(
      parsing: "10.0.0.0/24", ranges: [("10.0.0.10", "10.0.0.99")], excludes: ["10.0.0.16/30"])
    let pool = Pool("p", subnet)
    var store = InMemoryAddressStore()
    let web = Holder(owner: "4f5a", interface: "eth0", label: "pod shop/web")
    try pool.allocate([#require(IPAddress("10.0.0.50"))], for: web, in: &store)
    let error = #expect(throws: AllocationError<Never>.self) {
      try pool.allocate([#require(IPAddress(address))], for: Holder(owner: "c", interface: "eth0"), in: &store)
    }
    #expect(error?.description == message)
  }

  @Test func duplicateRequest() throws {
    let pool = Pool("p", try Subnet(parsing: "10.0.0.0/24"))
    var store = InMemoryAddressStore()
    let address = try #require(IPAddress("10.0.0.5"))
    let error = #expect(throws: AllocationError<Never>.self) {
      try pool.allocate([address, address], for: Holder(owner: "c", interface: "eth0"), in: &store)
    }
    #expect(error?.description == "10.0.0.5 of pool p is requested twice")
  }

  /// A reservation may stand beside others of its holder, is granted again to the same holder, and to nobody else.
  @Test func reservations() throws {
    let pool = Pool("p", try Subnet(parsing: "10.0.0.0/24"))
    var store = InMemoryAddressStore()
    let holder = Holder(owner: "c", interface: "eth0")
    let address = try #require(IPAddress("10.0.0.3"))
    try pool.allocate(for: holder, in: &store)
    #expect(try pool.reserve(address, for: holder, in: &store))
    #expect(try !pool.reserve(address, for: holder, in: &store))
    #expect(throws: AllocationError<Never>.refused(.held(Allocation(address, holder), pool: "p"))) {
      try pool.reserve(address, for: Holder(owner: "c", interface: "eth1"), in: &store)
    }
    #expect(try pool.allocate(for: Holder(owner: "d", interface: "eth0"), in: &store) == IPAddress("10.0.0.4"))
    #expect(store.release(owner: "c", interface: "eth0") == [IPAddress("10.0.0.2")!, address])
  }
}
