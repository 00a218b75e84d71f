import NetworkAddresses
import Testing

struct IPv4AddressTests {
  @Test(
    arguments: [
      ("0.0.0.0", 0), ("0.0.0.1", 1), ("10.32.0.1", 0x0a20_0001), ("127.0.0.1", 0x7f00_0001),
      ("100.64.99.9", 0x6440_6309), ("255.255.255.255", 0xffff_ffff),
    ] as [(String, UInt32)])
  func readsAndPrints(text: String, number: UInt32) {
    let address = IPv4Address(rawValue: number)
    #expect(IPv4Address(text) == address)
    #expect(address.description == text)
    #expect(IPAddress(text) == .v4(address))
    #expect(IPAddress(text)?.number == UInt128(number))
    #expect(IPAddress(bytes: address.bytes) == .v4(address))
  }

  @Test(arguments: [
    "", " ", ".", "...", "1", "1.2", "1.2.3", "1.2.3.", ".1.2.3", "1..2.3", "1.2.3.4.", "1.2.3.4.5", "1.2.3.256",
    "1.2.3.999999999999999999999", "256.1.1.1", "01.2.3.4", "1.2.3.04", "1.2.3.00", "1.2.3.0x4", "1.2.3.4 ", " 1.2.3.4",
    "1.2.3.4\n", "1.2.3.4\0", "1.2.3.-4", "+1.2.3.4", "1,2,3,4", "1.2.3.4/24", "a.b.c.d", "١.٢.٣.٤", "1.2.3.4\u{301}",
  ])
  func refuses(text: String) {
    #expect(IPv4Address(text) == nil)
    #expect(IPAddress(text) == nil)
  }

  @Test func readsAPartOfAText() {
    let text = "ip=10.0.0.1;"
    #expect(IPv4Address(text.dropFirst(3).dropLast()) == IPv4Address(rawValue: 0x0a00_0001))
  }

  @Test func octetsAreInNetworkOrder() {
    #expect(IPv4Address(rawValue: 0x0102_0304).bytes == [1, 2, 3, 4])
  }

  @Test func ordersByNumber() {
    #expect(IPv4Address("9.255.255.255")! < IPv4Address("10.0.0.0")!)
    #expect(IPAddress("255.255.255.255")! < IPAddress("::")!)
    #expect(IPAddress("::2")! < IPAddress("::10")!)
  }

  @Test(arguments: [
    [], [1], [1, 2, 3], [1, 2, 3, 4, 5], [UInt8](repeating: 1, count: 15), [UInt8](repeating: 1, count: 17),
  ])
  func refusesOtherCountsOfOctets(bytes: [UInt8]) {
    #expect(IPAddress(bytes: bytes) == nil)
  }

  @Test func numberIsCutToTheFamily() {
    #expect(IPAddress(family: .v4, number: 0x1_0a00_0001) == IPAddress("10.0.0.1"))
    #expect(IPAddress(family: .v4, number: .max) == IPAddress("255.255.255.255"))
    #expect(IPAddress(family: .v6, number: .max).description == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
  }
}
