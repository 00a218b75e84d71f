import Glibc
import LinuxSystem

/// A directory of its own, which goes with it.
final class TestDirectory {
  let path: String

  init() {
    var template = Array("/tmp/contrail-system-XXXXXX".utf8CString)
    path = mkdtemp(&template).map { String(cString: $0) } ?? ""
  }

  deinit {
    for name in ["a/b/c", "a/b", "a", "file", "file2", "lock", "socket", "link", "target", "empty", ""] {
      remove("\(path)/\(name)")
    }
  }
}

/// A thread outside the concurrency runtime's, so that it may block.
final class Thread {
  private var thread = pthread_t()

  init(_ body: @escaping () -> Void) {
    let box = Unmanaged.passRetained(Box(body))
    pthread_create(
      &thread, nil,
      { raw in
        Unmanaged<Box>.fromOpaque(raw!).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
  }

  func join() { pthread_join(thread, nil) }
}

private final class Box {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}

func milliseconds(_ count: UInt64) -> UInt64 { count * 1_000_000 }
func soon(_ count: UInt64) -> UInt64 { monotonicNanoseconds() + milliseconds(count) }

/// How long `body` takes, in nanoseconds.
func duration(_ body: () throws -> Void) rethrows -> UInt64 {
  let started = monotonicNanoseconds()
  try body()
  return monotonicNanoseconds() - started
}
