import CLinux
import Glibc
import KernelSandbox
import LinuxSystem
import Testing

/// Makes the calling thread, which must be one of an exit test, a node: a network namespace of its own, and a `/run` of
/// its own. All of it goes with the process.
func becomeNode() {
  Sandbox.enterNode()
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
  // Duplicate address detection ends at one, too.
  for name in ["dad_transmits", "accept_dad"] { try Sysctl("net/ipv6/conf/default/\(name)").write("0") }
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
  Sandbox.run(arguments, input: input)
}
