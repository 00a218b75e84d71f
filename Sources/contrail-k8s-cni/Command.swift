internal import CStartUp
internal import Glibc
internal import LinuxSystem
internal import PluginVerbs
internal import SQLite

@main enum Command {
  static func main() { runPlugin() }
}

/// Wiring only: environment and standard input in, standard output and exit status out.
///
/// A function of its own, because `main` and top-level code belong to the main actor: closures there link the
/// concurrency runtime and libdispatch, half a megabyte.
private func runPlugin() -> Never {
  // What the plugin writes is for root alone.
  _ = umask(0o077)
  configureForOneThread()
  let output = Plugin.run(
    variable: { name in unsafe getenv(name).map { unsafe String(cString: $0) } },
    input: { try readToEnd(STDIN_FILENO, limit: 32 << 20) })
  do throws(Errno) {
    try writeAll(Array(output.standardError.utf8), to: STDERR_FILENO)
    try writeAll(Array(output.standardOutput.utf8), to: STDOUT_FILENO)
  } catch {
    exit(1)
  }
  withExtendedLifetime(output) { exit(output.status) }
}
