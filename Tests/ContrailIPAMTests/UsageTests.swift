import ContrailIPAM
import Glibc
import NetworkAddresses
import Testing

struct UsageTests {
  @Test(arguments: [
    ("172.16.10.0/24", 0, 3, "1.17%"), ("172.16.10.0/24", 1, 4, "1.56%"), ("172.16.10.0/24", 253, 256, "100.00%"),
    ("10.32.0.0/12", 0, 3, "0.00%"), ("10.32.0.0/12", 1_048_573, 1_048_576, "100.00%"),
    ("10.0.0.0/30", 1, 4, "100.00%"),
    ("2001:db8::/116", 0, 3, "0.07%"), ("2001:db8::/64", 0, 3, "0.00%"),
    ("2001:db8::/64", 1_000_000, 1_000_003, "0.00%"),
    ("2001:db8::/126", 0, 3, "75.00%"), ("0.0.0.0/0", 0, 3, "0.00%"), ("::/0", 5, 8, "0.00%"),
    ("::1/128", 0, 3, "300.00%"),
  ])
  func counts(prefix: String, allocated: Int, ipCount: Int, text: String) throws {
    let usage = Usage(of: try IPPrefix(parsing: prefix), allocated: allocated)
    #expect(usage.ipCount == UInt128(ipCount))
    #expect(usage.description == text)
  }

  /// The last address of an IPv6 subnet counts once: as free, as held, or as the gateway.
  @Test func lastAddressOfAnIPv6Subnet() throws {
    let subnet = try Subnet(parsing: "fd00::/126")
    let pool = Pool("p", subnet)
    var store = InMemoryAddressStore()
    #expect(subnet.usage(in: &store).ipCount == 3)
    try pool.allocate(for: Holder(owner: "a", interface: "eth0"), in: &store)
    #expect(subnet.usage(in: &store).ipCount == 4)
    try pool.allocate(for: Holder(owner: "b", interface: "eth0"), in: &store)
    #expect(subnet.usage(in: &store).description == "100.00%")
    #expect(Usage(of: try IPPrefix(parsing: "10.0.0.0/24"), allocated: 0, lastIsTaken: true).ipCount == 3)
    var other = InMemoryAddressStore()
    #expect(try Subnet(parsing: "fd00::/126", gateway: "fd00::3").usage(in: &other).ipCount == 2)
  }

  /// Of a pool with two subnets, each counts its own addresses; for IPv4 the last address counts always.
  @Test func subnetsOfOnePool() throws {
    let one = try Subnet(parsing: "10.0.0.0/30")
    let two = try Subnet(parsing: "10.0.1.0/24")
    let pool = try Pool("p", [one, two])
    var store = InMemoryAddressStore()
    for owner in ["a", "b"] { try pool.allocate(for: Holder(owner: owner, interface: "eth0"), in: &store) }
    #expect(one.usage(in: &store).description == "100.00%")
    #expect(two.usage(in: &store).description == "1.56%")
  }

  /// Every possible count of these sizes prints what C prints, ties included.
  @Test(arguments: [16, 18, 20, 21, 24, 29]) func printsLikePrintf(length: Int) throws {
    let prefix = try IPPrefix(parsing: "0.0.0.0/\(length)")
    let size = 1 << (32 - length)
    for allocated in 0...(size - 3) {
      let usage = Usage(of: prefix, allocated: allocated)
      let expected = printf(Double(allocated + 3) * 100 / Double(size))
      if usage.description != expected {
        Issue.record("\(allocated) of \(size): \(usage) instead of \(expected)")
        return
      }
    }
  }

  private func printf(_ percent: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 32)
    let length = withVaList([percent]) { vsnprintf(&buffer, buffer.count, "%.2f%%", $0) }
    return String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
