internal import CLinux
internal import Glibc
internal import LinuxSystem
internal import PluginVerbs

// Wiring only: environment and standard input in, standard output and exit status out.

let output = Plugin.run(
  variable: { name in unsafe getenv(name).map { unsafe String(cString: $0) } },
  input: { try readToEnd(STDIN_FILENO, limit: 32 << 20) })
do throws(Errno) {
  try writeAll(Array(output.standardError.utf8), to: STDERR_FILENO)
  try writeAll(Array(output.standardOutput.utf8), to: STDOUT_FILENO)
} catch {
  exit(1)
}
exit(output.status)
