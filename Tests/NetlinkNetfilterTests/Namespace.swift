import KernelSandbox
import Netlink

func connect() throws -> Connection { try Connection(opening: .netfilter) }

/// Runs a program, which must succeed, and returns what it printed.
@discardableResult
func run(_ arguments: String..., input: String? = nil) -> String {
  Sandbox.run(arguments, input: input)
}

/// What `nft` prints for the namespace's ruleset, without indentation and empty lines.
func listing() -> String {
  run("nft", "list", "ruleset").split(separator: "\n").map { line in
    String(line.drop { $0 == "\t" || $0 == " " })
  }.joined(separator: "\n")
}
