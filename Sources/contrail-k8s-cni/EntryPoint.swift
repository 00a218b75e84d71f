internal import CStartUp
internal import Glibc
internal import LinuxSystem
internal import PluginVerbs

// Wiring only: environment and standard input in, standard output and exit status out.

/// A type with a `main`, and no closures in it: top-level code and such closures belong to the main actor, for which the
/// whole concurrency runtime would be linked.
@main
enum EntryPoint {
  static func main() {
    // What the plugin writes is for root alone.
    _ = umask(0o077)
    let output = Plugin.run(variable: environmentVariable, input: standardInput)
    do throws(Errno) {
      try writeAll(Array(output.standardError.utf8), to: STDERR_FILENO)
      try writeAll(Array(output.standardOutput.utf8), to: STDOUT_FILENO)
    } catch {
      exit(1)
    }
    exit(output.status)
  }
}

nonisolated private func environmentVariable(_ name: String) -> String? {
  unsafe getenv(name).map { unsafe String(cString: $0) }
}

nonisolated private func standardInput() throws(Errno) -> [UInt8] { try readToEnd(STDIN_FILENO, limit: 32 << 20) }
