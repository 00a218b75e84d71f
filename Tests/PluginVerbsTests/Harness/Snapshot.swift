import Glibc
import LinuxSystem
import NodeHarness
import SQLite

/// What a verb may change: links, addresses, routes, rules, neighbours, forwarding entries and nf_tables of the node and
/// its pods, the store's rows (but for events and the place where the next address is looked for), the run directory's
/// files.
struct Snapshot: Equatable {
  private(set) var lines: [String] = []

  init(_ node: TestNode) throws {
    lines = try Self.kernel(of: node)
    lines += try storedRows(node.runDirectory + "/attachments.db").map { "store: \($0)" }
    for directory in ["", "/locks", "/netns"].map({ node.runDirectory + $0 }) {
      lines += try entries(of: directory).filter { !$0.contains("-journal") }.map { "file: \(directory)/\($0)" }
    }
  }

  /// Without store and files.
  static func kernel(of node: TestNode) throws -> [String] {
    var lines = observe("node")
    lines += run("bridge", "fdb", "show").lines.compactMap(settled).map { "node fdb: \($0)" }
    lines += run("bridge", "-d", "link", "show").lines.compactMap(settled).map { "node port: \($0)" }
    lines += run("nft", "list", "ruleset").lines.compactMap(uncounted).map { "node nft: \($0)" }
    for pin in try visibleEntries(of: node.runDirectory + "/netns") {
      let path = node.runDirectory + "/netns/" + pin
      let namespace = open(path, O_RDONLY | O_CLOEXEC)
      defer { close(namespace) }
      lines += try inside(namespace) {
        observe(pin) + run("bridge", "fdb", "show").lines.compactMap(settled).map { "\(pin) fdb: \($0)" }
          + run("nft", "list", "ruleset").lines.compactMap(uncounted).map { "\(pin) nft: \($0)" }
      }
    }
    for pod in node.pods { lines += try inside(pod.namespace) { observe("pod \(pod.name)") } }
    // The kernel lists by hash, in tables that grow; only the order of rules means something.
    return lines.filter { !$0.contains(" nft: ") }.sorted() + lines.filter { $0.contains(" nft: ") }
  }

  private static func observe(_ place: String) -> [String] {
    // Rules and routes are IPv4's where no family is said.
    let commands = "link show\naddr show\nneigh show\nrule show\nroute show table all\n"
    return run("ip", "-o", "-batch", "-", input: commands).lines.compactMap(settled).map { "\(place): \($0)" }
      + run("ip", "-6", "-batch", "-", input: "rule show\nroute show table all\n").lines.compactMap(settled)
      .map { "\(place) IPv6: \($0)" }
  }

  func without(_ text: String?) -> Snapshot {
    guard let text else { return self }
    var rest = self
    rest.lines.removeAll { $0.contains(text) }
    return rest
  }

  /// What differs, one line each, or the first place where the same lines have another order or number.
  func difference(from before: Snapshot) -> String {
    if self == before { return "" }
    let differences =
      before.lines.filter { !lines.contains($0) }.map { "- \($0)" }
      + lines.filter { !before.lines.contains($0) }.map { "+ \($0)" }
    if !differences.isEmpty { return differences.joined(separator: "\n") }
    let place = zip(lines, before.lines).first { $0 != $1 }
    return "\(before.lines.count) and \(lines.count) lines, first another: \(place.map { "\($1)\n\($0)" } ?? "none")"
  }
}

/// Everything that the tables hold of pods.
func storedRows(_ path: String) throws -> [String] {
  guard access(path, F_OK) == 0 else { return [] }
  let connection = try Connection(path: path, .readOnly)
  return try [
    "SELECT 'pool ' || name || ' ' || configuration FROM pool",
    "SELECT 'free ' || pool || ' ' || hex(first) || '-' || hex(last) FROM free_range",
    "SELECT 'allocated ' || hex(address) || ' ' || container || ' ' || ifname FROM allocation",
    "SELECT 'instance ' || name || ' ' || bridge_index || ' ' || fingerprint FROM instance",
    "SELECT 'attachment ' || container || ' ' || ifname || ' ' || state FROM attachment",
    "SELECT 'interface ' || name || ' ' || host_name || ' ' || hex(addresses) FROM interface",
  ].flatMap { sql -> [String] in
    let statement = try connection.prepare(sql)
    var rows: [String] = []
    while try statement.step() { rows.append(statement.text(0)) }
    return rows.sorted()
  }
}

/// Without what changes by itself: neighbours that are asked for, carriers.
private func settled(_ line: String) -> String? {
  var words = line.split(separator: " ")
  if ["FAILED", "INCOMPLETE", "REACHABLE", "STALE", "DELAY", "PROBE"].contains(words.last) { return nil }
  if let state = words.firstIndex(of: "state"), state + 1 < words.count { words.removeSubrange(state...state + 1) }
  return words.map { word in
    guard word.hasPrefix("<") else { return String(word) }
    let flags = word.dropFirst().dropLast().split(separator: ",")
    return "<" + flags.filter { !["LOWER_UP", "NO-CARRIER"].contains($0) }.joined(separator: ",") + ">"
  }.joined(separator: " ")
}

/// Without what rules have counted, and elements that a set forgets by itself.
private func uncounted(_ line: String) -> String? {
  if line.contains(" expires ") { return nil }
  var words = line.split(separator: " ", omittingEmptySubsequences: false)
  for (index, word) in words.enumerated() where word == "packets" || word == "bytes" { words[index + 1] = "…" }
  return words.joined(separator: " ")
}

extension String {
  var lines: [String] { split(separator: "\n").map(String.init) }
}
