import ContrailIPAM
import NetworkAddresses
import Testing

/// A pool, what is taken in it, and the addresses that it must hand out in this order before it is exhausted.
struct Vector: CustomTestStringConvertible, Sendable {
  var name: String
  var subnets: [Subnet]
  var order: AllocationOrder = .ascending
  var last: String?
  var used: [String] = []
  var expected: [String]
  var isExhaustedAfter = true

  var testDescription: String { name }

  static func subnet(
    _ prefix: String, gateway: String? = nil, ranges: [(start: String?, end: String?)] = [], excludes: [String] = []
  ) -> Subnet {
    do {
      return try Subnet(parsing: prefix, gateway: gateway, ranges: ranges, excludes: excludes)
    } catch {
      preconditionFailure("\(error)")
    }
  }
}

/// The allocation vectors that the well-known IPAM plugins are tested with, and their IPv6 counterparts.
struct VectorTests {
  static let vectors: [Vector] = [
    Vector(name: "1 /30", subnets: [Vector.subnet("10.0.0.0/30")], expected: ["10.0.0.2"]),
    Vector(
      name: "2 /29", subnets: [Vector.subnet("10.0.0.0/29")],
      expected: ["10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"]),
    Vector(
      name: "2 /125", subnets: [Vector.subnet("2001:db8::/125")],
      expected: ["2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8::5", "2001:db8::6", "2001:db8::7"]),
    Vector(
      name: "3 gateway .6", subnets: [Vector.subnet("10.0.0.0/29", gateway: "10.0.0.6")],
      expected: ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"]),
    Vector(
      name: "3 gateway ::7, the last address", subnets: [Vector.subnet("2001:db8::/125", gateway: "2001:db8::7")],
      expected: ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4", "2001:db8::5", "2001:db8::6"]),
    Vector(
      name: "4 last .5", subnets: [Vector.subnet("10.0.0.0/29")], last: "10.0.0.5",
      expected: ["10.0.0.6", "10.0.0.2"], isExhaustedAfter: false),
    Vector(
      name: "4 last ::6", subnets: [Vector.subnet("2001:db8::/125")], last: "2001:db8::6",
      expected: ["2001:db8::7", "2001:db8::2"], isExhaustedAfter: false),
    Vector(
      name: "5 last .3, used .4 .5", subnets: [Vector.subnet("10.0.0.0/29")], last: "10.0.0.3",
      used: ["10.0.0.4", "10.0.0.5"], expected: ["10.0.0.6"], isExhaustedAfter: false),
    Vector(
      name: "6 only the last one is free", subnets: [Vector.subnet("10.0.0.0/29")], last: "10.0.0.3",
      used: ["10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.6"], expected: ["10.0.0.3"]),
    Vector(
      name: "6 only the last one is free, IPv6", subnets: [Vector.subnet("2001:db8::/126")], last: "2001:db8::2",
      used: ["2001:db8::3"], expected: ["2001:db8::2"]),
    Vector(name: "7 /126", subnets: [Vector.subnet("2001:db8::/126")], expected: ["2001:db8::2", "2001:db8::3"]),
    Vector(
      name: "8 range across an octet",
      subnets: [Vector.subnet("10.0.0.0/23", ranges: [("10.0.0.254", "10.0.1.1")])],
      expected: ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"]),
    Vector(
      name: "8 range across a group",
      subnets: [Vector.subnet("2001:db8::/64", ranges: [("2001:db8::fffe", "2001:db8::1:1")])],
      expected: ["2001:db8::fffe", "2001:db8::ffff", "2001:db8::1:0", "2001:db8::1:1"]),
    Vector(
      name: "9 two subnets", subnets: [Vector.subnet("10.0.0.0/30"), Vector.subnet("10.0.1.0/30")],
      expected: ["10.0.0.2", "10.0.1.2"]),
    Vector(
      name: "9 two IPv6 subnets", subnets: [Vector.subnet("2001:db8:1::/126"), Vector.subnet("2001:db8::/126")],
      expected: ["2001:db8::2", "2001:db8::3", "2001:db8:1::2", "2001:db8:1::3"]),
    Vector(
      name: "9 neighbouring subnets", subnets: [Vector.subnet("10.0.0.0/30"), Vector.subnet("10.0.0.4/30")],
      expected: ["10.0.0.2", "10.0.0.6"]),
    Vector(
      name: "10 start = end = gateway",
      subnets: [Vector.subnet("10.0.0.0/24", gateway: "10.0.0.7", ranges: [("10.0.0.7", "10.0.0.7")])], expected: []),
    Vector(
      name: "10 start = end = gateway, IPv6",
      subnets: [Vector.subnet("2001:db8::/64", ranges: [("2001:db8::1", "2001:db8::1")])], expected: []),
    Vector(
      name: "12 gateway in an exclude",
      subnets: [
        Vector.subnet(
          "192.168.2.224/28", gateway: "192.168.2.236", ranges: [("192.168.2.225", nil)],
          excludes: ["192.168.2.228/30", "192.168.2.236/32"])
      ],
      expected: [225, 226, 227, 232, 233, 234, 235, 237, 238].map { "192.168.2.\($0)" }),
    Vector(
      name: "12 gateway below the range",
      subnets: [
        Vector.subnet(
          "192.168.2.0/24", ranges: [("192.168.2.225", "192.168.2.238")],
          excludes: ["192.168.2.228/30", "192.168.2.236"])
      ],
      expected: [225, 226, 227, 232, 233, 234, 235, 237, 238].map { "192.168.2.\($0)" }),
    Vector(
      name: "12 IPv6",
      subnets: [
        Vector.subnet("fd00::e0/124", ranges: [("fd00::e2", nil)], excludes: ["fd00::e4/126", "fd00::ec/128"])
      ],
      expected: ["2", "3", "8", "9", "a", "b", "d", "e", "f"].map { "fd00::e\($0)" }),
    Vector(
      name: "descending", subnets: [Vector.subnet("10.0.0.0/29")], order: .descending,
      expected: ["10.0.0.6", "10.0.0.5", "10.0.0.4", "10.0.0.3", "10.0.0.2"]),
    Vector(
      name: "descending, going round", subnets: [Vector.subnet("10.0.0.0/29")], order: .descending, last: "10.0.0.4",
      used: ["10.0.0.3"], expected: ["10.0.0.2", "10.0.0.6", "10.0.0.5", "10.0.0.4"]),
    Vector(
      name: "descending from the default pod subnet's top", subnets: [Vector.subnet("10.32.0.0/12")],
      order: .descending, expected: ["10.47.255.254", "10.47.255.253"], isExhaustedAfter: false),
    Vector(
      name: "the highest IPv6 address there is, then round",
      subnets: [Vector.subnet("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff8/125")],
      last: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
      expected: ["f", "a", "b", "c", "d", "e"].map { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fff\($0)" }),
    Vector(
      name: "adjacent ranges are one",
      subnets: [Vector.subnet("10.0.0.0/24", ranges: [("10.0.0.20", "10.0.0.20"), ("10.0.0.19", "10.0.0.19")])],
      expected: ["10.0.0.19", "10.0.0.20"]),
    Vector(
      name: "nested and overlapping excludes",
      subnets: [
        Vector.subnet(
          "10.0.0.0/27",
          excludes: ["10.0.0.9", "10.0.0.4/30", "10.0.0.0/28", "10.0.0.4", "10.0.0.20/30", "10.0.0.24/29"])
      ],
      expected: ["10.0.0.16", "10.0.0.17", "10.0.0.18", "10.0.0.19"]),
    Vector(
      name: "network and last address in a range",
      subnets: [Vector.subnet("10.0.0.0/29", ranges: [("10.0.0.0", "10.0.0.2"), ("10.0.0.6", "10.0.0.7")])],
      expected: ["10.0.0.2", "10.0.0.6"]),
  ]

  @Test(arguments: vectors) func handsOut(_ vector: Vector) throws {
    let pool = try Pool("p", vector.subnets, order: vector.order)
    var store = InMemoryAddressStore()
    for (index, address) in vector.used.enumerated() {
      try pool.reserve(#require(IPAddress(address)), for: Holder(owner: "used\(index)", interface: "eth0"), in: &store)
    }
    if let last = vector.last {
      try pool.reconfigure(in: &store)
      store.setCursor(try #require(IPAddress(last)))
    }
    for (index, expected) in vector.expected.enumerated() {
      let address = try pool.allocate(for: Holder(owner: "c\(index)", interface: "eth0"), in: &store)
      #expect(address.description == expected)
    }
    if vector.isExhaustedAfter {
      #expect(throws: AllocationError<Never>.refused(.exhausted(pool: "p"))) {
        try pool.allocate(for: Holder(owner: "late", interface: "eth0"), in: &store)
      }
    }
  }

  /// 13: a requested address is granted once; the gateway never; the second request names the holder.
  @Test(arguments: [("10.1.2.0/24", "10.1.2.88", "10.1.2.1"), ("2001:db8::/64", "2001:db8::88", "2001:db8::1")])
  func requests(prefix: String, wanted: String, gateway: String) throws {
    let pool = Pool("p", try Subnet(parsing: prefix))
    var store = InMemoryAddressStore()
    let first = Holder(owner: "c1", interface: "eth0", label: "pod a/b")
    let second = Holder(owner: "c2", interface: "eth0")
    let address = try #require(IPAddress(wanted))
    #expect(try pool.allocate([address], for: first, in: &store) == [address])
    #expect(throws: AllocationError<Never>.refused(.gateway(IPAddress(gateway)!, pool: "p"))) {
      try pool.allocate([IPAddress(gateway)!], for: second, in: &store)
    }
    #expect(throws: AllocationError<Never>.refused(.held(Allocation(address, first), pool: "p"))) {
      try pool.allocate([address], for: second, in: &store)
    }
    #expect(throws: AllocationError<Never>.refused(.held(Allocation(address, first), pool: "p"))) {
      try pool.allocate([address], for: first, in: &store)
    }
  }

  /// 14: of two requested addresses the second is impossible, for whatever reason; the first does not stay taken.
  @Test(arguments: ["10.0.0.1", "10.0.0.0", "10.0.0.255", "10.0.0.9", "10.0.0.66", "10.0.0.5", "10.0.1.2", "::2"])
  func requestsAreAllOrNothing(impossible: String) throws {
    let pool = Pool("p", try Subnet(parsing: "10.0.0.0/24", excludes: ["10.0.0.64/28"]))
    var store = InMemoryAddressStore()
    try pool.reserve(IPAddress("10.0.0.9")!, for: Holder(owner: "c9", interface: "eth0"), in: &store)
    let before = (store.freeRanges, store.allocations)
    #expect(throws: AllocationError<Never>.self) {
      try pool.allocate(
        [IPAddress("10.0.0.5")!, IPAddress(impossible)!], for: Holder(owner: "c1", interface: "eth0"), in: &store)
    }
    #expect((store.freeRanges, store.allocations) == before)
  }

  /// 15: a container's interface has one address; a released address is not the next one handed out.
  @Test(arguments: [("10.0.0.0/24", "10.0.0."), ("2001:db8::/64", "2001:db8::")])
  func repeatedAdd(prefix: String, host: String) throws {
    let pool = Pool("p", try Subnet(parsing: prefix))
    var store = InMemoryAddressStore()
    let holder = { Holder(owner: $0, interface: "eth0") }
    let two = try #require(IPAddress(host + "2"))
    #expect(try pool.allocate(for: holder("A"), in: &store) == two)
    #expect(throws: AllocationError<Never>.refused(.alreadyAllocated(Allocation(two, holder("A")), pool: "p"))) {
      try pool.allocate(for: holder("A"), in: &store)
    }
    #expect(throws: AllocationError<Never>.refused(.alreadyAllocated(Allocation(two, holder("A")), pool: "p"))) {
      try pool.allocate([#require(IPAddress(host + "9"))], for: holder("A"), in: &store)
    }
    #expect(try pool.allocate(for: holder("B"), in: &store).description == host + "3")
    #expect(store.release(owner: "A") == [two])
    #expect(store.release(owner: "A") == [])
    #expect(try pool.allocate(for: holder("C"), in: &store).description == host + "4")
  }
}
