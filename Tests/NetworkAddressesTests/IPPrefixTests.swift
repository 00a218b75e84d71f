import NetworkAddresses
import Testing

struct IPPrefixTests {
  @Test(arguments: [
    ("0.0.0.0/0", "0.0.0.0", "255.255.255.255"), ("10.32.0.0/12", "10.32.0.0", "10.47.255.255"),
    ("128.0.0.0/1", "128.0.0.0", "255.255.255.255"), ("10.0.0.4/30", "10.0.0.4", "10.0.0.7"),
    ("10.0.0.7/32", "10.0.0.7", "10.0.0.7"), ("::/0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("8000::/1", "8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ("2001:db8::/64", "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff"), ("2001:db8::4/126", "2001:db8::4", "2001:db8::7"),
    ("2001:db8::1/128", "2001:db8::1", "2001:db8::1"),
    ("2001:db8:24:19fe::/63", "2001:db8:24:19fe::", "2001:db8:24:19ff:ffff:ffff:ffff:ffff"),
  ])
  func readsAndPrints(text: String, first: String, last: String) throws {
    let prefix = try IPPrefix(parsing: text)
    #expect(prefix.description == text)
    #expect(prefix.address == IPAddress(first))
    #expect(prefix.first == IPAddress(first)?.number)
    #expect(prefix.last == IPAddress(last)?.number)
    #expect(IPPrefix(containing: try #require(IPAddress(last)), length: prefix.length) == prefix)
    for edge in [prefix.first, prefix.last] {
      #expect(prefix.contains(IPAddress(family: prefix.family, number: edge)))
    }
    let highest = IPAddress(family: prefix.family, number: .max).number
    if prefix.first > 0 { #expect(!prefix.contains(IPAddress(family: prefix.family, number: prefix.first - 1))) }
    if prefix.last < highest { #expect(!prefix.contains(IPAddress(family: prefix.family, number: prefix.last + 1))) }
    let otherFamily: IPFamily = prefix.family == .v4 ? .v6 : .v4
    #expect(!prefix.contains(IPAddress(family: otherFamily, number: prefix.first)))
  }

  @Test(arguments: [
    ("10.0.0.5/24", "10.0.0.0/24"), ("255.255.255.255/0", "0.0.0.0/0"), ("10.0.0.1/31", "10.0.0.0/31"),
    ("2001:db8:24:19ff::/63", "2001:db8:24:19fe::/63"), ("::1/0", "::/0"), ("2001:db8::1/127", "2001:db8::/127"),
  ])
  func namesTheRightNetwork(text: String, network: String) throws {
    let right = try IPPrefix(parsing: network)
    #expect(throws: IPPrefix.ParseError.hostBits(network: right)) { try IPPrefix(parsing: text) }
    #expect(InterfaceAddress(text)?.network == right)
    #expect(InterfaceAddress(text)?.description == text)
  }

  @Test(arguments: [
    "", "/", "/24", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/00",
    "10.0.0.0/8 ", " 10.0.0.0/8", "10.0.0.0/8/8", "10.0.0.0//8", "10.0.0/8", "10.0.0.0/255.0.0.0", "10.0.0.0/a",
    "::/129",
    "::/1280", "::/0128", "::/99999999999999999999", "fe80::%eth0/64", "10.0.0.0/8\0", "10.0.0.0/٨",
    "10.0.0.0/8\u{301}",
  ])
  func refuses(text: String) {
    #expect(throws: IPPrefix.ParseError.malformed) { try IPPrefix(parsing: text) }
    #expect(InterfaceAddress(text) == nil)
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.32.0.0/12", true), ("10.32.0.0/12", "10.47.255.255/32", true),
    ("10.32.0.0/12", "10.48.0.0/12", false),
    ("10.0.0.0/24", "10.0.1.0/24", false), ("10.0.0.0/24", "10.0.0.0/24", true), ("0.0.0.0/0", "255.0.0.0/8", true),
    ("::/0", "10.0.0.0/8", false), ("::/96", "0.0.0.0/0", false), ("2001:db8::/32", "2001:db8:ffff::/48", true),
    ("2001:db8::/64", "2001:db8:0:1::/64", false),
  ])
  func overlaps(one: String, other: String, expected: Bool) throws {
    let (left, right) = (try IPPrefix(parsing: one), try IPPrefix(parsing: other))
    #expect(left.overlaps(right) == expected)
    #expect(right.overlaps(left) == expected)
  }

  @Test(arguments: [("10.32.0.2/12", "10.32.0.0/12"), ("fd00::2/64", "fd00::/64"), ("10.0.0.1/32", "10.0.0.1/32")])
  func interfaceAddress(text: String, network: String) throws {
    let address = try #require(InterfaceAddress(text))
    #expect(address.description == text)
    #expect(address.network.description == network)
  }

  @Test func lengthsBeyondTheFamilyStopTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = IPPrefix(containing: .v4(IPv4Address(rawValue: 0)), length: 33) }
    await #expect(processExitsWith: .failure) { _ = InterfaceAddress(.v6(IPv6Address(rawValue: 0)), prefixLength: -1) }
  }
}
