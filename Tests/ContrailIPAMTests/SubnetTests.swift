import ContrailIPAM
import NetworkAddresses
import Testing

struct SubnetTests {
  /// Every refusal names the field and the value, and says what would be right.
  @Test(
    arguments: [
      ("10.0.0.5/24", nil, nil, nil, nil, "subnet 10.0.0.5/24: host bits are set; the network is 10.0.0.0/24"),
      (
        "2001:db8:24:19ff::/63", nil, nil, nil, nil,
        "subnet 2001:db8:24:19ff::/63: host bits are set; the network is 2001:db8:24:19fe::/63"
      ),
      ("10.0.0.0", nil, nil, nil, nil, "subnet 10.0.0.0: not an address or network in text form"),
      ("10.0.0.0/33", nil, nil, nil, nil, "subnet 10.0.0.0/33: not an address or network in text form"),
      ("", nil, nil, nil, nil, "subnet : not an address or network in text form"),
      (
        "10.0.0.0/31", nil, nil, nil, nil,
        "subnet 10.0.0.0/31: too small for a gateway and a pod; /30 is the longest possible"
      ),
      (
        "10.0.0.1/32", nil, nil, nil, nil,
        "subnet 10.0.0.1/32: too small for a gateway and a pod; /30 is the longest possible"
      ),
      (
        "fd00::/127", nil, nil, nil, nil,
        "subnet fd00::/127: too small for a gateway and a pod; /126 is the longest possible"
      ),
      (
        "fd00::1/128", nil, nil, nil, nil,
        "subnet fd00::1/128: too small for a gateway and a pod; /126 is the longest possible"
      ),
      ("10.0.0.0/24", "10.0.1.1", nil, nil, nil, "gateway 10.0.1.1: not in 10.0.0.0/24"),
      ("10.0.0.0/24", "10.0.0.0", nil, nil, nil, "gateway 10.0.0.0: no host can have this address of 10.0.0.0/24"),
      ("10.0.0.0/24", "10.0.0.255", nil, nil, nil, "gateway 10.0.0.255: no host can have this address of 10.0.0.0/24"),
      ("fd00::/64", "fd00::", nil, nil, nil, "gateway fd00::: no host can have this address of fd00::/64"),
      ("fd00::/64", "10.0.0.1", nil, nil, nil, "gateway 10.0.0.1: an IPv6 value is wanted"),
      ("10.0.0.0/24", "gw", nil, nil, nil, "gateway gw: not an address or network in text form"),
      ("10.0.0.0/24", nil, "10.0.0.50", "10.0.0.40", nil, "range start 10.0.0.50: above the range's end 10.0.0.40"),
      ("fd00::/64", nil, "fd00::50", "fd00::40", nil, "range start fd00::50: above the range's end fd00::40"),
      ("10.0.0.0/24", nil, "10.0.1.50", nil, nil, "range start 10.0.1.50: not in 10.0.0.0/24"),
      ("10.0.0.0/24", nil, "10.0.0.50", "10.0.1.60", nil, "range end 10.0.1.60: not in 10.0.0.0/24"),
      ("10.0.0.0/24", nil, "fd00::1", nil, nil, "range start fd00::1: an IPv4 value is wanted"),
      ("10.0.0.0/24", nil, nil, "10.0.0", nil, "range end 10.0.0: not an address or network in text form"),
      ("10.0.0.0/24", nil, nil, nil, "10.0.1.0/28", "exclude 10.0.1.0/28: not in 10.0.0.0/24"),
      (
        "10.0.0.0/24", nil, nil, nil, "10.0.0.5/28",
        "exclude 10.0.0.5/28: host bits are set; the network is 10.0.0.0/28"
      ),
      ("10.0.0.0/24", nil, nil, nil, "fd00::/64", "exclude fd00::/64: an IPv4 value is wanted"),
    ] as [(String, String?, String?, String?, String?, String)])
  func refuses(prefix: String, gateway: String?, start: String?, end: String?, exclude: String?, message: String) {
    let ranges = start == nil && end == nil ? [] : [(start: start, end: end)]
    let error = #expect(throws: SubnetError.self) {
      try Subnet(parsing: prefix, gateway: gateway, ranges: ranges, excludes: exclude.map { [$0] } ?? [])
    }
    #expect(error?.description == message)
  }

  @Test func refusesTheOtherFamily() throws {
    #expect(throws: SubnetError(.prefix, "10.0.0.0/24", .wrongFamily(expected: .v6))) {
      try Subnet(parsing: "10.0.0.0/24", family: .v6)
    }
    #expect(try Subnet(parsing: "fd00::/64", family: .v6).gateway.description == "fd00::1")
  }

  @Test func refusesOverlappingRanges() throws {
    let overlapped = try #require(IPAddress("10.0.0.20"))
    let other = AddressRange(try #require(IPAddress("10.0.0.10")), overlapped)
    #expect(throws: SubnetError(.rangeStart, "10.0.0.20", .overlaps(other))) {
      try Subnet(parsing: "10.0.0.0/24", ranges: [("10.0.0.10", "10.0.0.20"), ("10.0.0.20", "10.0.0.30")])
    }
  }

  @Test(arguments: [
    ("172.16.10.0/24", "172.16.10.1"), ("10.32.0.0/12", "10.32.0.1"), ("2001:db8::/64", "2001:db8::1"),
    ("0.0.0.0/0", "0.0.0.1"), ("::/0", "::1"), ("10.0.0.4/30", "10.0.0.5"), ("fd00::4/126", "fd00::5"),
  ])
  func gatewayIsTheFirstHost(prefix: String, gateway: String) throws {
    let subnet = try Subnet(parsing: prefix)
    #expect(subnet.gateway.description == gateway)
    #expect(subnet.contains(subnet.gateway))
    let second = IPAddress(family: subnet.gateway.family, number: subnet.gateway.number + 1)
    var store = InMemoryAddressStore()
    #expect(try Pool("p", subnet).allocate(for: Holder(owner: "c", interface: "eth0"), in: &store) == second)
  }

  /// An open end of a range is the subnet's first or last host address.
  @Test func openRanges() throws {
    let below = try Subnet(parsing: "10.0.0.0/24", ranges: [(nil, "10.0.0.9")])
    #expect(below.ranges.map(\.description) == ["10.0.0.1-10.0.0.9"])
    let above = try Subnet(parsing: "10.0.0.0/24", ranges: [("10.0.0.250", nil)])
    #expect(above.ranges.map(\.description) == ["10.0.0.250-10.0.0.254"])
    let six = try Subnet(parsing: "fd00::/124", ranges: [("fd00::e", nil)])
    #expect(six.ranges.map(\.description) == ["fd00::e-fd00::f"])
  }
}
