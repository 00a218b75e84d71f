extension NodeKernel {
  /// Looks at everything that a packet needs from a pod to an address, and its answer back, in the order in which they
  /// meet it, up to the first thing that keeps them from going on.
  ///
  /// Nothing is sent, and nothing is changed: where a packet would go is asked of the kernel's own look-ups, and the rules
  /// of nf_tables that it meets are read and carried out here.
  package func trace(_ request: TraceRequest, _ map: TraceMap) throws(DataplaneError) -> TraceResult {
    var chooser = Chooser()
    var results: [TraceResult] = []
    let rulesets = TracedRulesets()
    var doubts: Set<Doubt> = []
    repeat {
      var walk = Walk(request, map, node, rulesets, chooser)
      try walk.run()
      chooser = walk.chooser
      doubts.formUnion(walk.doubts)
      results.append(walk.result)
    } while results.count < 64 && chooser.advance()
    return judged(results, doubts)
  }

  /// What is true of all that may happen.
  private func judged(_ results: [TraceResult], _ doubts: Set<Doubt>) -> TraceResult {
    let failing = results.first { $0.fault != nil }
    guard var result = failing ?? results.first else { return TraceResult() }
    guard failing != nil, results.contains(where: { $0.fault == nil }) else { return result }
    let foreign = doubts.filter { !$0.isChance }
    result.deciders = foreign.map { "\($0.chain) (\($0.question))" }.sorted()
    result.isChance = foreign.isEmpty
    return result
  }
}

/// The rules of all namespaces on the way, each read once.
final class TracedRulesets {
  private var known: [ObjectIdentifier: InstalledRuleset] = [:]

  func ruleset(of kernel: KernelNamespace) throws(DataplaneError) -> InstalledRuleset {
    if let found = known[ObjectIdentifier(kernel)] { return found }
    let ruleset = try InstalledRuleset(kernel)
    known[ObjectIdentifier(kernel)] = ruleset
    return ruleset
  }
}
