import Glibc
import LinuxSystem
import Testing

/// The corresponding C constant is `RUSAGE_THREAD`.
private let ofThisThread = __rusage_who_t(1)

/// An exclusive lock excludes every other, shared ones get along; who waits, waits in the kernel and not for ever.
struct LockFileTests {
  @Test func whoExcludesWhom() throws {
    let directory = TestDirectory()
    let path = directory.path + "/lock"
    for (first, second, isAllowed) in [
      (LockFile.Mode.exclusive, LockFile.Mode.exclusive, false), (.exclusive, .shared, false),
      (.shared, .exclusive, false), (.shared, .shared, true), (.intent, .shared, false), (.intent, .exclusive, false),
      (.intent, .intent, false), (.shared, .intent, true), (.exclusive, .intent, false),
    ] {
      // A child that another test starts has the former one for a moment, until it executes.
      let lock = try LockFile(path: path, first, deadline: soon(20_000))
      var isTaken = false
      do {
        let other = try LockFile(path: path, second, deadline: 0)
        extendLifetime(other)
        isTaken = true
      } catch {}
      #expect(isTaken == isAllowed, "\(second) beside \(first)")
      extendLifetime(lock)
    }
    // All of them are given back.
    extendLifetime(try LockFile(path: path, .exclusive, deadline: soon(20_000)))
    #expect(try LockFile.isFree(path: path))
  }

  @Test func theDeadlinePassesAndNamesTheHolder() throws {
    let directory = TestDirectory()
    let path = directory.path + "/lock"
    do {
      extendLifetime(
        try LockFile(path: path, .exclusive, deadline: soon(20_000), note: "a longer note of an earlier holder"))
    }
    let held = try LockFile(path: path, .exclusive, deadline: soon(20_000), note: "process 4711, ADD")
    for wait in [0, 150] as [UInt64] {
      var shortest = UInt64.max
      // A loaded machine runs whoever waited later, but not always by a second.
      for _ in 0..<5 {
        var failure: LockFile.Failure?
        let waited = duration {
          do throws(LockFile.Failure) {
            extendLifetime(try LockFile(path: path, .shared, deadline: soon(wait)))
          } catch {
            failure = error
          }
        }
        guard case .timedOut(path, "process 4711, ADD") = failure else {
          Issue.record("\(String(describing: failure))")
          continue
        }
        #expect(waited >= milliseconds(wait))
        shortest = min(shortest, waited)
      }
      #expect(shortest < milliseconds(wait + 1000), "\(wait): \(shortest)")
    }
    #expect(try !LockFile.isFree(path: path))
    extendLifetime(held)
  }

  /// A waiter sleeps until the lock is free: it does not look again and again.
  @Test func waitingIsSleeping() throws {
    let directory = TestDirectory()
    let path = directory.path + "/lock"
    nonisolated(unsafe) var switches = Int.max
    nonisolated(unsafe) var waited: UInt64 = 0
    var lock = Optional(try LockFile(path: path, .exclusive, deadline: soon(20_000)))
    let thread = Thread {
      var before = rusage()
      var after = rusage()
      getrusage(ofThisThread, &before)
      waited = duration {
        do { extendLifetime(try LockFile(path: path, .exclusive, deadline: soon(20_000))) } catch {}
      }
      getrusage(ofThisThread, &after)
      switches = after.ru_nvcsw - before.ru_nvcsw
    }
    usleep(400_000)
    extendLifetime(lock)
    lock = nil
    thread.join()
    #expect(waited > milliseconds(200) && waited < milliseconds(10_000))
    #expect(switches < 20, "\(switches) times asleep")
  }

  /// Those who share the lock do not keep it, one after the other, from who waits for all of it.
  @Test func whoWaitsForAllOfItComesFirst() throws {
    let directory = TestDirectory()
    let path = directory.path + "/lock"
    nonisolated(unsafe) var isTaken = false
    var shared = Optional(try LockFile(path: path, .shared, deadline: soon(20_000)))
    let thread = Thread {
      do {
        let lock = try LockFile(path: path, .exclusive, deadline: soon(40_000))
        isTaken = true
        extendLifetime(lock)
      } catch {}
    }
    var isRefused = false
    let deadline = soon(20_000)
    while !isRefused, monotonicNanoseconds() < deadline {
      usleep(1000)
      do { extendLifetime(try LockFile(path: path, .shared, deadline: 0)) } catch { isRefused = true }
    }
    #expect(isRefused && !isTaken)
    extendLifetime(shared)
    shared = nil
    thread.join()
    #expect(isTaken)
    extendLifetime(try LockFile(path: path, .shared, deadline: soon(20_000)))
  }

  /// Who has a lock with intent gets it alone when those who share it have gone, and shares it again without anybody having
  /// it alone in between.
  @Test func fromIntentToAllOfItToShared() throws {
    let directory = TestDirectory()
    let path = directory.path + "/lock"
    func isFree(_ mode: LockFile.Mode) -> Bool {
      do { extendLifetime(try LockFile(path: path, mode, deadline: 0)) } catch { return false }
      return true
    }
    var shared = Optional(try LockFile(path: path, .shared, deadline: soon(20_000)))
    let lock = try LockFile(path: path, .intent, deadline: soon(20_000))
    #expect(throws: LockFile.Failure.self) { try lock.becomeExclusive(deadline: soon(100)) }
    // What it had it has still.
    #expect(!isFree(.exclusive) && !isFree(.intent))
    nonisolated(unsafe) var isTaken = false
    let thread = Thread {
      do {
        let other = try LockFile(path: path, .exclusive, deadline: soon(40_000))
        isTaken = true
        extendLifetime(other)
      } catch {}
    }
    extendLifetime(shared)
    shared = nil
    try lock.becomeExclusive(deadline: soon(20_000))
    #expect(!isFree(.shared) && !isTaken)
    try lock.share()
    // Who waits for all of it comes before others who share it, and after this one.
    let deadline = soon(20_000)
    while isFree(.shared), monotonicNanoseconds() < deadline { usleep(1000) }
    #expect(!isFree(.shared) && !isTaken)
    _ = consume lock
    thread.join()
    #expect(isTaken && isFree(.exclusive))
  }

  @Test func manyWithIntentShareItInTheEnd() throws {
    let directory = TestDirectory()
    let path = directory.path + "/lock"
    let first = try LockFile(path: path, .intent, deadline: 0)
    try first.becomeExclusive(deadline: 0)
    try first.share()
    let second = try LockFile(path: path, .intent, deadline: 0)
    try second.share()
    extendLifetime(try LockFile(path: path, .shared, deadline: 0))
    extendLifetime(first)
    extendLifetime(second)
  }

  /// A holder may remove the file: who waited for it must not believe to have the lock of the file that is there now.
  @Test func aRemovedFileGuardsNothing() throws {
    let directory = TestDirectory()
    let path = directory.path + "/lock"
    nonisolated(unsafe) var inode: UInt64 = 0
    var lock = Optional(try LockFile(path: path, .exclusive, deadline: 0))
    let before = try FileStatus(path: path).inode
    // Keeps the inode's number from being given to the new file.
    let keeper = try OwnedDescriptor(path: path, .read)
    let thread = Thread {
      do {
        let mine = try LockFile(path: path, .exclusive, deadline: soon(10_000))
        inode = try FileStatus(path: path).inode
        extendLifetime(mine)
      } catch {}
    }
    usleep(100_000)
    try lock!.removeFile()
    lock = nil
    thread.join()
    #expect(inode != 0 && inode != before)
    extendLifetime(keeper)
  }

  @Test func aKilledHolderLetsGo() async throws {
    let directory = TestDirectory()
    let path = directory.path + "/lock"
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let lock = try LockFile(path: path, .exclusive, deadline: 0, note: "doomed")
      kill(getpid(), SIGKILL)
      extendLifetime(lock)
    }
    #expect(try readFile(path) == Array("doomed".utf8))
    extendLifetime(try LockFile(path: path, .exclusive, deadline: 0))
  }

  /// Threads that add to a number in a file, each reading and writing it under the lock, lose no addition.
  @Test func nobodyElseIsInside() throws {
    let directory = TestDirectory()
    let path = directory.path + "/lock"
    nonisolated(unsafe) var number = 0
    let threads = (0..<6).map { _ in
      Thread {
        for _ in 0..<40 {
          do {
            let lock = try LockFile(path: path, .exclusive, deadline: soon(30_000))
            let seen = number
            if seen % 3 == 0 { sched_yield() }
            number = seen + 1
            if seen % 7 == 0 { try lock.removeFile() }
            extendLifetime(lock)
          } catch {}
        }
      }
    }
    for thread in threads { thread.join() }
    #expect(number == 240)
  }

  @Test func filesThatCannotBeLocks() throws {
    let directory = TestDirectory()
    let path = directory.path + "/lock"
    symlink("/etc/passwd", path)
    func failure(_ path: String) -> Errno? {
      do { extendLifetime(try LockFile(path: path, .exclusive, deadline: 0, note: "x")) } catch {
        if case .system(path, let errno) = error { return errno }
      }
      return nil
    }
    #expect(failure(path) == .tooManyLinks)
    #expect(failure(directory.path + "/missing/lock") == .noSuchFile)
    #expect(throws: Errno.tooManyLinks) { _ = try LockFile.isFree(path: path) }
    #expect(try LockFile.isFree(path: directory.path + "/never-made"))
    #expect(access(directory.path + "/never-made", F_OK) != 0)
  }
}
