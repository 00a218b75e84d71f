internal import LinuxSystem
internal import NetlinkNetfilter
internal import NetlinkRoute
internal import NetworkAddresses

// The rules that a packet meets, and what a namespace remembers of its connection.

extension Walk {
  /// The packet comes into a namespace, or is made there.
  mutating func enter(_ kernel: KernelNamespace) {
    packet.mark = 0
    entering = packet.tuple
    tracked = connections[ObjectIdentifier(kernel)]?.first { $0.translated.reversed == packet.tuple }
    packet.status = tracked?.status ?? []
    packet.connectionMark = tracked?.mark ?? 0
    if !packet.isAnswer {
      packet.state = .new
    } else if tracked != nil {
      packet.state = .established
    } else {
      // To whoever has not seen the question, an answer belongs to no connection; a datagram begins one.
      if case .udp = packet.flow { packet.state = .new } else { packet.state = .invalid }
    }
  }

  /// The packet leaves a namespace, or is taken in there.
  mutating func remember(in kernel: KernelNamespace) {
    if packet.isAnswer { return }
    connections[ObjectIdentifier(kernel), default: []].append(
      TrackedConnection(
        original: entering, translated: packet.tuple, status: packet.status, mark: packet.connectionMark))
  }

  /// The chains of a hook, in whose midst an answer gets back what was translated.
  ///
  /// - Returns: whether the packet goes on.
  mutating func meet(
    _ hook: Hook, in kernel: KernelNamespace, _ place: TraceStep.Place, input: Link? = nil, output: Link? = nil
  ) throws(DataplaneError) -> Bool {
    let families: [TableFamily] = [.inet, packet.family == .v4 ? .ipv4 : .ipv6]
    let ruleset = try rulesets.ruleset(of: kernel)
    for table in ruleset.legacyTables where !result.unreadTables.contains("\(table) (\(place))") {
      result.unreadTables.append("\(table) (\(place))")
    }
    let chains = ruleset.chains(at: hook, families)
    let site = RuleMachine.Site(namespace: kernel, hook: hook, input: input, output: output)
    let turn: Int32? =
      switch hook {
      case .prerouting, .output: -100
      case .postrouting, .input: 100
      default: nil
      }
    guard let turn, let tracked, packet.isAnswer else { return try meet(chains, at: site, place) }
    guard try meet(chains.filter { $0.base.priority < turn }, at: site, place) else { return false }
    let back = tracked.original.reversed
    if hook == .prerouting || hook == .output {
      (packet.tuple.destination, packet.tuple.destinationPort) = (back.destination, back.destinationPort)
    } else {
      (packet.tuple.source, packet.tuple.sourcePort) = (back.source, back.sourcePort)
    }
    return try meet(chains.filter { $0.base.priority >= turn }, at: site, place)
  }

  /// The chains of a bridge, or of a device.
  mutating func meetFrame(
    _ hook: Hook, _ family: TableFamily, in kernel: KernelNamespace, _ place: TraceStep.Place, input: Link? = nil,
    output: Link? = nil
  ) throws(DataplaneError) -> Bool {
    let device = family == .netdev ? (hook == .deviceIngress ? input : output)?.name : nil
    let chains = try rulesets.ruleset(of: kernel).chains(at: hook, [family], device: device)
    return try meet(
      chains, at: RuleMachine.Site(namespace: kernel, hook: hook, input: input, output: output), place)
  }

  private mutating func meet(
    _ chains: [(chain: ChainReference, base: BaseChain)], at site: RuleMachine.Site, _ place: TraceStep.Place
  ) throws(DataplaneError) -> Bool {
    guard let first = chains.first else { return true }
    let ruleset = try rulesets.ruleset(of: site.namespace)
    var outcomes: [HookOutcome] = []
    var doubts: Set<Doubt> = []
    var local = Chooser()
    var runs = 0
    repeat {
      var machine = RuleMachine(ruleset, at: site, packet, in: first.chain)
      machine.chooser = local
      let outcome = try machine.run(chains)
      local = machine.chooser
      if !outcomes.contains(outcome) { outcomes.append(outcome) }
      doubts.formUnion(machine.doubts)
      for chain in machine.askedPorts where !chain.isOurs && !result.askedPorts.contains("\(chain)") {
        result.askedPorts.append("\(chain)")
      }
      runs += 1
    } while runs < 512 && local.advance()
    if outcomes.count > 1 { self.doubts.formUnion(doubts) }
    return take(outcomes.count == 1 ? outcomes[0] : outcomes[chooser.choose(outcomes.count)], chains, site, place)
  }

  private mutating func take(
    _ outcome: HookOutcome, _ chains: [(chain: ChainReference, base: BaseChain)], _ site: RuleMachine.Site,
    _ place: TraceStep.Place
  ) -> Bool {
    switch outcome {
    case .passed(let changed, let translator):
      for (chain, base) in chains where !chain.isOurs && base.type != .nat {
        pass(place, .chain, "chain \(chain)", "lets it pass")
      }
      if let translator {
        let part = packet.tuple.destination != changed.tuple.destination ? "destination" : "source"
        let (before, after) = part == "source" ? (packet.source, changed.source) : (packet.target, changed.target)
        if before != after { pass(place, .translation, "\(part) \(before)", "becomes \(after) by chain \(translator)") }
      }
      packet = changed
      return true
    case .dropped(let chain):
      if chain.table == UplinkRules.nodeTable,
        let uplink = [site.output, site.input].compactMap(\.self).first(where: {
          link in UplinkNames.prefixes.contains { link.name.hasPrefix($0) }
        })
      {
        stop(.refused, place, .uplink, "uplink \(uplink.name)", "\(uplink.uplinkUse); chain \(chain) drops others")
      } else if chain.table == SourceFilter.table {
        stop(.refused, place, .sourceFilter, "chain \(chain)", "it drops the frame")
      } else {
        stop(
          .refused, place, .chain, "chain \(chain)", chain.isOurs ? "it drops the packet" : "a foreign rule drops it",
          mend: chain.isOurs ? nil : site.namespace.command("nft insert rule \(chain) \(packet.match) accept"))
      }
      return false
    }
  }

  /// Frames that stay on a bridge meet the rules for packets too, if the kernel is told so.
  mutating func meetBridged(_ bridge: Link, in kernel: KernelNamespace, _ place: TraceStep.Place) throws(DataplaneError)
    -> Bool
  {
    let name = packet.family == .v4 ? "net/bridge/bridge-nf-call-iptables" : "net/bridge/bridge-nf-call-ip6tables"
    let isCalled = try kernel.inside("read \(name)") { () throws(Errno) in
      do throws(Errno) { return try Sysctl(name).read() == [UInt8(ascii: "1")] } catch {
        if error == .noSuchFile { return false }
        throw error
      }
    }
    if !isCalled { return true }
    enter(kernel)
    guard try meet(.prerouting, in: kernel, place, input: bridge),
      try meet(.forward, in: kernel, place, input: bridge, output: bridge),
      try meet(.postrouting, in: kernel, place, output: bridge)
    else { return false }
    remember(in: kernel)
    return true
  }
}

extension TracedPacket {
  /// How `nft` tells it from others.
  fileprivate var match: String {
    let name = family == .v4 ? "ip" : "ip6"
    return "\(name) saddr \(tuple.source) \(name) daddr \(tuple.destination)"
  }

  fileprivate var source: String { Self.text(tuple.source, tuple.sourcePort, flow) }
  fileprivate var target: String { Self.text(tuple.destination, tuple.destinationPort, flow) }

  private static func text(_ address: IPAddress, _ port: UInt16, _ flow: TraceFlow) -> String {
    if flow == .echo { return "\(address)" }
    return address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }
}

extension Link {
  /// What the node lets pass by an uplink.
  fileprivate var uplinkUse: String {
    if name.hasPrefix(UplinkNames.servicesPrefix) { return "it carries packets for services only" }
    if name.hasPrefix(UplinkNames.answersPrefix) { return "it carries answers only" }
    if name.hasPrefix(UplinkNames.translatedPrefix) { return "it carries packets to the outside and for services" }
    return "it carries packets to and from the outside"
  }
}
