import CLinux
import Glibc
import LinuxSystem
import Testing

/// The corresponding C constant is `CLONE_NEWNS`.
private let cloneNewMounts: Int32 = 0x0002_0000
private let mountPrivate: UInt = 1 << 18
private let mountRecursive: UInt = 1 << 14

/// Makes the calling thread, which must be one of an exit test, a node: a network namespace of its own, and a `/run` of
/// its own. All of it goes with the process.
func becomeNode() throws {
  try system(unshare(cloneNewMounts))
  try system(mount("none", "/", nil, mountPrivate | mountRecursive, nil))
  try system(mount("tmpfs", "/run", "tmpfs", 0, nil))
  try system(unshare(clinux_clone_newnet))
  run("ip", "link", "set", "lo", "up")
}

/// Opens a new network namespace; the calling thread stays where it is.
func newNamespace() throws -> Int32 {
  let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
  defer { close(home) }
  try system(unshare(clinux_clone_newnet))
  run("ip", "link", "set", "lo", "up")
  // A router solicitation, sent at a random moment, makes its sender known to the node.
  try Sysctl("net/ipv6/conf/default/router_solicitations").write("0")
  let namespace = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
  try system(setns(home, clinux_clone_newnet))
  return namespace
}

/// Runs `body` with the calling thread inside a namespace.
@discardableResult
func inside<Result>(_ namespace: Int32, _ body: () throws -> Result) throws -> Result {
  let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
  defer { close(home) }
  try system(setns(namespace, clinux_clone_newnet))
  defer { if setns(home, clinux_clone_newnet) != 0 { abort() } }
  return try body()
}

func system(_ result: Int32) throws { if result != 0 { throw Errno.current } }

/// Runs a program in the calling thread's namespace, which must succeed, and returns what it printed.
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
  let argv = arguments.map { strdup($0) } + [nil]
  defer { for argument in argv { free(argument) } }
  var pid: pid_t = 0
  let status = posix_spawnp(&pid, arguments[0], &actions, nil, argv, environ)
  precondition(status == 0, "\(arguments[0]): \(Errno(rawValue: status))")
  posix_spawn_file_actions_destroy(&actions)
  close(output[1])
  close(standardInput[0])
  if let input { _ = write(standardInput[1], input, input.utf8.count) }
  close(standardInput[1])
  let bytes = (try? readToEnd(output[0], limit: 16 << 20)) ?? []
  close(output[0])
  var result: Int32 = 0
  waitpid(pid, &result, 0)
  let text = String(decoding: bytes, as: UTF8.self)
  if result != 0 { Issue.record("\(arguments) failed: \(text)") }
  return text
}
