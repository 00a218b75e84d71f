import NetworkAddresses
import Testing

struct MACAddressTests {
  @Test(
    arguments: [
      ("00:00:00:00:00:00", 0, "00:00:00:00:00:00"), ("02:aB:cd:EF:01:90", 0x02ab_cdef_0190, "02:ab:cd:ef:01:90"),
      ("02-ab-cd-ef-01-90", 0x02ab_cdef_0190, "02:ab:cd:ef:01:90"),
      ("ff:ff:ff:ff:ff:ff", 0xffff_ffff_ffff, "ff:ff:ff:ff:ff:ff"),
    ] as [(String, UInt64, String)])
  func readsAndPrints(text: String, number: UInt64, canonical: String) throws {
    let mac = try #require(MACAddress(text))
    #expect(mac.rawValue == number)
    #expect(mac.description == canonical)
    #expect(MACAddress(bytes: mac.bytes) == mac)
  }

  @Test(arguments: [
    "", "02", "02:ab:cd:ef:01", "02:ab:cd:ef:01:9", "02:ab:cd:ef:01:900", "02:ab:cd:ef:01:90:", "02:ab:cd:ef:01:90:11",
    "2:ab:cd:ef:01:90:", "02-ab:cd:ef:01:90", "02:ab-cd:ef:01:90", "02.ab.cd.ef.01.90", "02abcdef0190",
    "02ab.cdef.0190",
    "0g:ab:cd:ef:01:90", " 2:ab:cd:ef:01:90", "+2:ab:cd:ef:01:90", "02:ab:cd:ef:01:é", "02 ab cd ef 01 90",
  ])
  func refuses(text: String) {
    #expect(MACAddress(text) == nil)
  }

  @Test func octetsAreInTransmissionOrder() {
    #expect(MACAddress(rawValue: 0x0102_0304_0506).bytes == [1, 2, 3, 4, 5, 6])
    #expect(MACAddress(bytes: [1, 2, 3, 4, 5]) == nil)
    #expect(MACAddress(bytes: [1, 2, 3, 4, 5, 6, 7]) == nil)
    #expect(MACAddress(rawValue: 0xffff_0000_0000_0001).rawValue == 1)
  }

  @Test(arguments: [
    ("01:00:5e:00:00:01", true), ("33:33:00:00:00:01", true), ("ff:ff:ff:ff:ff:ff", true), ("02:00:00:00:00:01", false),
    ("fe:ff:ff:ff:ff:ff", false), ("00:01:01:01:01:01", false),
  ])
  func groupAddresses(text: String, isMulticast: Bool) {
    #expect(MACAddress(text)?.isMulticast == isMulticast)
  }
}
