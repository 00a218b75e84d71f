import Netlink
import NetworkAddresses
import Testing

@testable import NetlinkRoute

/// Addresses of links.
@Suite struct AddressTests {
  static let requests = [
    Golden(
      "ip addr add 10.32.0.2/12 brd 10.47.255.255 label contrail0:x dev contrail0",
      """
      40 00 00 00  // length 64
      14 00 05 06  // RTM_NEWADDR, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      02 0c 00 00 41 42 0f 00  // ifaddrmsg: family 2, /12, flags, scope 0, link
      08 00 02 00 0a 20 00 02  // IFA_LOCAL 10.32.0.2
      08 00 04 00 0a 2f ff ff  // IFA_BROADCAST 10.47.255.255
      10 00 03 00 63 6f 6e 74 72 61 69 6c 30 3a 78 00  // IFA_LABEL contrail0:x
      08 00 01 00 0a 20 00 02  // IFA_ADDRESS 10.32.0.2
      """
    ) {
      $0.addAddress(
        Address(
          InterfaceAddress("10.32.0.2/12")!, link: 1_000_001, broadcast: IPv4Address("10.47.255.255"),
          label: "contrail0:x"))
    },
    Golden(
      "ip -6 addr replace fd00::1/64 dev contrail0 nodad noprefixroute",
      """
      48 00 00 00  // length 72
      14 00 05 05  // RTM_NEWADDR, flags 0x505
      00 00 00 00 00 00 00 00  // sequence, port
      0a 40 00 00 41 42 0f 00  // ifaddrmsg: family 10, /64, flags, scope 0, link
      14 00 02 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  // IFA_LOCAL fd00::1
      08 00 08 00 02 02 00 00  // IFA_FLAGS 0x202
      14 00 01 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  // IFA_ADDRESS fd00::1
      """
    ) {
      $0.replaceAddress(
        Address(InterfaceAddress("fd00::1/64")!, link: 1_000_001, flags: [.noDuplicateDetection, .noPrefixRoute]))
    },
    Golden(
      "ip -6 addr del fd00::1/64 dev contrail0",
      """
      40 00 00 00  // length 64
      15 00 05 00  // RTM_DELADDR, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      0a 40 00 00 41 42 0f 00  // ifaddrmsg: family 10, /64, flags, scope 0, link
      14 00 02 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  // IFA_LOCAL fd00::1
      14 00 01 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01  // IFA_ADDRESS fd00::1
      """
    ) { $0.deleteAddress(Address(InterfaceAddress("fd00::1/64")!, link: 1_000_001)) },
  ]

  @Test(arguments: requests) func isWhatTheToolSends(_ golden: Golden) throws {
    try golden.expectRoundTrip(of: Address.self)
  }
}
