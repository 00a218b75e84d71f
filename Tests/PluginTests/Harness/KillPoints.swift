/// The system calls at which a process can be killed with a different state left behind each time.
struct KillPoint: Hashable, Sendable, CustomStringConvertible {
  let call: String
  /// The how manieth call of this kind in its process.
  let occurrence: Int

  var description: String { "\(call) #\(occurrence)" }

  /// What a kill before any other call leaves is left by a kill before one of these as well.
  private static let effective: Set<Substring> = [
    "openat", "mkdir", "mkdirat", "unlink", "unlinkat", "rename", "renameat", "renameat2", "ftruncate", "write",
    "writev", "pwrite64", "fsync", "fdatasync", "fcntl", "flock", "setns", "socket", "bind", "sendto", "sendmsg",
    "recvfrom", "recvmsg", "mount", "umount2", "unshare", "clone", "clone3", "vfork", "exit", "exit_group",
  ]

  /// All points of an undisturbed call, as strace saw it.
  static func all(of environment: [String: String], _ input: Child.Input, on node: Node) throws -> [KillPoint] {
    try all(on: node) { try node.start(environment, input, wrapper: $0) }
  }

  /// All points of a process that is started behind a wrapper.
  static func all(on node: Node, _ start: ([String]) throws -> Child) throws -> [KillPoint] {
    let trace = "\(node.directory)/trace"
    let outcome = try start(["/usr/bin/strace", "-f", "-o", trace]).finish()
    guard outcome.succeeded else { throw NetworkNamespace.Failure(message: "strace: \(outcome)") }
    var counts: [String: Int] = [:]
    var points: [KillPoint] = []
    for line in try readFile(trace).lines {
      // 4711  openat(AT_FDCWD, …
      // A kernel parameter is written again and again while somebody else changes the networks.
      if line.contains("ERESTART") { continue }
      guard let space = line.firstIndex(of: " "), let parenthesis = line.firstIndex(of: "(") else { continue }
      let call = line[space..<parenthesis].drop { $0 == " " }
      guard effective.contains(call) else { continue }
      let key = "\(line[..<space]) \(call)"
      counts[key, default: 0] += 1
      let point = KillPoint(call: String(call), occurrence: counts[key]!)
      if !points.contains(point) { points.append(point) }
    }
    return points
  }

  /// Runs the plugin and kills it at the entry of this call, which is then not made.
  func run(_ environment: [String: String], _ input: Child.Input, on node: Node) throws -> Outcome {
    try node.start(environment, input, wrapper: wrapper).finish()
  }

  /// What kills a process that is started behind it.
  var wrapper: [String] {
    let trace = ["/usr/bin/strace", "-f", "-o", "/dev/null", "-e", "trace=\(call)"]
    return trace + ["-e", "inject=\(call):signal=SIGKILL:when=\(occurrence)"]
  }
}
