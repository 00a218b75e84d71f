import CLinux
import Glibc
import Netlink
import NetlinkNetfilter
import NetworkAddresses
import Testing

// A pod sends what is its own and nothing else. Every frame that is dropped has a twin that differs in one point and
// passes, and passes itself where there is no filter.

private func prepared(filtered: Bool) throws -> Wire {
  enterNewNetworkNamespace()
  let wire = Wire()
  if filtered {
    var transaction = Transaction()
    SourceFilter.install(&transaction)
    bindSourceFilterCases(&transaction)
    try transaction.commit(on: connect())
  }
  return wire
}

@Suite struct SourceFilterTests {
  @Test(arguments: sourceFilterCases.indices) func onlyWhatIsLegalPasses(group: Int) async {
    await #expect(processExitsWith: .success) { [group = group as Int] in
      var wire = try prepared(filtered: true)
      for (name, frame, isLegal) in sourceFilterCases[group] where wire.passes(frame) != isLegal {
        Issue.record("\(name) \(isLegal ? "is dropped" : "passes")")
      }
    }
  }

  @Test(arguments: sourceFilterCases.indices) func withoutFilterEverythingPasses(group: Int) async {
    await #expect(processExitsWith: .success) { [group = group as Int] in
      var wire = try prepared(filtered: false)
      for (name, frame, _) in sourceFilterCases[group] where !wire.passes(frame) { Issue.record("\(name) is dropped") }
    }
  }

  // Frames to the bridge's own group addresses (01:80:c2:00:00:00…0f) reach no pod. Most pass prerouting by; the
  // bridge would learn their source, and draw another pod's traffic to the port that sent them. The rule in input
  // prevents that for all but LLDP's (…0e), which passes no hook: the bridge must be told not to learn from it.
  @Test(arguments: [true, false]) func controlFrames(isFiltered: Bool) async {
    await #expect(processExitsWith: .success) { [isFiltered = isFiltered as Bool] in
      var wire = try prepared(filtered: isFiltered)
      for last in UInt64(0)..<16 {
        let group = MACAddress(rawValue: 0x0180_c200_0000 + last)
        let source = MACAddress(rawValue: 0x0200_0000_aa00 + last)
        let frame = Frame.ethernet(source, to: group, 0x88cc, [UInt8](repeating: 0, count: 46))
        // Without the spanning tree protocol the bridge forwards its frames; pause frames (01) it drops itself.
        expectEqual(wire.passes(frame), last == 0 && !isFiltered)
        let isLearnt = run("bridge", "fdb", "show", "br", "br0").contains(source.description)
        expectEqual(isLearnt, isFiltered ? last == 14 : last != 1)
      }
      run("ip", "link", "set", "br0", "type", "bridge", "no_linklocal_learn", "1")
      let source = MACAddress(rawValue: 0x0200_0000_bb00)
      wire.put(
        Frame.ethernet(source, to: MACAddress(rawValue: 0x0180_c200_000e), 0x88cc, [UInt8](repeating: 0, count: 46)))
      expectEqual(run("bridge", "fdb", "show", "br", "br0").contains(source.description), false)
    }
  }

  // Interfaces of others on the same node, even on the same bridge, are none of the filter's business.
  @Test func otherPortsAreLeftAlone() async {
    await #expect(processExitsWith: .success) {
      var wire = try prepared(filtered: true)
      run("ip", "link", "set", "vmi1", "down")
      run("ip", "link", "set", "vmi1", "name", "eth9")
      run("ip", "link", "set", "eth9", "up")
      wire.settle()
      for (name, frame, _) in sourceFilterCases.joined() where !wire.passes(frame) {
        Issue.record("\(name) is dropped")
      }
    }
  }

  // The kernel keeps a VLAN tag beside the frame: only loading the type from the link header brings it back.
  @Test func whereATagIsSeen() async {
    await #expect(processExitsWith: .success) {
      var wire = try prepared(filtered: false)
      let table = Table(.bridge, "t")
      var transaction = Transaction()
      transaction.add(table)
      transaction.add(Chain("c", type: .filter, hook: .prerouting, priority: 0), to: table)
      transaction.add(rule: [.match(.etherType, is: 0x8100), .counter], to: "c", in: table)
      transaction.add(rule: [.match(.frameProtocol, is: 0x8100), .counter], to: "c", in: table)
      try transaction.commit(on: connect())
      expectEqual(wire.passes(Frame.tagged(legalFrame, 0)), true)
      expectEqual(try connect().rules(of: table).map { $0.counter?.packets }, [1, 0])
    }
  }

  // Each rule and each branch decides about some frame: without it, one that is legal is dropped or another passes.
  @Test func everyRuleMatters() async {
    await #expect(processExitsWith: .success) {
      var wire = try prepared(filtered: false)
      let connection = try connect()
      func hasNoEffect(
        _ chains: [(Chain, [SourceFilter.Rule])], _ branches: [(NamedSet, [(KeyField, Verdict)])]
      ) throws -> Bool {
        var transaction = Transaction()
        transaction.delete(SourceFilter.table, ifMissing: .ignore)
        SourceFilter.install(&transaction, chains, branches)
        bindSourceFilterCases(&transaction)
        try transaction.commit(on: connection)
        return sourceFilterCases.joined().allSatisfy { wire.passes($0.1) == $0.2 }
      }
      for (index, (chain, rules)) in SourceFilter.chains.enumerated() where chain.name != "input" {
        for number in rules.indices {
          var chains = SourceFilter.chains
          chains[index].1.remove(at: number)
          if try hasNoEffect(chains, SourceFilter.branches) { Issue.record("\(chain.name) rule \(number)") }
        }
      }
      for (index, (set, elements)) in SourceFilter.branches.enumerated() {
        for number in elements.indices {
          var branches = SourceFilter.branches
          branches[index].1.remove(at: number)
          if try hasNoEffect(SourceFilter.chains, branches) {
            Issue.record("\(set.name) \(elements[number].0.bytes)")
          }
        }
      }
    }
  }
}
