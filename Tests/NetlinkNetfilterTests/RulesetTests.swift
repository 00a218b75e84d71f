import KernelSandbox
import LinuxSystem
import Netlink
import NetlinkNetfilter
import NetworkAddresses
import Testing

// What is written through this module is what nft reads back.

@Suite struct RulesetTests {
  @Test func bridgeTable() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      let filter = Table(.bridge, "contrail")
      let l2 = NamedSet("l2", key: [.interfaceName, .etherAddress])
      let bind4 = NamedSet("bind4", key: [.interfaceName, .etherAddress, .ipv4Address])
      let aap4 = NamedSet("aap4", key: [.interfaceName, .etherAddress, .ipv4Address], flags: .interval)
      let aap6 = NamedSet("aap6", key: [.interfaceName, .etherAddress, .ipv6Address], flags: .interval)
      let prefixes = NamedSet("prefixes", key: [.ipv4Address], flags: .interval)
      let verdicts = NamedSet("verdicts", key: [.interfaceName], content: .verdict)
      let translations = NamedSet("translations", key: [.ipv4Address], content: .data(.ipv4Address))
      let stations = NamedSet("stations", key: [.ipv4Address], content: .data(.etherAddress))
      let mac = MACAddress("02:00:00:00:00:01")!
      var transaction = Transaction()
      transaction.add(filter)
      for set in [l2, bind4, aap4, aap6, prefixes, verdicts, translations, stations] {
        transaction.add(set, to: filter)
      }
      transaction.add(Chain("port"), to: filter)
      transaction.add(
        Chain("prerouting", type: .filter, hook: .prerouting, priority: -200, policy: .accept), to: filter)
      transaction.add(rule: [.inputInterface(prefix: "vmi"), .jump("port")], to: "prerouting", in: filter)
      transaction.add(
        rule: [
          .match(.etherType, is: 0x0800), .lookup([.inputInterface, .sourceMAC, .ipv4Source], in: "bind4"), .accept,
        ], to: "port", in: filter)
      transaction.add(
        rule: [
          .match(.etherType, is: 0x86dd),
          .lookup([.inputInterface, .sourceMAC, .ipv6Source], in: "aap6", inverted: true),
          .drop,
        ], to: "port", in: filter)
      transaction.add(rule: [.lookup([.inputInterface, .sourceMAC], in: "l2"), .return], to: "port", in: filter)
      transaction.add(
        rule: [.match(.sourceMAC, isNot: .mac(mac)), .counter, .drop], comment: "foreign source", to: "port",
        in: filter)
      transaction.add(
        rule: [.match(.etherType, is: 0x0800), .match(.ipv4Source, in: try IPPrefix(parsing: "10.32.0.0/12")), .drop],
        to: "port", in: filter)
      transaction.add(rule: [.verdict(of: [.inputInterface], from: "verdicts")], to: "port", in: filter)
      transaction.add(
        rule: [.match(.transportProtocol, is: 17), .match(.sourcePort, in: 67...68), .drop], to: "port", in: filter)
      transaction.add(
        rule: [.match(.etherType, is: 0x0800), .redirect(of: [.ipv4Destination], from: "stations"), .accept],
        to: "port", in: filter)
      transaction.add(
        [SetElement(SetKey(.ipv4(IPv4Address("10.0.0.2")!)), .data(.mac(mac)))], to: stations, in: filter)
      transaction.add([SetElement(.interface("vmi1"), .mac(mac))], to: l2, in: filter)
      transaction.add(
        [SetElement(.interface("vmi1"), .mac(mac), .ipv4(IPv4Address("10.0.0.2")!))], to: bind4, in: filter)
      transaction.add(
        [SetElement(.interface("vmi1"), .mac(mac), in: try IPPrefix(parsing: "10.0.1.0/24"))], to: aap4, in: filter)
      transaction.add(
        [SetElement(.interface("vmi1"), .mac(mac), in: try IPPrefix(parsing: "fe80::/64"))], to: aap6, in: filter)
      transaction.add(
        [
          SetElement(in: try IPPrefix(parsing: "10.0.0.0/24")), SetElement(in: try IPPrefix(parsing: "10.0.1.0/24")),
          SetElement(.ipv4(IPv4Address("10.9.9.9")!)), SetElement(in: try IPPrefix(parsing: "255.0.0.0/8")),
        ], to: prefixes, in: filter)
      transaction.add([SetElement(SetKey(.interface("vmi2")), .verdict(.drop))], to: verdicts, in: filter)
      transaction.add(
        [SetElement(SetKey(.ipv4(IPv4Address("10.0.0.1")!)), .data(.ipv4(IPv4Address("10.0.0.2")!)))],
        to: translations, in: filter)
      try transaction.commit(on: connect())
      Sandbox.expectEqual(
        listing(),
        """
        table bridge contrail {
        set l2 {
        type ifname . ether_addr
        elements = { "vmi1" . 02:00:00:00:00:01 }
        }
        set bind4 {
        type ifname . ether_addr . ipv4_addr
        elements = { "vmi1" . 02:00:00:00:00:01 . 10.0.0.2 }
        }
        set aap4 {
        type ifname . ether_addr . ipv4_addr
        flags interval
        elements = { "vmi1" . 02:00:00:00:00:01 . 10.0.1.0/24 }
        }
        set aap6 {
        type ifname . ether_addr . ipv6_addr
        flags interval
        elements = { "vmi1" . 02:00:00:00:00:01 . fe80::/64 }
        }
        set prefixes {
        type ipv4_addr
        flags interval
        elements = { 10.0.0.0/24, 10.0.1.0/24,
        10.9.9.9, 255.0.0.0/8 }
        }
        map verdicts {
        type ifname : verdict
        elements = { "vmi2" : drop }
        }
        map translations {
        type ipv4_addr : ipv4_addr
        elements = { 10.0.0.1 : 10.0.0.2 }
        }
        map stations {
        type ipv4_addr : ether_addr
        elements = { 10.0.0.2 : 02:00:00:00:00:01 }
        }
        chain port {
        iifname . ether saddr . ip saddr @bind4 accept
        iifname . ether saddr . ip6 saddr != @aap6 drop
        iifname . ether saddr @l2 return
        ether saddr != 02:00:00:00:00:01 counter packets 0 bytes 0 drop comment "foreign source"
        ip saddr 10.32.0.0/12 drop
        iifname vmap @verdicts
        udp sport 67-68 drop
        ether daddr set ip daddr map @stations accept
        }
        chain prerouting {
        type filter hook prerouting priority filter; policy accept;
        iifname "vmi*" jump port
        }
        }
        """)
    }
  }
}
