import Netlink
import NetworkAddresses
import Testing

@testable import NetlinkRoute

/// What a bridge does with a port.
///
/// `ip` calls the kind `bridge_slave` and writes it as `IFLA_INFO_KIND`, for which some kernels look for a module at each
/// message. The kernel looks at neither; this library writes what the kernel answers: `IFLA_INFO_SLAVE_KIND`, `bridge`.
@Suite struct BridgePortTests {
  static let requests = [
    Golden(
      "ip link set vmi01 type bridge_slave state 3 hairpin on guard on learning off flood off mcast_flood off ...",
      """
      7c 00 00 00  // length 124
      10 00 05 00  // RTM_NEWLINK, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 02 00 00 00 00 00 00 00 00 00 00 00  // ifinfomsg: link 2, flags 0x0, change 0x0
      5c 00 12 00  // IFLA_LINKINFO
        0a 00 04 00 62 72 69 64 67 65 00 00  // IFLA_INFO_SLAVE_KIND bridge
        4c 00 05 00  // IFLA_INFO_SLAVE_DATA
          05 00 01 00 03 00 00 00  // IFLA_BRPORT_STATE 3
          05 00 04 00 01 00 00 00  // IFLA_BRPORT_MODE 1
          05 00 05 00 01 00 00 00  // IFLA_BRPORT_GUARD 1
          05 00 08 00 00 00 00 00  // IFLA_BRPORT_LEARNING 0
          05 00 09 00 00 00 00 00  // IFLA_BRPORT_UNICAST_FLOOD 0
          05 00 1b 00 00 00 00 00  // IFLA_BRPORT_MCAST_FLOOD 0
          05 00 1e 00 00 00 00 00  // IFLA_BRPORT_BCAST_FLOOD 0
          05 00 20 00 01 00 00 00  // IFLA_BRPORT_NEIGH_SUPPRESS 1
          05 00 21 00 00 00 00 00  // IFLA_BRPORT_ISOLATED 0
      """
    ) { $0.setLink(.index(2), LinkAttributes(), port: everything) }
  ]

  @Test(arguments: requests) func isWhatTheToolSends(_ golden: Golden) {
    #expect(golden.written == golden.bytes)
  }

  static let everything = BridgePort(
    state: .forwarding, hairpin: true, guard: true, learning: false, unicastFlood: false, multicastFlood: false,
    broadcastFlood: false, neighborSuppression: true, isolated: false)

  @Test func readsBackWhatItWrites() {
    var writer = MessageWriter()
    Self.everything.write(to: &writer)
    #expect(BridgePort(reading: Attributes(writer.bytes[...])) == Self.everything)
  }

  @Test func theLinksNameAloneIsEnough() {
    var batch = Batch()
    batch.setLink(.name("vmi01"), LinkAttributes(alias: "x"), port: BridgePort(hairpin: true))
    let message = Messages(batch.bytes[...]).first { _ in true }!
    #expect(message.payload.number(at: 4) == UInt32(0))
    #expect(Attributes(message.payload, afterHeader: 16)[3]?.string == "vmi01")
  }
}
