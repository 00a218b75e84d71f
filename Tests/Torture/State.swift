import Glibc
import NodeHarness
import SQLite

/// All that a call may leave behind, by content: the kernel of every namespace, the pins and the mounts, the files, and
/// the rows of the attachments and networks.
struct State: Equatable {
  private var lines: [String] = []

  init(of site: Site) throws {
    let pins = try fileNames(in: "\(site.runDirectory)/netns")
    var places: [(name: String, namespace: NetworkNamespace?)] = [("node", nil)]
    places += site.pods.enumerated().map { ("pod \($0.offset)", $0.element.namespace) }
    let mounts = try readFile("/proc/self/mountinfo").lines.compactMap { line in
      let fields = line.split(separator: " ")
      return fields.count > 4 && fields[4].hasPrefix(site.runDirectory) ? String(fields[4]) : nil
    }
    // A killed call may leave a file that nothing is mounted on.
    places += pins.map { NetworkNamespace(name: $0, path: "\(site.runDirectory)/netns/\($0)") }
      .filter { mounts.contains($0.path) }.map { ($0.name, $0) }
    for start in stride(from: 0, to: places.count, by: 16) {
      let group = places[start..<min(start + 16, places.count)]
      let children = try group.map { try look(into: $0.namespace) }
      for (place, child) in zip(group, children) {
        let outcome = child.finish()
        guard outcome.succeeded else { throw Violation("cannot look into \(place.name): \(outcome)") }
        lines += outcome.standardOutput.lines.compactMap(settled).map { "\(place.name): \($0)" }
      }
    }
    lines += pins.map { "pin: \($0)" }
    lines += mounts.map { "mount: \($0)" }
    lines += try Shell.run(["find", site.runDirectory, site.stateDirectory, "-not", "-name", "*-journal"]).lines
      .map { "file: \($0)" }
    lines += try rows("\(site.runDirectory)/attachments.db", besides: ["event", "tally", "epoch"])
      .map(Self.withoutIdentityOfTransit)
    lines += try rows("\(site.stateDirectory)/objects.db", besides: ["object", "number", "free_number"])
  }

  /// It goes when nobody is connected any more, and comes anew.
  private static func withoutIdentityOfTransit(_ row: String) -> String {
    guard row.hasPrefix("instance: name='transit'") else { return row }
    return row.split(separator: " ").filter { !$0.hasPrefix("inode=") && !$0.hasPrefix("cookie=") }
      .joined(separator: " ")
  }

  /// Namespaces, pins and mounts alone: the store says when pods came, and locks come and go with calls.
  var kernel: State {
    var state = self
    state.lines.removeAll { line in
      !["node: ", "pin: ", "mount: ", "pod ", "lab.", "tenant.", "transit: "].contains { line.hasPrefix($0) }
    }
    return state
  }

  /// What differs, one line each; empty when nothing does.
  func difference(from before: State) -> String {
    let all =
      Self.surplus(before.lines, lines).map { "- \($0)" } + Self.surplus(lines, before.lines).map { "+ \($0)" }
    return (all.count > 60 ? all[..<60] + ["… and \(all.count - 60) more"] : all[...]).joined(separator: "\n")
  }

  /// What is in the first list more often than in the second.
  private static func surplus(_ lines: [String], _ others: [String]) -> [String] {
    var counts: [String: Int] = [:]
    for line in others { counts[line, default: 0] += 1 }
    return lines.filter { line in
      counts[line, default: 0] -= 1
      return counts[line]! < 0
    }
  }
}

private func look(into namespace: NetworkNamespace?) throws -> Child {
  let script = """
    ip -o -batch - <<E
    link show
    addr show
    E
    ip -4 -o -batch - <<E
    rule show
    route show table all
    neigh show
    E
    ip -6 -o -batch - <<E
    rule show
    route show table all
    neigh show
    E
    ip nexthop show
    bridge fdb show
    bridge -o -d link show
    nft list ruleset
    """
  return try Child(["/bin/sh", "-ec", script], environment: Shell.environment, in: namespace)
}

/// Without what changes by itself: carriers, neighbours that are asked for, counters, life times, and the kernel's numbers of
/// other namespaces.
private func settled(_ line: String) -> String? {
  // Elements that a set forgets by itself, in nf_tables.
  if line.hasPrefix("\t") && line.contains(" expires ") { return nil }
  var words = line.split(separator: " ").filter { $0 != "linkdown" }
  guard let last = words.last else { return nil }
  if ["FAILED", "INCOMPLETE", "REACHABLE", "STALE", "DELAY", "PROBE"].contains(last) { return nil }
  for key in ["state", "link-netnsid", "packets", "bytes", "expires", "valid_lft", "preferred_lft"] {
    if let index = words.firstIndex(of: key[...]), index + 1 < words.count { words.removeSubrange(index...index + 1) }
  }
  return words.map { word in
    guard word.hasPrefix("<") else { return String(word) }
    let flags = word.dropFirst().dropLast().split(separator: ",")
    return "<" + flags.filter { !["LOWER_UP", "NO-CARRIER"].contains($0) }.joined(separator: ",") + ">"
  }.joined(separator: " ")
}

/// Every row of every table, read from a copy: whoever opened the original would finish what a killed process left.
///
/// Where a pool goes on looking is no row of somebody's.
private func rows(_ path: String, besides ignored: [String]) throws -> [String] {
  guard access(path, F_OK) == 0 else { return [] }
  let copy = "/run/torture/copy"
  try Shell.run(["sh", "-c", "rm -f \(copy)*; cp \(path) \(copy); cp \(path)-journal \(copy)-journal || true"])
  let connection = try Connection(path: copy, .readWrite)
  func texts(_ query: String) throws -> [String] {
    let statement = try connection.prepare(query)
    var texts: [String] = []
    while try statement.step() { texts.append(statement.text(0)) }
    return texts
  }
  return try texts("SELECT name FROM sqlite_master WHERE type = 'table'").filter { !ignored.contains($0) }.sorted()
    .flatMap { table in
      let columns = try texts("SELECT name FROM pragma_table_info('\(table)') WHERE name <> 'cursor'")
        .filter { table != "pool" || $0 != "id" }
      let text = columns.map { column in
        // Pools have the numbers in which they were first used.
        let value = column == "pool" ? "(SELECT name FROM pool WHERE pool.id = \(table).pool)" : column
        return "'\(column)=' || quote(\(value))"
      }.joined(separator: " || ' ' || ")
      return try texts("SELECT \(text) FROM \(table) ORDER BY 1").map { "\(table): \($0)" }
    }
}

func fileNames(in directory: String) throws -> [String] {
  access(directory, F_OK) == 0 ? try Shell.run(["ls", directory]).lines.sorted() : []
}
