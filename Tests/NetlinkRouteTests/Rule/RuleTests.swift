import Netlink
import NetworkAddresses
import Testing

@testable import NetlinkRoute

/// Policy rules.
@Suite struct RuleTests {
  static let requests = [
    Golden(
      "ip rule add iif contrail0 lookup 100 pref 50",
      """
      34 00 00 00  // length 52
      20 00 05 06  // RTM_NEWRULE, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      02 00 00 00 64 00 00 01 00 00 00 00  // fib_rule_hdr: family 2, to /0, from /0, table 100, action 1
      0e 00 03 00 63 6f 6e 74 72 61 69 6c 30 00 00 00  // FRA_IIFNAME contrail0
      08 00 06 00 32 00 00 00  // FRA_PRIORITY 50
      """
    ) {
      $0.addRule(
        Rule(family: .v4, priority: 50, table: RouteTable(rawValue: 100), inputInterface: "contrail0"))
    },
    Golden(
      "ip -6 rule add from 2001:db8::/32 oif contrail0 pref 60 lookup 1000",
      """
      50 00 00 00  // length 80
      20 00 05 06  // RTM_NEWRULE, flags 0x605
      00 00 00 00 00 00 00 00  // sequence, port
      0a 00 20 00 00 00 00 01 00 00 00 00  // fib_rule_hdr: family 10, to /0, from /32, table 0, action 1
      14 00 02 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00  // FRA_SRC 2001:db8::
      0e 00 11 00 63 6f 6e 74 72 61 69 6c 30 00 00 00  // FRA_OIFNAME contrail0
      08 00 06 00 3c 00 00 00  // FRA_PRIORITY 60
      08 00 0f 00 e8 03 00 00  // FRA_TABLE 1000
      """
    ) {
      $0.addRule(
        Rule(
          family: .v6, priority: 60, table: RouteTable(rawValue: 1000), source: prefix("2001:db8::/32"),
          outputInterface: "contrail0"))
    },
  ]

  @Test(arguments: requests) func isWhatTheToolSends(_ golden: Golden) throws {
    try golden.expectRoundTrip(of: Rule.self)
  }
}
