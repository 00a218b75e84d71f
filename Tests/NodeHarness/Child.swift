package import Glibc

/// How a process ended, and what it wrote.
package struct Outcome: Sendable {
  package enum Ending: Hashable, Sendable {
    case exited(Int32)
    case signalled(Int32)
  }
  package var ending: Ending
  package var standardOutput: String
  package var standardError: String

  package var succeeded: Bool { ending == .exited(0) }
}

/// A started process whose pipes are ours.
///
/// Like a runtime it reads the output to its end, so that a process that outlives the plugin with an open output shows
/// as a test that takes too long.
package final class Child: @unchecked Sendable {
  package enum Input: Sendable {
    case text(String)
    case bytes([UInt8])
    case closed
  }
  package struct StartFailure: Error {
    let path: String
    let number: Int32
  }

  package let pid: pid_t
  private var input: [UInt8]
  private var pipes: [pollfd]

  /// Starts `arguments[0]` in `namespace` with exactly this environment and no descriptor but its standard three.
  package init(
    _ arguments: [String], environment: [String: String], input: Input = .text(""), in namespace: NetworkNamespace?
  ) throws {
    ignoreBrokenPipes
    let standardInput = try Self.pipe()
    let output = try Self.pipe()
    let error = try Self.pipe()
    let result = try NetworkNamespace.entering(namespace) {
      Self.spawn(
        arguments, environment,
        descriptors: [(input.isClosed ? -1 : standardInput.read, 0), (output.write, 1), (error.write, 2)])
    }
    for descriptor in [standardInput.read, output.write, error.write] { close(descriptor) }
    self.input =
      switch input {
      case .text(let text): Array(text.utf8)
      case .bytes(let bytes): bytes
      case .closed: []
      }
    pipes = [
      pollfd(fd: standardInput.write, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: output.read, events: Int16(POLLIN), revents: 0),
      pollfd(fd: error.read, events: Int16(POLLIN), revents: 0),
    ]
    switch result {
    case .success(let pid):
      self.pid = pid
      // What fits into the pipe is there from the start, as with a runtime.
      if self.input.count <= 65536 { feed() }
    case .failure(let failure):
      for pipe in pipes { close(pipe.fd) }
      throw failure
    }
  }

  package func kill(_ signal: Int32 = SIGKILL) { _ = Glibc.kill(pid, signal) }

  /// Feeds the input, reads both outputs to their ends and waits; after `deadline` seconds the process is killed.
  package func finish(deadline seconds: Double = 60) -> Outcome {
    var collected: [[UInt8]] = [[], [], []]
    let end = Monotonic.now() + seconds
    if input.isEmpty { closePipe(0) }
    while pipes.contains(where: { $0.fd >= 0 }) {
      let left = end - Monotonic.now()
      if left <= 0 { kill() }
      guard poll(&pipes, nfds_t(pipes.count), left <= 0 ? 1000 : Int32(left * 1000) + 1) > 0 else {
        if left <= 0 { break } else { continue }
      }
      if pipes[0].revents != 0 { feed() }
      for index in 1...2 where pipes[index].revents != 0 { drain(index, into: &collected[index]) }
    }
    for index in pipes.indices { closePipe(index) }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return Outcome(
      ending: status & 0x7f == 0 ? .exited((status >> 8) & 0xff) : .signalled(status & 0x7f),
      standardOutput: String(decoding: collected[1], as: UTF8.self),
      standardError: String(decoding: collected[2], as: UTF8.self))
  }

  private func feed() {
    let count = write(pipes[0].fd, input, min(input.count, 65536))
    if count > 0 { input.removeFirst(count) }
    if count < 0 || input.isEmpty { closePipe(0) }
  }

  private func drain(_ index: Int, into bytes: inout [UInt8]) {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = read(pipes[index].fd, &buffer, buffer.count)
    if count > 0 { bytes += buffer[..<count] } else { closePipe(index) }
  }

  private func closePipe(_ index: Int) {
    if pipes[index].fd >= 0 { close(pipes[index].fd) }
    pipes[index].fd = -1
  }

  private static func pipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    if Glibc.pipe(&ends) != 0 { throw StartFailure(path: "a pipe", number: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func spawn(_ arguments: [String], _ environment: [String: String], descriptors: [(Int32, Int32)])
    -> Result<pid_t, StartFailure>
  {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (descriptor, number) in descriptors where descriptor >= 0 {
      posix_spawn_file_actions_adddup2(&actions, descriptor, number)
    }
    if descriptors[0].0 < 0 { posix_spawn_file_actions_addclose(&actions, 0) }
    // Another thread may be between making a pipe and marking it: a child that held its end would delay its end of file.
    for descriptor: Int32 in 3..<512 { posix_spawn_file_actions_addclose(&actions, descriptor) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    let argumentPointers = arguments.map { strdup($0) } + [nil]
    let environmentPointers = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, arguments[0], &actions, &attributes, argumentPointers, environmentPointers)
    return failure == 0 ? .success(pid) : .failure(StartFailure(path: arguments[0], number: failure))
  }
}

extension Child.Input {
  fileprivate var isClosed: Bool { if case .closed = self { true } else { false } }
}

/// A plugin that never reads its input must not end the tests.
private let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

package enum Monotonic {
  /// Seconds of the monotonic clock.
  package static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  package static func sleep(_ seconds: Double) { usleep(UInt32(max(0, seconds) * 1e6)) }

  /// Waits until something is so, as long as a loaded machine may need for it.
  /// - Returns: whether it is.
  @discardableResult
  package static func wait(atMost seconds: Double = 60, until isSo: () throws -> Bool) rethrows -> Bool {
    let deadline = now() + seconds
    while true {
      if try isSo() { return true }
      if now() > deadline { return false }
      sleep(0.02)
    }
  }
}
