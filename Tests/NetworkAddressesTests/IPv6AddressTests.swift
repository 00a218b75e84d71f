import Glibc
import NetworkAddresses
import Testing

struct IPv6AddressTests {
  /// Every accepted form, and the one form of RFC 5952 in which it is printed.
  @Test(arguments: [
    ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"), ("0000:0000::0000", "::"),
    // Section 4.1: leading zeros go. 4.2.1: as short as possible. 4.2.2: a single zero group stays. 4.3: lower case.
    ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
    ("2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:DB8::ABCD:EF01", "2001:db8::abcd:ef01"),
    // 4.2.3: the longest run, of equal ones the first.
    ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
    ("0:0:1:0:0:0:0:1", "0:0:1::1"), ("1:0:0:2:3:4:0:0", "1::2:3:4:0:0"), ("0:0:1:1:1:1:0:0", "::1:1:1:1:0:0"),
    ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"), ("::7:8", "::7:8"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
    ("0:2:0:4:0:6:0:8", "0:2:0:4:0:6:0:8"),
    // 5: an IPv4 tail.
    ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::ffff:c000:201", "::ffff:192.0.2.1"), ("::ffff:0:0", "::ffff:0.0.0.0"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
    ("1::1.2.3.4", "1::102:304"), ("::1.2.3.4", "::102:304"), ("fe80::fffe:0:0", "fe80::fffe:0:0"),
    ("FFFF:ffff:FFFF:ffff:FFFF:ffff:FFFF:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
  ])
  func readsAndPrints(text: String, canonical: String) throws {
    let address = try #require(IPv6Address(text))
    #expect(address.description == canonical)
    #expect(IPv6Address(canonical) == address)
    #expect(IPAddress(text) == .v6(address))
    #expect(IPAddress(bytes: address.bytes) == .v6(address))
  }

  @Test(arguments: [
    "", ":", ":::", "1", "1:", ":1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:",
    ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1::2::3", "::1::", ":::1", "1:::2", "1:::", "::1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8::", "1:2:3:4::5:6:7:8", "12345::", "00001::", "g::", "::-1", "::+1", "::0x1", ":: 1", "::1 ",
    "::1\n", "::1\0", "fe80::1%eth0", "fe80::1%1", "[::1]", "::1/64", "::1.2.3", "::1.2.3.4.5", "::1.2.3.256",
    "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6:7:8:1.2.3.4", "::1.2.3.4:",
    "1:2:3:4:5:1.2.3.4", "::ﬀ", "::１", "::1\u{301}", ".1::", "::1.", "::.",
  ])
  func refuses(text: String) {
    #expect(IPv6Address(text) == nil)
    #expect(IPAddress(text) == nil)
  }

  /// The C library reads what is printed here as the same address, and reads and refuses the same random texts.
  @Test func agreesWithTheCLibrary() {
    var seed = SystemRandomNumberGenerator()
    let pieces = [":", "::", "0", "1", "ffff", "abcd", "00", "0a", "12345", "1.2.3.4", ".", "9.9", "g"]
    for round in 0..<20_000 {
      let groups = (0..<8).map { _ in
        UInt16.random(in: 0...2, using: &seed) == 0 ? UInt16.random(in: 0...UInt16.max) : 0
      }
      let address = IPv6Address(rawValue: groups.reduce(0) { $0 << 16 | UInt128($1) })
      if read(address.description) != address.bytes || IPv6Address(address.description) != address {
        Issue.record("\(groups) is printed \(address)")
        return
      }
      let count = round % 18
      let text =
        round.isMultiple(of: 2)
        ? (0..<count).map { _ in pieces.randomElement()! }.joined()
        : (0..<count).map { $0.isMultiple(of: 2) ? pieces[2 + $0 * round % 6] : ":" }.joined()
      if IPv6Address(text)?.bytes != read(text) {
        Issue.record("\(text) is read \(String(describing: IPv6Address(text)))")
        return
      }
    }
  }

  private func read(_ text: String) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 16)
    return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
  }

  @Test func octetsAreInNetworkOrder() {
    #expect(IPv6Address("102:304:506:708:90a:b0c:d0e:f10")!.bytes == Array(1...16))
  }

  /// RFC 4291 appendix A: the universal bit is inverted, fffe goes into the middle.
  @Test(arguments: [
    ("34:56:78:9a:bc:de", "fe80::3656:78ff:fe9a:bcde"), ("02:00:00:00:00:01", "fe80::ff:fe00:1"),
    ("00:00:5e:00:01:00", "fe80::200:5eff:fe00:100"), ("fd:ff:ff:ff:ff:ff", "fe80::ffff:ffff:feff:ffff"),
  ])
  func linkLocal(mac: String, address: String) throws {
    #expect(IPv6Address.linkLocal(from: try #require(MACAddress(mac))).description == address)
  }
}
