import Dataplane
import Glibc
import KernelSandbox
import Netlink
import NetlinkNetfilter
import NetworkAddresses
import Testing

// A pod sends what is its own and nothing else. Every frame that is dropped has a twin that differs in one point and
// passes, and passes itself where there is no filter.

private typealias Cases = SourceFilterCases

@Suite struct SourceFilterTests {
  @Test(arguments: SourceFilterCases.all.indices) func onlyWhatIsLegalPasses(group: Int) async {
    await #expect(processExitsWith: .success) { [group = group as Int] in
      var wire = try Cases.wire(filtered: true)
      for (name, frame, isLegal) in Cases.all[group] where wire.passes(frame) != isLegal {
        Issue.record("\(name) \(isLegal ? "is dropped" : "passes")")
      }
    }
  }

  @Test(arguments: SourceFilterCases.all.indices) func withoutFilterEverythingPasses(group: Int) async {
    await #expect(processExitsWith: .success) { [group = group as Int] in
      var wire = try Cases.wire(filtered: false)
      for (name, frame, _) in Cases.all[group] where !wire.passes(frame) { Issue.record("\(name) is dropped") }
    }
  }

  // Whatever MAC a frame is addressed to, it goes to the station of the address that it is for; without the filter it
  // keeps its destination.
  @Test func everythingGoesToItsStation() async {
    await #expect(processExitsWith: .success) {
      var wire = try Cases.wire(filtered: true)
      for (name, frame, station) in Cases.steering {
        let arrived = wire.arrival(of: frame).flatMap { MACAddress(bytes: $0.prefix(6)) }
        if arrived != station { Issue.record("\(name) goes to \(arrived?.description ?? "nobody")") }
      }
    }
  }

  // Whoever announces a pair's address last has it, unless several have it at once or it is somebody's own.
  @Test func announcementsMoveAddresses() async {
    await #expect(processExitsWith: .success) {
      var wire = try Cases.wire(filtered: true)
      wire.forgetSender()
      for (name, announcements, frame, station) in Cases.announced {
        let arrived = wire.station(of: frame, after: announcements)
        if arrived != station { Issue.record("\(name) goes to \(arrived?.description ?? "nobody")") }
      }
    }
  }

  // Frames to the bridge's own group addresses (01:80:c2:00:00:00…0f) reach no pod. Most pass prerouting by; the
  // bridge would learn their source, and draw another pod's traffic to the port that sent them. The rule in input
  // prevents that for all but LLDP's (…0e), which passes no hook: the bridge must be told not to learn from it.
  @Test(arguments: [true, false]) func controlFrames(isFiltered: Bool) async {
    await #expect(processExitsWith: .success) { [isFiltered = isFiltered as Bool] in
      var wire = try Cases.wire(filtered: isFiltered)
      for last in UInt64(0)..<16 {
        let group = MACAddress(rawValue: 0x0180_c200_0000 + last)
        let source = MACAddress(rawValue: 0x0200_0000_aa00 + last)
        let frame = Frame.ethernet(source, to: group, 0x88cc, [UInt8](repeating: 0, count: 46))
        // Without the spanning tree protocol the bridge forwards its frames; pause frames (01) it drops itself.
        Sandbox.expectEqual(wire.passes(frame), last == 0 && !isFiltered)
        let isLearnt = Sandbox.run("bridge", "fdb", "show", "br", "br0").contains(source.description)
        Sandbox.expectEqual(isLearnt, isFiltered ? last == 14 : last != 1)
      }
      Sandbox.run("ip", "link", "set", "br0", "type", "bridge", "no_linklocal_learn", "1")
      let source = MACAddress(rawValue: 0x0200_0000_bb00)
      wire.put(
        Frame.ethernet(source, to: MACAddress(rawValue: 0x0180_c200_000e), 0x88cc, [UInt8](repeating: 0, count: 46)))
      Sandbox.expectEqual(Sandbox.run("bridge", "fdb", "show", "br", "br0").contains(source.description), false)
    }
  }

  // Interfaces of others on the same node, even on the same bridge, are none of the filter's business.
  @Test func otherPortsAreLeftAlone() async {
    await #expect(processExitsWith: .success) {
      var wire = try Cases.wire(filtered: true)
      Sandbox.run("ip", "link", "set", "vmi1", "down")
      Sandbox.run("ip", "link", "set", "vmi1", "name", "eth9")
      Sandbox.run("ip", "link", "set", "eth9", "up")
      wire.settle()
      for (name, frame, _) in Cases.all.joined() where wire.arrival(of: frame)?.prefix(12) != frame.prefix(12) {
        Issue.record("\(name) is dropped or changed")
      }
    }
  }

  // Pods that share no segment have no link-local neighbour but their gateway; those that share one do. What goes to the
  // gateway's MAC is for the node to judge.
  @Test func linkLocalBeyondTheGateway() async {
    await #expect(processExitsWith: .success) {
      var wire = try Cases.wire(filtered: false)
      let metadata = IPv4Address("169.254.169.254")!
      let toGateway = Frame.ethernet(
        Cases.mac, to: MACAddress("00:00:5e:00:01:00")!, 0x0800,
        Frame.ipv4(Cases.ip, to: metadata, 17, Frame.udp(1, to: 2)))
      for delivery in [Delivery.told, .flooded] {
        try Cases.installFilter(chains: SourceFilter.chains(delivery))
        let isShared = delivery == .flooded
        Sandbox.expectEqual(wire.passes(Cases.ipv4(to: metadata)), isShared)
        Sandbox.expectEqual(wire.passes(Cases.ipv6(to: .linkLocal(from: Cases.otherMAC))), isShared)
        // But for the answer to who asked for a neighbour from there.
        let asker = IPv6Address.linkLocal(from: Cases.otherMAC)
        let answer = Cases.neighbor(136, Cases.global, target: Cases.global, to: asker)
        Sandbox.expectEqual(wire.passes(answer), true)
        Sandbox.expectEqual(
          wire.passes(Cases.ipv6(Cases.global, mac: Cases.mac, 58, [128, 0, 0, 0, 0, 0, 0, 0], to: asker)), isShared)
        Sandbox.expectEqual(wire.passes(Cases.ipv6(to: IPv6Address("fe80::1")!)), true)
        Sandbox.expectEqual(wire.passes(Cases.ipv4()), true)
        Sandbox.expectEqual(wire.passes(Cases.ipv6()), true)
        Sandbox.expectEqual(wire.passes(toGateway), true)
      }
    }
  }

  // The kernel keeps a VLAN tag beside the frame: only loading the type from the link header brings it back.
  @Test func whereATagIsSeen() async {
    await #expect(processExitsWith: .success) {
      var wire = try Cases.wire(filtered: false)
      let table = Table(.bridge, "t")
      var transaction = Transaction()
      transaction.add(table)
      transaction.add(Chain("c", type: .filter, hook: .prerouting, priority: 0), to: table)
      transaction.add(rule: [.match(.etherType, is: 0x8100), .counter], to: "c", in: table)
      transaction.add(rule: [.match(.frameProtocol, is: 0x8100), .counter], to: "c", in: table)
      try transaction.commit(on: Connection(opening: .netfilter))
      Sandbox.expectEqual(wire.passes(Frame.tagged(Cases.ipv4(), 0)), true)
      Sandbox.expectEqual(try Connection(opening: .netfilter).rules(of: table).map { $0.counter?.packets }, [1, 0])
    }
  }

  // Each rule and each branch decides about some frame: without it, one that is legal is dropped, another passes, or one
  // goes astray.
  @Test func everyRuleMatters() async {
    await #expect(processExitsWith: .success) {
      var wire = try Cases.wire(filtered: false)
      wire.forgetSender()
      func hasNoEffect(_ chains: [SourceFilter.RuleChain], _ branches: [SourceFilter.Branch]) throws -> Bool {
        try Cases.installFilter(chains: chains, branches: branches)
        return Cases.all.joined().allSatisfy { wire.passes($0.1) == $0.2 }
          && Cases.steering.allSatisfy { wire.arrival(of: $0.1)?.prefix(6).elementsEqual($0.2.bytes) == true }
          && Cases.announced.allSatisfy { wire.station(of: $0.2, after: $0.1) == $0.3 }
      }
      Sandbox.expectEqual(try hasNoEffect(SourceFilter.chains(.flooded), SourceFilter.branches), true)
      for (index, chain) in SourceFilter.chains(.flooded).enumerated() where chain.chain.name != "input" {
        // What is bounded by number has its own test, `NeighborLimitTests`.
        for number in chain.rules.indices where chain.rules[number].reason != SourceFilter.tooManyAsked {
          var chains = SourceFilter.chains(.flooded)
          chains[index].rules.remove(at: number)
          if try hasNoEffect(chains, SourceFilter.branches) { Issue.record("\(chain.chain.name) rule \(number)") }
        }
      }
      for (index, branch) in SourceFilter.branches.enumerated() {
        for number in branch.elements.indices {
          var branches = SourceFilter.branches
          branches[index].elements.remove(at: number)
          if try hasNoEffect(SourceFilter.chains(.flooded), branches) {
            Issue.record("\(branch.map.name) \(branch.elements[number].key.bytes)")
          }
        }
      }
    }
  }
}
