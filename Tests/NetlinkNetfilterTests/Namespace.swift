import CLinux
import Glibc
import LinuxSystem
import Netlink
import Testing

/// Moves the calling process, which must be one of an exit test, into a new network namespace.
func enterNewNetworkNamespace() {
  precondition(unshare(cloneNewNetwork) == 0, "unshare: \(Errno.current)")
}

/// The corresponding C constant is `CLONE_NEWNET`, which the header hides behind a feature macro.
private let cloneNewNetwork: Int32 = 0x4000_0000

func connect() throws -> Connection { try Connection(opening: .netfilter) }

/// Runs a program, which must succeed, and returns what it printed.
@discardableResult
func run(_ arguments: String..., input: String? = nil) -> String {
  var output: [Int32] = [0, 0]
  var standardInput: [Int32] = [0, 0]
  precondition(pipe(&output) == 0 && pipe(&standardInput) == 0)
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  posix_spawn_file_actions_adddup2(&actions, standardInput[0], 0)
  posix_spawn_file_actions_adddup2(&actions, output[1], 1)
  posix_spawn_file_actions_adddup2(&actions, output[1], 2)
  for descriptor in output + standardInput { posix_spawn_file_actions_addclose(&actions, descriptor) }
  var argv = arguments.map { strdup($0) } + [nil]
  var pid: pid_t = 0
  let status = posix_spawnp(&pid, arguments[0], &actions, nil, &argv, environ)
  precondition(status == 0, "\(arguments[0]): \(Errno(rawValue: status))")
  close(output[1])
  close(standardInput[0])
  if let input { _ = write(standardInput[1], input, input.utf8.count) }
  close(standardInput[1])
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  while case let count = read(output[0], &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
  close(output[0])
  var result: Int32 = 0
  waitpid(pid, &result, 0)
  let text = String(decoding: bytes, as: UTF8.self)
  if result != 0 { Issue.record("\(arguments) failed: \(text)") }
  return text
}

/// What `nft` prints for the namespace's ruleset, without indentation and empty lines.
func listing() -> String {
  run("nft", "list", "ruleset").split(separator: "\n").map { line in
    String(line.drop { $0 == "\t" || $0 == " " })
  }.joined(separator: "\n")
}

/// Fails with both values shown where they differ: exit tests do not report the values of an expectation.
func expectEqual<Value: Equatable>(_ value: Value, _ expected: Value, line: Int = #line) {
  if value != expected { Issue.record("line \(line): got\n\(value)\nexpected\n\(expected)") }
}
