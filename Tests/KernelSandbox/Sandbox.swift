import CLinux
import Glibc
import LinuxSystem
import Testing

/// Namespaces for exit tests, which must not share theirs with other tests.
package enum Sandbox {
  /// Moves the calling process into a new network namespace.
  package static func enterNetwork() {
    LastWords.areHeard()
    precondition(unshare(newNetwork) == 0, "unshare: \(Errno.current)")
  }

  /// Moves the calling process into mounts of its own, with an empty `/run`.
  package static func enterMounts(options: String = "") {
    LastWords.areHeard()
    precondition(unshare(newMounts) == 0, "unshare: \(Errno.current)")
    precondition(mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0, "mount: \(Errno.current)")
    precondition(mount("tmpfs", "/run", "tmpfs", 0, options) == 0, "mount: \(Errno.current)")
  }

  /// Moves the calling process into new network and mount namespaces, in which `ip netns add` leaves no traces.
  package static func enterNode() {
    enterMounts()
    enterNetwork()
    run("ip", "link", "set", "lo", "up")
  }

  /// Makes a network namespace, in which `body` is run; the calling thread stays where it is.
  package static func makeNetwork(_ body: () throws -> Void = {}) rethrows -> Int32 {
    try staying {
      enterNetwork()
      run("ip", "link", "set", "lo", "up")
      try body()
      return open(own, O_RDONLY | O_CLOEXEC)
    }
  }

  /// Runs `body` with the calling thread inside a namespace.
  @discardableResult
  package static func inside<Result>(_ namespace: Int32, _ body: () throws -> Result) rethrows -> Result {
    try staying {
      precondition(setns(namespace, newNetwork) == 0, "setns: \(Errno.current)")
      return try body()
    }
  }

  /// Runs `body` with the calling thread inside the namespace that a file stands for.
  @discardableResult
  package static func inside<Result>(_ path: String, _ body: () throws -> Result) rethrows -> Result {
    let namespace = open(path, O_RDONLY | O_CLOEXEC)
    defer { close(namespace) }
    return try inside(namespace, body)
  }

  private static func staying<Result>(_ body: () throws -> Result) rethrows -> Result {
    let home = open(own, O_RDONLY | O_CLOEXEC)
    defer {
      precondition(setns(home, newNetwork) == 0, "setns: \(Errno.current)")
      close(home)
    }
    return try body()
  }

  /// Runs a program, which must succeed, and returns what it printed.
  @discardableResult
  package static func run(_ arguments: String..., input: String? = nil) -> String { run(arguments, input: input) }

  @discardableResult
  package static func run(_ arguments: [String], input: String? = nil) -> String {
    var output: [Int32] = [0, 0]
    var standardInput: [Int32] = [0, 0]
    precondition(pipe(&output) == 0 && pipe(&standardInput) == 0, "pipe: \(Errno.current)")
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

  /// Fails with both values shown where they differ: exit tests do not report the values of an expectation.
  package static func expectEqual<Value: Equatable>(_ value: Value, _ expected: Value, line: Int = #line) {
    if value != expected { Issue.record("line \(line): got\n\(value)\nexpected\n\(expected)") }
  }

  package static func writeFile(_ path: String, _ text: String) {
    let file = open(path, O_WRONLY)
    if file < 0 || write(file, text, text.utf8.count) < 0 { Issue.record("\(path): \(errno)") }
    close(file)
  }

  private static let own = "/proc/thread-self/ns/net"
  /// The corresponding C constant is `CLONE_NEWNET`, which the header hides behind a feature macro.
  private static let newNetwork: Int32 = 0x4000_0000
  /// The corresponding C constant is `CLONE_NEWNS`.
  private static let newMounts: Int32 = 0x0002_0000
}
