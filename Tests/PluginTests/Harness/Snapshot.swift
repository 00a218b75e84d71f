import Glibc

/// What a verb may change: links, addresses, routes, rules, neighbours, forwarding entries and nf_tables of some
/// namespaces, and the store's rows.
///
/// What changes by itself (timers, neighbours that the kernel asked for) is left out, and what it lists by hash is sorted;
/// nothing else.
struct Snapshot: Equatable {
  var sections: [String: [String]] = [:]

  /// Everything about the node and its pods.
  init(of node: Node) throws {
    for namespace in [node.namespace] + node.pods.map(\.namespace) where access(namespace.path, F_OK) == 0 {
      try observe(namespace)
    }
    for instance in try node.instances() { try observe(instance) }
    let store = try Store(node)
    sections["store"] = try store.rows()
    sections["pins"] = try node.pins()
    sections["mounts"] = try node.mounts()
    // The file of a container that is attached comes and goes with its calls.
    let attached = try store.attachments()
    sections["locks"] = try node.locks().filter { lock in !attached.contains { lock.hasSuffix($0) } }
  }

  /// The kernel's part alone, of one namespace.
  init(of namespace: NetworkNamespace) throws { try observe(namespace) }

  private mutating func observe(_ namespace: NetworkNamespace) throws {
    // Without a family routes and neighbours are those of both, rules are IPv4's.
    let links = try namespace.steadyLinks(then: "rule show\nroute show table all\nneigh show\nnexthop show\n")
    let bridge = try Shell.run(["bridge", "-o", "-d", "-batch", "-"], input: "fdb show\nlink show\n", in: namespace)
      .lines
    // 02:…:01 dev vmi… master contrail0 static
    func isEntry(_ line: String) -> Bool { line.split(separator: " ").dropFirst().first == "dev" }
    let parts = [
      "links and routes": links, "rules of IPv6": try Shell.run(["ip", "-6", "rule", "show"], in: namespace).lines,
      "forwarding entries": bridge.filter(isEntry), "ports": bridge.filter { !isEntry($0) },
    ]
    for (title, lines) in parts {
      sections["\(namespace.name) \(title)"] = lines.compactMap(Self.normalised).sorted()
    }
    sections["\(namespace.name) nf_tables"] = try Shell.run(["nft", "list", "ruleset"], in: namespace).lines
      .compactMap(Self.normalised)
  }

  /// Neighbours that are asked for come and go; so do counters and life times. A carrier that the kernel has not yet told
  /// itself of is seen in the flags.
  private static func normalised(_ line: String) -> String? {
    // Elements that a set forgets by itself, in nf_tables.
    if line.hasPrefix("\t") && line.contains(" expires ") { return nil }
    var words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard let last = words.last(where: { !$0.isEmpty }) else { return nil }
    if ["FAILED", "INCOMPLETE", "REACHABLE", "STALE", "DELAY", "PROBE"].contains(last) { return nil }
    for key in ["packets", "bytes", "state", "expires", "valid_lft", "preferred_lft", "unbalanced_time"] {
      if let index = words.firstIndex(of: key[...]), index + 1 < words.count { words[index + 1] = "…" }
    }
    return words.joined(separator: " ")
  }

  /// The same with the elements of sets in one order: the kernel keeps that in which they came.
  var withoutOrder: Snapshot {
    var sorted = self
    for (title, lines) in sections where title.hasSuffix("nf_tables") {
      sorted.sections[title] = lines.map { line in
        String(line.reversed().drop { " },".contains($0) }.reversed())
      }.sorted()
    }
    return sorted
  }

  mutating func forgetForwardingEntries() {
    sections = sections.filter { !$0.key.hasSuffix("forwarding entries") }
  }

  /// What differs, one line each, for the failure's message.
  func difference(from before: Snapshot) -> String {
    var lines: [String] = []
    for title in Set(sections.keys).union(before.sections.keys).sorted() {
      let old = before.sections[title] ?? []
      let new = sections[title] ?? []
      lines += old.filter { !new.contains($0) }.map { "\(title): - \($0)" }
      lines += new.filter { !old.contains($0) }.map { "\(title): + \($0)" }
    }
    return lines.joined(separator: "\n")
  }
}

extension NetworkNamespace {
  /// Waits until the kernel has told itself of all carriers: it adds routes then, up to a second after the call that
  /// brought a link up.
  func settle() throws { try wait(forAddresses: false) }

  /// Waits for carriers, and until the kernel has found that nobody else has the addresses of IPv6.
  func settleAddresses() throws { try wait(forAddresses: true) }

  /// Links and addresses when they have settled, a line each, and what `ip` says to further commands.
  fileprivate func steadyLinks(then commands: String) throws -> [String] {
    try wait(forAddresses: true, then: commands)
  }

  @discardableResult
  private func wait(forAddresses: Bool, then commands: String = "") throws -> [String] {
    // A link shows as up a moment before its routes are made: a change, even of nothing, waits for who makes them.
    let input = "link show\nlink set dev lo nomaster\naddr show\n" + commands
    let deadline = Monotonic.now() + 60
    while true {
      let lines = try Shell.run(["ip", "-o", "-batch", "-"], input: input, in: self).lines
      let isSettled = !Self.hasUnsettledLink(lines)
      if isSettled && !(forAddresses && Self.hasTentativeAddress(lines)) { return lines }
      if Monotonic.now() > deadline {
        let text = lines.joined(separator: "\n")
        throw Failure(message: "\(isSettled ? "addresses" : "links") of \(path) have not settled:\n" + text)
      }
      Monotonic.sleep(0.02)
    }
  }

  private static func hasUnsettledLink(_ lines: [String]) -> Bool {
    let isRunning = lines.contains { $0.contains("master \(Node.bridge)") && $0.contains("LOWER_UP") }
    // Links that are no pair's, as bandwidth's, never know their carrier.
    return lines.contains { link in
      if link.contains("state UNKNOWN") && !link.contains("@") { return false }
      return (link.contains("LOWER_UP") && !link.contains("state UP") && !link.contains("LOOPBACK"))
        || (isRunning && link.contains(" \(Node.bridge): ") && link.contains(",UP") && link.contains("state DOWN"))
    }
  }

  /// On a link that has a carrier: without one the kernel asks nobody.
  private static func hasTentativeAddress(_ lines: [String]) -> Bool {
    // 7: eth0@if8: <BROADCAST,LOWER_UP> mtu …          7: eth0    inet6 fe80::1/64 scope link tentative …
    let running = lines.filter { $0.contains("LOWER_UP") }.compactMap { $0.split(separator: " ").first }
    return lines.contains { line in
      line.contains(" tentative") && line.split(separator: " ").first.map(running.contains) == true
    }
  }
}
