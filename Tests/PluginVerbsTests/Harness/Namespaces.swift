import CLinux
import Glibc
import KernelSandbox
import LinuxSystem
import Testing

/// Makes the calling thread, which must be one of an exit test, a node: a network namespace of its own, and a `/run` of
/// its own. All of it goes with the process.
func becomeNode() { Sandbox.enterNode() }

/// Opens a new network namespace; the calling thread stays where it is.
func newNamespace() throws -> Int32 {
  try Sandbox.makeNetwork {
    // A router solicitation, sent at a random moment, makes its sender known to the node; the end of duplicate address
    // detection sends one, too.
    for name in ["router_solicitations", "dad_transmits", "accept_dad"] {
      try Sysctl("net/ipv6/conf/default/\(name)").write("0")
    }
  }
}

/// Runs `body` with the calling thread inside a namespace.
@discardableResult
func inside<Result>(_ namespace: Int32, _ body: () throws -> Result) throws -> Result {
  try Sandbox.inside(namespace, body)
}

func system(_ result: Int32) throws { if result != 0 { throw Errno.current } }

/// Runs a program in the calling thread's namespace, which must succeed, and returns what it printed.
@discardableResult
func run(_ arguments: String..., input: String? = nil) -> String {
  Sandbox.run(arguments, input: input)
}
