internal import CLinux
internal import Glibc

/// A held lock on a file, given back when its owner goes.
///
/// The lock belongs to the open file description (`F_OFD_SETLK`), so the kernel releases it only when the process that
/// holds it is really gone: a killed process keeps it until its last system call has returned.
package struct LockFile: ~Copyable {
  private let descriptor: OwnedDescriptor
  private let path: String

  package enum Mode: Sendable {
    case shared, exclusive
    /// Beside those who share the lock already, for who may have to have it alone: nobody else gets it before it is shared
    /// or given back.
    case intent
  }

  /// Why a lock was not taken.
  package enum Failure: Error {
    /// The deadline passed; what the holder wrote into the file.
    case timedOut(path: String, holder: String)
    case system(path: String, Errno)
  }

  /// Waits for the lock in the kernel, at most until `deadline` (monotonic nanoseconds).
  ///
  /// - Parameter note: written into the file by who does not share the lock, so that those who wait can say for whom.
  package init(path: String, _ mode: Mode, deadline: UInt64, note: String = "") throws(Failure) {
    while true {
      do {
        let file = try OwnedDescriptor(path: path, [.readWrite, .create, .noFollow])
        let taken = try Self.lock(file.rawValue, mode, deadline: deadline)
        guard taken else {
          // What the file says, not the path: another one may have taken its place.
          throw Failure.timedOut(path: path, holder: String(decoding: try file.contents(limit: 4096), as: UTF8.self))
        }
        // A holder removes the file before it lets go: a lock on a removed file guards nothing.
        let status = try file.status()
        if status.links == 0 { continue }
        // Nothing of somebody else's is written to.
        guard status.isRegularFile, status.links == 1 else { throw Failure.system(path: path, .invalidArgument) }
        if mode != .shared && !note.isEmpty { try file.overwrite(Array(note.utf8), size: status.size) }
        descriptor = file
        self.path = path
        return
      } catch let error as Failure {
        throw error
      } catch {
        throw .system(path: path, error as? Errno ?? .ioError)
      }
    }
  }

  /// Waits for those who share the lock to give it back, and has it alone then. It is held with intent.
  ///
  /// There can be no other who waits for the same; those who share it must not wait for a lock that the caller holds.
  package borrowing func becomeExclusive(deadline: UInt64) throws(Failure) {
    do {
      if try Self.attempt(descriptor.rawValue, .exclusive, .rest) { return }
      let timer = try DeadlineSignal(deadline)
      defer { timer.cancel() }
      // Those who share it leave no note.
      guard try Self.wait(descriptor.rawValue, .exclusive, .rest, deadline) else {
        throw Failure.timedOut(path: path, holder: "")
      }
    } catch let error as Failure {
      throw error
    } catch {
      throw .system(path: path, error as? Errno ?? .ioError)
    }
  }

  /// Lets others share the lock from now on, which is held with intent or exclusively. Nobody has it alone in between.
  package borrowing func share() throws(Failure) {
    do throws(Errno) {
      guard try Self.attempt(descriptor.rawValue, .shared, .rest) else { throw .ioError }
      try Self.leaveTurnstile(descriptor.rawValue)
    } catch {
      throw .system(path: path, error)
    }
  }

  /// Removes the file while the lock is held, so that nobody waits for a lock on it.
  package borrowing func removeFile() throws(Failure) {
    do { try LinuxSystem.removeFile(path) } catch {
      if error != .noSuchFile { throw .system(path: path, error) }
    }
  }

  /// Whether the lock at `path` is free now; a missing file is a free lock.
  package static func isFree(path: String) throws(Errno) -> Bool {
    guard let file = try? OwnedDescriptor(path: path, [.readWrite, .noFollow]) else {
      if Errno.current == .noSuchFile { return true }
      throw .current
    }
    return try attempt(file.rawValue, .exclusive)
  }

  /// The parts of the file that a lock is taken on.
  ///
  /// Whoever waits for an exclusive lock has the turnstile already, through which those who share the lock pass: one after
  /// the other, they would otherwise keep it from him as long as they come. Who has the turnstile and shares the rest has it
  /// with intent.
  private enum Part { case all, turnstile, rest }

  private static func lock(_ file: Int32, _ mode: Mode, deadline: UInt64) throws(Errno) -> Bool {
    if try !attempt(file, mode) {
      let timer = try DeadlineSignal(deadline)
      defer { timer.cancel() }
      guard try wait(file, mode == .shared ? .shared : .exclusive, .turnstile, deadline),
        try wait(file, mode == .exclusive ? .exclusive : .shared, .rest, deadline)
      else { return false }
    }
    if mode == .shared { try leaveTurnstile(file) }
    return true
  }

  private static func wait(_ file: Int32, _ mode: Mode, _ part: Part, _ deadline: UInt64) throws(Errno) -> Bool {
    while monotonicNanoseconds() < deadline {
      var request = request(mode, part)
      if unsafe fcntl(file, clinux_f_ofd_setlkw, &request) == 0 { return true }
      if errno != EINTR { throw .current }
    }
    return false
  }

  private static func attempt(_ file: Int32, _ mode: Mode) throws(Errno) -> Bool {
    guard mode == .intent else { return try attempt(file, mode, .all) }
    guard try attempt(file, .exclusive, .turnstile) else { return false }
    return try attempt(file, .shared, .rest)
  }

  private static func attempt(_ file: Int32, _ mode: Mode, _ part: Part) throws(Errno) -> Bool {
    var request = request(mode, part)
    if unsafe fcntl(file, clinux_f_ofd_setlk, &request) == 0 { return true }
    if errno == EAGAIN || errno == EACCES { return false }
    throw .current
  }

  private static func leaveTurnstile(_ file: Int32) throws(Errno) {
    var request = request(.shared, .turnstile)
    request.l_type = Int16(F_UNLCK)
    if unsafe fcntl(file, clinux_f_ofd_setlk, &request) != 0 { throw .current }
  }

  private static func request(_ mode: Mode, _ part: Part) -> flock {
    var request = flock()
    request.l_type = Int16(mode == .shared ? F_RDLCK : F_WRLCK)
    request.l_whence = Int16(SEEK_SET)
    request.l_start = part == .rest ? 1 : 0
    // 0 is up to the end.
    request.l_len = part == .turnstile ? 1 : 0
    return request
  }
}

/// A timer whose signal interrupts a blocking system call of the calling thread from `deadline` on, every 10 ms, so that a
/// signal that arrives just before the call is not the only one.
@safe private struct DeadlineSignal {
  private var timer: timer_t?
  private var maskBefore = sigset_t()

  init(_ deadline: UInt64) throws(Errno) {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in }
    unsafe sigaction(SIGALRM, &action, nil)
    // A thread may have been started with the signal blocked.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGALRM)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, &maskBefore)
    // A signal to the process might be taken by another of its threads.
    var event = unsafe sigevent()
    unsafe event.sigev_notify = clinux_sigev_thread_id
    unsafe event.sigev_signo = SIGALRM
    unsafe event._sigev_un._tid = gettid()
    guard unsafe timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 else { throw .current }
    let first = max(1, deadline)
    var schedule = itimerspec()
    schedule.it_value = timespec(tv_sec: Int(first / 1_000_000_000), tv_nsec: Int(first % 1_000_000_000))
    schedule.it_interval = timespec(tv_sec: 0, tv_nsec: 10_000_000)
    guard unsafe timer_settime(timer, Int32(TIMER_ABSTIME), &schedule, nil) == 0 else { throw .current }
  }

  consuming func cancel() {
    unsafe timer_delete(timer)
    unsafe pthread_sigmask(SIG_SETMASK, &maskBefore, nil)
  }
}
