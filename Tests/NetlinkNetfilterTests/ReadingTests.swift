import KernelSandbox
import LinuxSystem
import Netlink
import NetlinkNetfilter
import NetworkAddresses
import Testing

// What nft wrote is read as it was meant.

@Suite struct ReadingTests {
  /// Sets by their names, of which nothing else is known: ranges, concatenations, what a map has for all other keys.
  @Test func setsOfOthers() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      run(
        "nft", "-f", "-",
        input: """
          table ip t {
            chain a { }
            set ranges { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.7 }; }
            set pairs { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 80-90 }; }
            map verdicts { type inet_service : verdict; elements = { 80 : goto a, * : drop }; }
            chain b { tcp dport vmap { 1 : accept }; }
          }

          """)
      let connection = try connect()
      let table = Table(.ipv4, "t")
      let ranges = try connection.installedSet("ranges", in: table)
      Sandbox.expectEqual(
        ranges?.elements.map { [$0.key.bytes, $0.end?.bytes ?? []] },
        [[[10, 0, 0, 0], [10, 255, 255, 255]], [[192, 0, 2, 7], [192, 0, 2, 7]]])
      let pairs = try connection.installedSet("pairs", in: table)
      Sandbox.expectEqual(pairs?.fields, [4, 2])
      Sandbox.expectEqual(
        pairs?.elements.map { [$0.key.bytes, $0.end?.bytes ?? []] },
        [[[10, 0, 0, 0, 0, 80, 0, 0], [10, 255, 255, 255, 0, 90, 0, 0]]])
      let verdicts = try connection.installedSet("verdicts", in: table)
      Sandbox.expectEqual(verdicts?.fallback, .verdict(.drop))
      Sandbox.expectEqual(verdicts?.elements.first?.value, .verdict(.goto("a")))
      Sandbox.expectEqual(try connection.installedSet("none", in: table), nil)
      let lookup = try connection.rules(of: table, chain: "b").first?.expressions.last
      Sandbox.expectEqual(lookup?.name, "lookup")
      let anonymous = try connection.installedSet(lookup?.attributes[1]?.string ?? "", in: table)
      Sandbox.expectEqual(anonymous?.elements.first?.value, .verdict(.accept))
      Sandbox.expectEqual(anonymous?.hasFallback, false)
    }
  }

  @Test func chainsOfOthers() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      run("ip", "link", "set", "lo", "up")
      run(
        "nft", "-f", "-",
        input: """
          table ip filter {
            chain FORWARD { type filter hook forward priority 0; policy drop; }
            chain DOCKER { }
          }
          table inet firewall { chain post { type nat hook postrouting priority 100; }; }
          table netdev early { chain lo { type filter hook ingress device "lo" priority -5; policy accept; }; }

          """)
      let connection = try connect()
      Sandbox.expectEqual(
        try connection.tables(), [Table(.ipv4, "filter"), Table(.inet, "firewall"), Table(.netdev, "early")])
      Sandbox.expectEqual(try connection.tables(.inet), [Table(.inet, "firewall")])
      Sandbox.expectEqual(try connection.dormantTables(), [])
      let forward = Chain("FORWARD", type: .filter, hook: .forward, priority: 0, policy: .drop)
      let filter = Table(.ipv4, "filter")
      Sandbox.expectEqual(
        try connection.chains(),
        [
          InstalledChain(table: filter, chain: forward), InstalledChain(table: filter, chain: Chain("DOCKER")),
          InstalledChain(
            table: Table(.inet, "firewall"),
            chain: Chain("post", type: .nat, hook: .postrouting, priority: 100, policy: .accept)),
          InstalledChain(
            table: Table(.netdev, "early"),
            chain: Chain(
              "lo", type: .filter, hook: .deviceIngress, priority: -5, policy: .accept, device: "lo")),
        ])
      Sandbox.expectEqual(try connection.chain("FORWARD", in: filter), forward)
      Sandbox.expectEqual(try connection.chain("none", in: filter), nil)
      run("nft", "add", "table", "inet", "firewall", "{ flags dormant; }")
      Sandbox.expectEqual(try connection.dormantTables(), [Table(.inet, "firewall")])
      Sandbox.expectEqual(try connection.dormantTables(.ipv4), [])
      Sandbox.expectEqual(try connection.chain("FORWARD", in: Table(.inet, "filter")), nil)
    }
  }

  @Test func rulesOfOthers() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      run(
        "nft", "-f", "-",
        input: """
          table inet t {
            chain a { meta l4proto udp counter packets 3 bytes 180 drop comment "no udp"; jump b; }
            chain b { ct state invalid reject; }
          }

          """)
      let connection = try connect()
      let table = Table(.inet, "t")
      let rules = try connection.rules(of: table)
      Sandbox.expectEqual(rules.map(\.chain), ["a", "a", "b"])
      Sandbox.expectEqual(rules[0].comment, "no udp")
      Sandbox.expectEqual(rules[0].expressionNames, ["meta", "cmp", "counter", "immediate"])
      Sandbox.expectEqual(rules[0].verdict, .drop)
      Sandbox.expectEqual(rules[0].counter?.packets, 3)
      Sandbox.expectEqual(rules[0].counter?.bytes, 180)
      Sandbox.expectEqual(rules[1].verdict, .jump("b"))
      Sandbox.expectEqual(rules[1].comment, nil)
      Sandbox.expectEqual(rules[2].verdict, nil)
      Sandbox.expectEqual(try connection.rules(of: table, chain: "b"), [rules[2]])
      Sandbox.expectEqual(try connection.rules(of: Table(.bridge, "t")).isEmpty, true)
      var transaction = Transaction()
      transaction.delete(rule: rules[0].handle, from: "a", in: table)
      transaction.insert(rule: [.accept], comment: "first", into: "a", in: table)
      try transaction.commit(on: connection)
      Sandbox.expectEqual(try connection.rules(of: table, chain: "a").map(\.verdict), [.accept, .jump("b")])
    }
  }

  @Test func elementsOfOthers() async {
    await #expect(processExitsWith: .success) {
      Sandbox.enterNetwork()
      run(
        "nft", "-f", "-",
        input: """
          table bridge t {
            set ranges { type ipv4_addr; flags interval; elements = { 0.0.0.0/8, 10.0.0.0/24, 10.0.1.0-10.0.1.9, 10.0.1.10, 255.0.0.0/8 }; }
            set pairs { type ifname . ipv4_addr; flags interval; elements = { "vmi1" . 10.0.0.0/24, "vmi2" . 10.0.0.7 }; }
            map verdicts { type ifname : verdict; elements = { "vmi1" : jump c, "vmi2" : drop }; }
            chain c { }
          }

          """)
      let connection = try connect()
      let table = Table(.bridge, "t")
      func prefix(_ text: String) -> IPPrefix { try! IPPrefix(parsing: text) }
      let ranges = NamedSet("ranges", key: [.ipv4Address], flags: .interval)
      let pairs = NamedSet("pairs", key: [.interfaceName, .ipv4Address], flags: .interval)
      let verdicts = NamedSet("verdicts", key: [.interfaceName], content: .verdict)
      Sandbox.expectEqual(
        try connection.elements(of: ranges, in: table),
        [
          SetElement(in: prefix("0.0.0.0/8")), SetElement(in: prefix("10.0.0.0/24")),
          SetElement(
            from: SetKey(.ipv4(IPv4Address("10.0.1.0")!)), through: SetKey(.ipv4(IPv4Address("10.0.1.9")!))),
          SetElement(in: prefix("10.0.1.10/32")), SetElement(in: prefix("255.0.0.0/8")),
        ])
      let first = SetElement(.interface("vmi1"), in: prefix("10.0.0.0/24"))
      let second = SetElement(.interface("vmi2"), in: prefix("10.0.0.7/32"))
      Sandbox.expectEqual(try Swift.Set(connection.elements(of: pairs, in: table)), [first, second])
      Sandbox.expectEqual(try connection.element(first, of: pairs, in: table), first)
      Sandbox.expectEqual(
        try connection.element(SetElement(.interface("vmi3"), in: prefix("10.0.0.0/24")), of: pairs, in: table), nil)
      let jump = SetElement(SetKey(.interface("vmi1")), .verdict(.jump("c")))
      Sandbox.expectEqual(
        try Swift.Set(connection.elements(of: verdicts, in: table)),
        [
          jump, SetElement(SetKey(.interface("vmi2")), .verdict(.drop)),
        ])
      Sandbox.expectEqual(try connection.element(SetElement(.interface("vmi1")), of: verdicts, in: table), jump)
      Sandbox.expectEqual(try connection.element(SetElement(.interface("vmi9")), of: verdicts, in: table), nil)
      Sandbox.expectEqual(try connection.element(jump, of: NamedSet("none", key: [.interfaceName]), in: table), nil)
    }
  }
}
