import CLinux
import Glibc
import KernelSandbox
import LinuxSystem
import Netlink
import NetlinkNetfilter
import NetworkAddresses
import Testing

// Address translation as nft would have written it, and as packets meet it.

@Suite struct NATTests {
  @Test func ruleset() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      let table = Table(.inet, "contrail")
      let translations = NamedSet("fip_in", key: [.ipv4Address], content: .data(.ipv4Address))
      let pods = NamedSet("pods", key: [.ipv4Address], flags: [.interval, .constant])
      var transaction = Transaction()
      transaction.add(table)
      transaction.add(translations, to: table)
      transaction.add(pods, to: table)
      transaction.add(Chain("post", type: .nat, hook: .postrouting, priority: 100), to: table)
      transaction.add(Chain("pre", type: .nat, hook: .prerouting, priority: -100), to: table)
      transaction.add(Chain("forward", type: .filter, hook: .forward, priority: 0, policy: .drop), to: table)
      transaction.add([SetElement(in: try IPPrefix(parsing: "10.32.0.0/12"))], to: pods, in: table)
      for rule: [Statement] in [
        [
          .match(.family, is: 2), .match(.ipv4Source, in: try IPPrefix(parsing: "10.32.0.0/12")),
          .lookup([.ipv4Destination], in: "pods", inverted: true), .masquerade,
        ],
        [
          .match(.outputInterface, is: .interface("up0")), .match(.family, is: 2),
          .translate(.source, to: .v4, of: [.ipv4Source], from: "fip_in"),
        ],
        [
          .match(.family, is: 10), .match(.ipv6Source, in: try IPPrefix(parsing: "fd00:1::/56"), inverted: true),
          .counter, .masquerade,
        ],
        [
          .match(.inputInterface, is: .interface("contrail0")), .outputInterface(prefix: "contrail"),
          .conntrackStatus(.destinationTranslated), .masquerade,
        ],
      ] { transaction.add(rule: rule, to: "post", in: table) }
      transaction.add(
        rule: [
          .match(.family, is: 2), .match(.ipv4Destination, is: .ipv4(IPv4Address("192.0.2.1")!)),
          .translate(.destination, to: .v4(IPv4Address("10.32.0.2")!)),
        ], to: "pre", in: table)
      for rule: [Statement] in [
        [.conntrackState([.established, .related]), .accept], [.conntrackState(.invalid), .drop],
        [.match(.mark, mask: 0xff00, is: 0x1200), .accept], [.match(.mark, isNot: 7), .return],
        [.match(.conntrackDirection, is: 1), .accept],
        [.match(.transportProtocol, is: 6), .match(.destinationPort, .greaterOrEqual, 1024), .goto("later")],
      ] {
        if rule.last == .goto("later") { transaction.add(Chain("later"), to: table) }
        transaction.add(rule: rule, to: "forward", in: table)
      }
      try transaction.commit(on: connect())
      Sandbox.expectEqual(
        listing(),
        """
        table inet contrail {
        map fip_in {
        type ipv4_addr : ipv4_addr
        }
        set pods {
        type ipv4_addr
        flags constant,interval
        elements = { 10.32.0.0/12 }
        }
        chain post {
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr 10.32.0.0/12 ip daddr != @pods masquerade
        oifname "up0" snat ip to ip saddr map @fip_in
        ip6 saddr != fd00:1::/56 counter packets 0 bytes 0 masquerade
        iifname "contrail0" oifname "contrail*" ct status dnat masquerade
        }
        chain pre {
        type nat hook prerouting priority dstnat; policy accept;
        ip daddr 192.0.2.1 dnat ip to 10.32.0.2
        }
        chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        ct state invalid drop
        meta mark & 0x0000ff00 == 0x00001200 accept
        meta mark != 0x00000007 return
        ct direction reply accept
        tcp dport >= 1024 goto later
        }
        chain later {
        }
        }
        """)
    }
  }
}
