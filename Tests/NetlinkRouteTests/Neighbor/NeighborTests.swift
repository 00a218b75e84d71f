import Netlink
import NetworkAddresses
import Testing

@testable import NetlinkRoute

/// Neighbours, proxies and forwarding entries.
@Suite struct NeighborTests {
  static let requests = [
    Golden(
      "ip neigh replace 10.32.0.7 lladdr 02:00:00:00:00:07 dev contrail0 nud permanent",
      """
      30 00 00 00  // length 48
      1c 00 05 05  // RTM_NEWNEIGH, flags 0x505
      00 00 00 00 00 00 00 00  // sequence, port
      02 00 00 00 41 42 0f 00 80 00 00 00  // ndmsg: family 2, link, state 0x80, flags 0x0
      08 00 01 00 0a 20 00 07  // NDA_DST 10.32.0.7
      0a 00 02 00 02 00 00 00 00 07 00 00  // NDA_LLADDR 02:00:00:00:00:07
      """
    ) { $0.replaceNeighbor(Neighbor(IPAddress("10.32.0.7")!, at: mac("02:00:00:00:00:07"), link: 1_000_001)) },
    Golden(
      "ip -6 neigh add fd00::7 lladdr 02:00:00:00:00:07 dev contrail0 nud noarp extern_learn",
      """
      3c 00 00 00  // length 60
      1c 00 05 06  // RTM_NEWNEIGH, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      0a 00 00 00 41 42 0f 00 40 00 10 00  // ndmsg: family 10, link, state 0x40, flags 0x10
      14 00 01 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 07  // NDA_DST fd00::7
      0a 00 02 00 02 00 00 00 00 07 00 00  // NDA_LLADDR 02:00:00:00:00:07
      """
    ) {
      $0.addNeighbor(
        Neighbor(
          IPAddress("fd00::7")!, at: mac("02:00:00:00:00:07"), link: 1_000_001, state: .noARP,
          flags: .externallyLearned))
    },
    Golden(
      "ip neigh add proxy 10.32.0.8 dev contrail0",
      """
      24 00 00 00  // length 36
      1c 00 05 06  // RTM_NEWNEIGH, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      02 00 00 00 41 42 0f 00 80 00 08 00  // ndmsg: family 2, link, state 0x80, flags 0x8
      08 00 01 00 0a 20 00 08  // NDA_DST 10.32.0.8
      """
    ) { $0.addNeighbor(.proxy(IPAddress("10.32.0.8")!, link: 1_000_001)) },
    Golden(
      "bridge fdb add 02:00:00:00:00:09 dev vmi01 master static",
      """
      28 00 00 00  // length 40
      1c 00 05 06  // RTM_NEWNEIGH, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      07 00 00 00 02 00 00 00 42 00 04 00  // ndmsg: family 7, link, state 0x42, flags 0x4
      0a 00 02 00 02 00 00 00 00 09 00 00  // NDA_LLADDR 02:00:00:00:00:09
      """
    ) { $0.addNeighbor(.forwarding(mac("02:00:00:00:00:09"), port: 2, state: [.noARP, .reachable])) },
    Golden(
      "bridge fdb del 02:00:00:00:00:09 dev vmi01 master",
      """
      28 00 00 00  // length 40
      1d 00 05 00  // RTM_DELNEIGH, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      07 00 00 00 02 00 00 00 c0 00 04 00  // ndmsg: family 7, link, state 0xc0, flags 0x4
      0a 00 02 00 02 00 00 00 00 09 00 00  // NDA_LLADDR 02:00:00:00:00:09
      """
    ) { $0.deleteNeighbor(.forwarding(mac("02:00:00:00:00:09"), port: 2, state: [.noARP, .permanent])) },
  ]

  @Test(arguments: requests) func isWhatTheToolSends(_ golden: Golden) throws {
    try golden.expectRoundTrip(of: Neighbor.self)
  }
}
