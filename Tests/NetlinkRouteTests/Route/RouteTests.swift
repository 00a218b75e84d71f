import Netlink
import NetworkAddresses
import Testing

@testable import NetlinkRoute

/// Routes.
@Suite struct RouteTests {
  static let requests = [
    Golden(
      "ip route add default via 10.32.0.1 dev contrail0 onlink",
      """
      2c 00 00 00  // length 44
      18 00 05 06  // RTM_NEWROUTE, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      02 00 00 00 fe 03 00 01 04 00 00 00  // rtmsg: family 2, /0, table 254, protocol 3, scope 0, type 1, flags 4
      08 00 05 00 0a 20 00 01  // RTA_GATEWAY 10.32.0.1
      08 00 04 00 41 42 0f 00  // RTA_OIF 1000001
      """
    ) {
      $0.addRoute(
        Route(to: Route.everywhere(.v4), gateway: IPAddress("10.32.0.1"), output: 1_000_001, isOnLink: true))
    },
    Golden(
      "ip -6 route replace 2001:db8::/32 via fd00::9 dev contrail0 proto static metric 10 table 700 mtu 1400",
      """
      68 00 00 00  // length 104
      18 00 05 05  // RTM_NEWROUTE, flags 0x505
      00 00 00 00 00 00 00 00  // sequence, port
      0a 20 00 00 00 04 00 01 00 00 00 00  // rtmsg: family 10, /32, table 0, protocol 4, scope 0, type 1, flags 0
      14 00 01 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00  // RTA_DST 2001:db8::
      14 00 05 00 fd 00 00 00 00 00 00 00 00 00 00 00 00 00 00 09  // RTA_GATEWAY fd00::9
      08 00 06 00 0a 00 00 00  // RTA_PRIORITY 10
      08 00 0f 00 bc 02 00 00  // RTA_TABLE 700
      08 00 04 00 41 42 0f 00  // RTA_OIF 1000001
      0c 00 08 00  // RTA_METRICS
        08 00 02 00 78 05 00 00  // RTAX_MTU 1400
      """
    ) {
      $0.replaceRoute(
        Route(
          to: prefix("2001:db8::/32"), gateway: IPAddress("fd00::9"), output: 1_000_001,
          table: RouteTable(rawValue: 700), origin: .static, priority: 10, mtu: 1400))
    },
    Golden(
      "ip route add unreachable default metric 4000 table 700",
      """
      2c 00 00 00  // length 44
      18 00 05 06  // RTM_NEWROUTE, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      02 00 00 00 00 03 00 07 00 00 00 00  // rtmsg: family 2, /0, table 0, protocol 3, scope 0, type 7, flags 0
      08 00 06 00 a0 0f 00 00  // RTA_PRIORITY 4000
      08 00 0f 00 bc 02 00 00  // RTA_TABLE 700
      """
    ) {
      $0.addRoute(
        Route(
          to: Route.everywhere(.v4), table: RouteTable(rawValue: 700), type: .unreachable, priority: 4000))
    },
    Golden(
      "ip route add 10.1.0.0/16 dev contrail0 src 10.32.0.2 mtu 1400 advmss 1360",
      """
      48 00 00 00  // length 72
      18 00 05 06  // RTM_NEWROUTE, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      02 10 00 00 fe 03 fd 01 00 00 00 00  // rtmsg: family 2, /16, table 254, protocol 3, scope 253, type 1, flags 0
      08 00 01 00 0a 01 00 00  // RTA_DST 10.1.0.0
      08 00 07 00 0a 20 00 02  // RTA_PREFSRC 10.32.0.2
      08 00 04 00 41 42 0f 00  // RTA_OIF 1000001
      14 00 08 00  // RTA_METRICS
        08 00 02 00 78 05 00 00  // RTAX_MTU 1400
        08 00 08 00 50 05 00 00  // RTAX_ADVMSS 1360
      """
    ) {
      $0.addRoute(
        Route(
          to: prefix("10.1.0.0/16"), output: 1_000_001, source: IPAddress("10.32.0.2"), mtu: 1400,
          advertisedSegment: 1360))
    },
    Golden(
      "ip route add 10.2.0.0/16 nexthop via 10.32.0.5 dev contrail0 nexthop via 10.32.0.6 ... weight 3 onlink",
      """
      48 00 00 00  // length 72
      18 00 05 06  // RTM_NEWROUTE, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      02 10 00 00 fe 03 00 01 00 00 00 00  // rtmsg: family 2, /16, table 254, protocol 3, scope 0, type 1, flags 0
      08 00 01 00 0a 02 00 00  // RTA_DST 10.2.0.0
      24 00 09 00  // RTA_MULTIPATH
        10 00 00 00 41 42 0f 00  // rtnexthop: length 16, flags 0, hops 0, link 1000001
        08 00 05 00 0a 20 00 05  // RTA_GATEWAY 10.32.0.5
        10 00 04 02 41 42 0f 00  // rtnexthop: length 16, flags 4, hops 2, link 1000001
        08 00 05 00 0a 20 00 06  // RTA_GATEWAY 10.32.0.6
      """
    ) {
      $0.addRoute(
        Route(
          to: prefix("10.2.0.0/16"),
          nextHops: [
            NextHop(gateway: IPAddress("10.32.0.5"), output: 1_000_001),
            NextHop(gateway: IPAddress("10.32.0.6"), output: 1_000_001, weight: 3, isOnLink: true),
          ]))
    },
    Golden(
      "ip route del 10.1.0.0/16 dev contrail0",
      """
      2c 00 00 00  // length 44
      19 00 05 00  // RTM_DELROUTE, flags 0x5
      00 00 00 00 00 00 00 00  // sequence, port
      02 10 00 00 fe 00 ff 00 00 00 00 00  // rtmsg: family 2, /16, table 254, protocol 0, scope 255, type 0, flags 0
      08 00 01 00 0a 01 00 00  // RTA_DST 10.1.0.0
      08 00 04 00 41 42 0f 00  // RTA_OIF 1000001
      """
    ) {
      $0.deleteRoute(Route(to: prefix("10.1.0.0/16"), output: 1_000_001, origin: .any, scope: .any, type: .any))
    },
  ]

  @Test(arguments: requests) func isWhatTheToolSends(_ golden: Golden) throws {
    try golden.expectRoundTrip(of: Route.self)
  }
}
