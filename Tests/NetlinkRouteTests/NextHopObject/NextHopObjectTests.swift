import Netlink
import NetworkAddresses
import Testing

@testable import NetlinkRoute

/// Next hops with numbers, and groups of them.
@Suite struct NextHopObjectTests {
  private static let pairs = RouteProtocol(rawValue: 197)
  private static func router(_ id: UInt32, _ address: String) -> NextHopObject {
    NextHopObject(id: id, .gateway(IPAddress(address)!, output: bridgeIndex, isOnLink: true), origin: pairs)
  }

  static let requests = [
    Golden(
      "ip nexthop replace id 17 dev contrail0 via 10.32.0.5 onlink proto 197",
      """
      30 00 00 00  // length 48
      68 00 05 05  // RTM_NEWNEXTHOP, flags 0x505
      00 00 00 00 00 00 00 00  // sequence, port
      02 00 c5 00 04 00 00 00  // nhmsg: family 2, protocol 197, RTNH_F_ONLINK
      08 00 01 00 11 00 00 00  // NHA_ID 17
      08 00 05 00 41 42 0f 00  // NHA_OIF 1000001
      08 00 06 00 0a 20 00 05  // NHA_GATEWAY 10.32.0.5
      """
    ) { $0.replaceNextHop(router(17, "10.32.0.5")) },
    Golden(
      "ip nexthop replace id 20 group 17 proto 197",
      """
      2c 00 00 00  // length 44
      68 00 05 05  // RTM_NEWNEXTHOP, flags 0x505
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 c5 00 00 00 00 00  // nhmsg: protocol 197
      08 00 01 00 14 00 00 00  // NHA_ID 20
      0c 00 02 00 11 00 00 00 00 00 00 00  // NHA_GROUP: 17, weight 1
      """
    ) { $0.replaceNextHop(NextHopObject(id: 20, .group([17]), origin: pairs)) },
    Golden(
      "ip nexthop replace id 21 group 17 proto 197 type resilient buckets 128 idle_timer 10",
      """
      48 00 00 00  // length 72
      68 00 05 05  // RTM_NEWNEXTHOP, flags 0x505
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 c5 00 00 00 00 00  // nhmsg: protocol 197
      08 00 01 00 15 00 00 00  // NHA_ID 21
      0c 00 02 00 11 00 00 00 00 00 00 00  // NHA_GROUP: 17, weight 1
      14 00 0c 80  // NHA_RES_GROUP
      06 00 01 00 80 00 00 00  // NHA_RES_GROUP_BUCKETS 128
      08 00 02 00 e8 03 00 00  // NHA_RES_GROUP_IDLE_TIMER 10 s
      06 00 03 00 01 00 00 00  // NHA_GROUP_TYPE NEXTHOP_GRP_TYPE_RES
      """
    ) {
      $0.replaceNextHop(
        NextHopObject(id: 21, .resilientGroup([17], buckets: 128, idleTime: 1000), origin: pairs))
    },
  ]

  @Test(arguments: requests) func isWhatTheToolSends(_ golden: Golden) throws {
    try golden.expectRoundTrip(of: NextHopObject.self)
  }

  @Test func deletionIsWhatTheToolSends() {
    let golden = Golden(
      "ip nexthop del id 21",
      """
      20 00 00 00  // length 32
      69 00 05 00  // RTM_DELNEXTHOP, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      00 00 00 00 00 00 00 00  // nhmsg
      08 00 01 00 15 00 00 00  // NHA_ID 21
      """
    ) { $0.deleteNextHop(21) }
    #expect(golden.written == golden.bytes)
  }
}
