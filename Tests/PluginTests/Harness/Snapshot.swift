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
    sections["store"] = try Store(node).rows()
    sections["pins"] = try node.pins()
    sections["mounts"] = try node.mounts()
    // The file of a container that is attached comes and goes with its calls.
    let attached = try Store(node).attachments()
    sections["locks"] = try node.locks().filter { lock in !attached.contains { lock.hasSuffix($0) } }
  }

  /// The kernel's part alone, of one namespace.
  init(of namespace: NetworkNamespace) throws { try observe(namespace) }

  private mutating func observe(_ namespace: NetworkNamespace) throws {
    try namespace.settleAddresses()
    let commands = [
      "links": (["ip", "-batch", "-"], "link show\naddr show\n"),
      "ipv4": (["ip", "-4", "-batch", "-"], "rule show\nroute show table all\nneigh show\n"),
      "ipv6": (["ip", "-6", "-batch", "-"], "rule show\nroute show table all\nneigh show\n"),
      "next hops": (["ip", "nexthop", "show"], ""),
      "forwarding entries": (["bridge", "fdb", "show"], ""),
      "ports": (["bridge", "-d", "link", "show"], ""),
      "nf_tables": (["nft", "list", "ruleset"], ""),
    ]
    for (title, (command, input)) in commands {
      let lines = try Shell.run(command, input: input, in: namespace).lines.compactMap(Self.normalised)
      sections["\(namespace.name) \(title)"] = title == "nf_tables" || title == "links" ? lines : lines.sorted()
    }
  }

  /// Neighbours that are asked for come and go; so do counters and life times. A carrier that the kernel has not yet told
  /// itself of is seen in the flags.
  private static func normalised(_ line: String) -> String? {
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
  /// Waits for carriers, and until the kernel has found that nobody else has the addresses of IPv6.
  func settleAddresses() throws {
    try settle()
    let deadline = Monotonic.now() + 20
    while try hasTentativeAddress() {
      if Monotonic.now() > deadline { throw Failure(message: "addresses of \(path) are still tentative") }
      Monotonic.sleep(0.05)
    }
  }

  /// On a link that has a carrier: without one the kernel asks nobody.
  private func hasTentativeAddress() throws -> Bool {
    var hasCarrier = false
    return try Shell.run(["ip", "-6", "addr", "show"], in: self).lines.contains { line in
      if !line.hasPrefix(" ") { hasCarrier = line.contains("LOWER_UP") }
      return hasCarrier && line.contains(" tentative")
    }
  }

  /// Waits until the kernel has told itself of all carriers: it adds routes then, up to a second after the call that
  /// brought a link up.
  func settle() throws {
    let deadline = Monotonic.now() + 20
    repeat {
      let links = try Shell.run(["ip", "-o", "link", "show"], in: self).lines
      let isRunning = links.contains { $0.contains("master \(Node.bridge)") && $0.contains("LOWER_UP") }
      // Links that are no pair's, as bandwidth's, never know their carrier.
      let unsettled = links.contains { link in
        if link.contains("state UNKNOWN") && !link.contains("@") { return false }
        return (link.contains("LOWER_UP") && !link.contains("state UP") && !link.contains("LOOPBACK"))
          || (isRunning && link.contains(" \(Node.bridge): ") && link.contains(",UP") && link.contains("state DOWN"))
      }
      if !unsettled { return try waitForNotifications(links) }
      Monotonic.sleep(0.02)
    } while Monotonic.now() < deadline
    throw Failure(message: "links of \(path) have not settled:\n" + (try Shell.run(["ip", "link", "show"], in: self)))
  }

  /// A link shows as up a moment before its routes are made: a change, even of nothing, waits for who makes them.
  private func waitForNotifications(_ links: [String]) throws {
    guard let link = links.first(where: { $0.contains(",UP") && $0.contains("state UP") }) else { return }
    let name = link.split(separator: " ")[1].split { ":@".contains($0) }[0]
    try Shell.run(["ip", "link", "set", "dev", String(name), "up"], in: self)
  }
}
