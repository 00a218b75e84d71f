import Glibc
import JSON

/// A system call about a file, a directory or a namespace that can be made to fail in a process, with each of some errors.
struct FaultPoint: Hashable, CustomStringConvertible {
  let call: String
  /// The how manieth call of this kind in its process.
  let occurrence: Int
  /// What it is about, by its kind.
  let subject: String

  var description: String { "\(call) #\(occurrence) of \(subject)" }

  /// What the kernel may say to it.
  var errors: [String] { Self.errors[call] ?? [] }

  private static let errors = [
    "openat": ["EIO", "EMFILE", "EACCES", "EROFS", "ENOSPC", "ENOMEM"], "newfstatat": ["EIO", "EACCES", "ENOMEM"],
    "read": ["EIO"], "pread64": ["EIO"], "write": ["ENOSPC", "EIO"], "pwrite64": ["ENOSPC", "EIO", "EROFS"],
    "ftruncate": ["EIO", "EROFS"], "fsync": ["EIO"], "fdatasync": ["EIO"], "fcntl": ["ENOLCK", "EIO"],
    "getdents64": ["EIO"], "mkdir": ["ENOSPC", "EROFS", "EACCES"], "unlink": ["EIO", "EROFS", "EBUSY"],
    "rename": ["EIO", "ENOSPC"], "mount": ["ENOMEM", "EPERM"], "umount2": ["EBUSY", "EIO"],
    "unshare": ["ENOSPC", "ENOMEM"], "setns": ["EPERM", "ENOMEM"], "clone": ["EAGAIN", "ENOMEM"],
  ]

  /// All points of an undisturbed call of the plugin, as strace saw it, from where it has read its input.
  static func all(of environment: [String: String], _ input: Child.Input, on node: Node) throws -> [FaultPoint] {
    let trace = "\(node.directory)/trace"
    let wrapper = ["/usr/bin/strace", "-f", "-y", "-o", trace]
    let outcome = try node.start(environment, input, wrapper: wrapper).finish()
    guard outcome.succeeded else { throw NetworkNamespace.Failure(message: "strace: \(outcome)") }
    var counts: [String: Int] = [:]
    var points: [FaultPoint] = []
    var hasRead = false
    for line in try readFile(trace).lines {
      // 4711  openat(AT_FDCWD</tmp>, "/tmp/…", …
      guard let space = line.firstIndex(of: " "), let parenthesis = line.firstIndex(of: "(") else { continue }
      let call = String(line[space..<parenthesis].drop { $0 == " " })
      guard errors[call] != nil else { continue }
      let arguments = line[line.index(after: parenthesis)...]
      counts["\(line[..<space]) \(call)", default: 0] += 1
      if call == "read" && arguments.hasPrefix("0<") { hasRead = true }
      guard hasRead, let subject = subject(of: call, arguments, on: node) else { continue }
      let point = FaultPoint(call: call, occurrence: counts["\(line[..<space]) \(call)"]!, subject: subject)
      if !points.contains(point) { points.append(point) }
    }
    return points
  }

  /// Of those that are of the same kind the first or the last.
  static func some(of points: [FaultPoint], last: Bool) -> [FaultPoint] {
    points.filter { point in
      let like = points.filter { $0.call == point.call && $0.subject == point.subject }
      return point == (last ? like.last : like.first)
    }
  }

  /// A thread that cannot go back to the node's namespace does not go on: that is left out.
  private static func subject(of call: String, _ arguments: Substring, on node: Node) -> String? {
    if ["unshare", "clone"].contains(call) { return "a namespace or process" }
    let first = arguments.split(separator: "<", maxSplits: 1).last?.split(separator: ">").first.map(String.init) ?? ""
    let isPath = ["openat", "newfstatat", "mkdir", "unlink", "rename", "mount", "umount2"].contains(call)
    let quoted = arguments.split(separator: "\"", omittingEmptySubsequences: false)
    let path = isPath && quoted.count > 1 && !quoted[1].isEmpty ? String(quoted[1]) : first
    let kinds = [
      ("\(node.runDirectory)/locks/", "a lock"), ("\(node.runDirectory)/netns", "a pin"),
      ("\(node.runDirectory)/attachments.db-journal", "the store's journal"),
      ("\(node.runDirectory)/", "the store or its directories"), ("\(node.stateDirectory)/", "the definitions"),
      (node.directory, "the log"), ("/proc/sys/net/", "a setting"), ("/proc/thread-self/", "the own namespace"),
      ("/proc/sys/kernel/", "the boot's ID"), ("/run/netns/", "a pod's namespace"),
    ]
    if path.hasPrefix("\(node.runDirectory)/locks/") {
      let file = path.dropFirst(node.runDirectory.utf8.count + 7)
      return "the lock of \(file.prefix { $0 != "-" })"
    }
    return kinds.first { path.hasPrefix($0.0) }?.1
  }

  /// Runs the plugin with this call failing, which is then not made.
  ///
  /// - Parameter isLasting: whether all later ones of this kind fail as well.
  /// - Returns: how it ended, and whether the call came.
  func run(
    _ error: String, isLasting: Bool = false, _ environment: [String: String], _ input: Child.Input, on node: Node
  ) throws -> (outcome: Outcome, wasHit: Bool) {
    let trace = "\(node.directory)/trace"
    let wrapper = [
      "/usr/bin/strace", "-f", "-o", trace, "-e", "trace=\(call)", "-e",
      "inject=\(call):error=\(error):when=\(occurrence)\(isLasting ? "+" : "")",
    ]
    let outcome = try node.start(environment, input, wrapper: wrapper).finish()
    return (outcome, try readFile(trace).contains("(INJECTED)"))
  }
}
